// Which room may include which (docs/architecture.md), read off every #include of the project.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {
namespace fs = std::filesystem;
using Rooms = std::set<std::string>;

// A room may include itself and these.
const std::map<std::string, Rooms> kMayInclude = {
    {"base", {}},
    {"model", {"base"}},
    {"rollout", {"base", "model"}},
    {"rewards", {"base"}},
    {"grpo", {"base", "model"}},
    {"sft", {"base", "model"}},
    {"distill", {"base", "model", "rollout", "rewards", "grpo", "sft"}},
    {"recipes", {"base", "model", "rollout", "rewards", "grpo", "sft", "distill"}},
};
// Single headers allowed beyond that: grpo learns from completions, and never runs the engine that makes them.
const std::map<std::string, std::set<std::string>> kMayIncludeHeader = {{"grpo", {"rollout/types.h"}}};
const Rooms kWithoutTensors = {"base", "rewards"};

// The includes of `text`, a file of `room`, that break the order; one line each.
std::vector<std::string> bad_includes(const std::string& room, const std::string& text) {
  static const std::regex include(R"(^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"])");
  static const std::regex tensors(R"(^(torch|ATen|c10|caffe2)/.*)");
  std::vector<std::string> bad;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::smatch match;
    if (!std::regex_search(line, match, include)) continue;
    const std::string header = match[1];
    const std::string other = header.substr(0, header.find('/'));
    const auto single = kMayIncludeHeader.find(room);
    const bool room_allowed = !kMayInclude.contains(other) || other == room || kMayInclude.at(room).contains(other) ||
                              (single != kMayIncludeHeader.end() && single->second.contains(header));
    const bool tensor = kWithoutTensors.contains(room) && std::regex_match(header, tensors);
    if (!room_allowed || tensor) bad.push_back("line " + std::to_string(number) + ": " + room + " must not include " + header);
  }
  return bad;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_source(const fs::path& path) {
  const std::string extension = path.extension();
  return extension == ".h" || extension == ".cc" || extension == ".cu" || extension == ".cuh";
}

TEST(Layering, EveryIncludeFollowsTheOrderOfRooms) {
  int files = 0;
  for (const auto& [room, allowed] : kMayInclude) {
    if (!fs::exists(fs::path(R1_SOURCE_DIR) / room)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(R1_SOURCE_DIR) / room)) {
      if (!is_source(entry.path())) continue;
      ++files;
      for (const std::string& bad : bad_includes(room, read(entry.path()))) ADD_FAILURE() << entry.path().string() << ", " << bad;
    }
  }
  EXPECT_GT(files, 0);
}

TEST(Layering, CheckerSeesBadIncludes) {
  EXPECT_EQ(bad_includes("grpo", "#include <vector>\n#include \"sft/trainer.h\"\n"),
            std::vector<std::string>{"line 2: grpo must not include sft/trainer.h"});
  EXPECT_EQ(bad_includes("grpo", "  #  include \"rollout/engine.h\"").size(), 1u);
  EXPECT_EQ(bad_includes("sft", "#include \"rewards/reward.h\"").size(), 1u);
  EXPECT_EQ(bad_includes("rewards", "#include \"model/batch.h\"").size(), 1u);
  EXPECT_EQ(bad_includes("distill", "#include \"recipes/stage.h\"").size(), 1u);
  EXPECT_EQ(bad_includes("base", "#include <ATen/ATen.h>\n#include <torch/torch.h>\n#include <c10/util/Half.h>").size(), 3u);
}

TEST(Layering, CheckerPassesGoodIncludes) {
  EXPECT_TRUE(bad_includes("grpo", "#include \"rollout/types.h\"\n#include \"grpo/loss.h\"\n#include \"base/error.h\"").empty());
  EXPECT_TRUE(bad_includes("model", "#include <ATen/ATen.h>\n#include \"base/error.h\"").empty());
  EXPECT_TRUE(bad_includes("rewards", "#include <sys/wait.h>\n#include \"base/json.h\"").empty());
}

// Files of the project, without what set-up, builds and runs leave behind.
TEST(Layering, NoFilePointsOutsideTheRepository) {
  const std::set<std::string> skipped = {".git", ".deps", ".cache", "build", "runs"};
  const std::string outside = std::string("../") + "shared";  // in two parts, or this file would be found
  for (auto entry = fs::recursive_directory_iterator(R1_SOURCE_DIR); entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry->is_directory() && skipped.contains(entry->path().filename())) entry.disable_recursion_pending();
    if (!entry->is_regular_file() || entry->file_size() > (1u << 20)) continue;
    EXPECT_EQ(read(entry->path()).find(outside), std::string::npos) << entry->path().string() << " mentions " << outside;
  }
}

}  // namespace
