// Programs that try to break out, to use up the machine, or to forge a pass; part of the library,
// so that `r1 sandbox --self-test` needs no files.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

// The folder hostile/: file names and contents.
const std::map<std::string, std::string_view>& hostile_files();

// A row of hostile/programs.jsonl.
class HostileProgram {
 public:
  explicit HostileProgram(Json row) : row_(std::move(row)) {}
  std::string name() const { return row_["name"]; }
  std::string why() const { return row_["why"]; }  // what it tries
  // What may come of it with this isolation, which must be kNoPidsCgroup or kFull.
  std::vector<std::string> allowed(Isolation isolation) const;
  Submission submission() const;  // made when asked for: some are tens of megabytes

 private:
  Json row_;
};

std::vector<HostileProgram> hostile_programs();

}  // namespace r1::rewards::code
