// The table of languages. Another one is another row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace r1::rewards::code {

struct Language {
  std::string name;                 // in rows: "python", "cpp"
  std::vector<std::string> fences;  // info strings of code blocks that hold it
  // Shell command that compiles its standard input to the file `program`; empty: the driver reads
  // the source (Python).
  std::string compile;
};

const std::vector<Language>& languages();
const Language* find_language(std::string_view name);  // null when there is none

enum class ExtractReason { kFound, kNoBlock, kUnclosedBlock, kOtherLanguage, kEmpty };
const char* extract_reason_text(ExtractReason reason);

struct Extraction {
  ExtractReason reason = ExtractReason::kNoBlock;
  std::string source;
};
// The last fenced code block (``` or ~~~, CommonMark) whose info string is empty or names the
// language. After a closed think block only what follows it is looked at.
Extraction extract(std::string_view completion, const Language& language);

}  // namespace r1::rewards::code
