// Reward cases kept as JSONL rows under tests/data/rewards, so that a bug report becomes a row.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

#include "base/json.h"
#include "rewards/reward.h"

namespace r1::rewards {

inline void PrintTo(Reason reason, std::ostream* out) { *out << reason_name(reason); }

inline std::filesystem::path case_file(const std::string& name) {
  return std::filesystem::path(R1_TEST_DATA) / "rewards" / name;
}

// Calls check(row, line) for each row; returns their number.
inline int64_t for_each_case(const std::string& name, const std::function<void(const Json& row, int64_t line)>& check) {
  int64_t count = 0;
  read_jsonl(case_file(name), [&](const Json& row, int64_t line) {
    check(row, line);
    ++count;
  });
  return count;
}

// A string, or a list of strings and [string, times] pairs: texts too large to be written out.
inline std::string assemble(const Json& text) {
  if (text.is_string()) return text.get<std::string>();
  std::string whole;
  for (const Json& piece : text) {
    const int64_t times = piece.is_array() ? piece.at(1).get<int64_t>() : 1;
    const std::string part = (piece.is_array() ? piece.at(0) : piece).get<std::string>();
    for (int64_t i = 0; i < times; ++i) whole += part;
  }
  return whole;
}

inline RewardScore score_one(const Reward& reward, std::string_view completion, const Json& reference) {
  RewardGroup group;
  group.completions.push_back({"", completion, 0, false});
  group.reference = &reference;
  return reward.score(group).at(0);
}

}  // namespace r1::rewards
