// Which curves the report draws, with their points, as the JSON that its script reads.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/json.h"
#include "recipes/report_run.h"

namespace r1::recipes {

// {"charts": [chart ...], "more": [chart ...]} of one stage; both empty without metrics. "more" has
// one chart for each metric that no other shows. A chart is {"title", "unit", "kind": "line" or
// "stack", "zero": the axis must include 0, "noisy": smoothing helps, "series": [{"name", "label",
// "marks": every point gets a mark, "x", "y"}]}, y null where a value was not finite. No series has
// more than max_points points.
Json stage_charts(const StageRecord& stage, size_t max_points = 2000);

// At most `limit` (>= 4) of the points, in order: of each stretch of equal length its lowest and
// its highest, so that spikes stay. A stretch with a value that is not finite keeps that one too.
// Shorter series are returned as they are.
MetricSeries thin(const MetricSeries& series, size_t limit);

}  // namespace r1::recipes
