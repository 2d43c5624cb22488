// report.html: one self-contained page that shows what a run did.
#pragma once

#include <filesystem>

namespace r1::recipes {

// Reads what lies in a run folder (recipe.resolved.json, metrics.jsonl, <stage>/artifact.json, <stage>/completions/*.jsonl, <stage>/eval.json) and replaces
// report.html. Works on unfinished runs. Throws DataError when the folder is no run folder.
void write_report(const std::filesystem::path& run_folder);

}  // namespace r1::recipes
