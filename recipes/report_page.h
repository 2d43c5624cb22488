// The fixed parts of report.html: nothing in them depends on a run.
#pragma once

namespace r1::recipes {

// Light and dark by the reader's system; printed in light.
extern const char* const kReportStyle;
// Draws every chart of the JSON in #run-data into the .charts elements, in order.
extern const char* const kReportScript;

}  // namespace r1::recipes
