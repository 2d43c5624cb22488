// Runs one submission at a time, in boxes that it makes.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "rewards/code/box.h"
#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

// Compiled programs by hash of language and source, shared by all runners. Thread safe.
class ProgramCache {
 public:
  std::shared_ptr<const Descriptor> find(const std::string& key);
  void add(const std::string& key, std::shared_ptr<const Descriptor> program);

 private:
  static constexpr size_t kMost = 256;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Descriptor>> programs_;
};

class Runner {
 public:
  // `slot` names its control group and users; each runner of a machine has one of its own.
  Runner(const SandboxConfig& config, Isolation isolation, int slot, ProgramCache& cache);

  // alone: nothing else runs beside it, so that its processor time counts as it is.
  Outcome run(const Submission& submission, bool alone);
  // From another thread: ends the run in progress, whose outcome then means nothing.
  void stop();
  // True when a test of the last run ended by itself between four and six fifths of its time limit:
  // a busy machine may have decided.
  bool near_limit() const { return near_limit_; }

 private:
  struct Test;
  BoxConfig box_config(int64_t memory_mb);
  bool compile(const Submission& submission, Outcome& outcome);
  bool prepare(Test& test);  // a box that holds the program
  TestResult run_test(Test& test, const std::string& kind, const std::string& input,
                      const std::string& work, std::string& output, std::string& results);
  TestResult judge(Test& test, size_t index);
  TestResult check(const Test& test, size_t index, const std::string& output, TestResult result);
  void run_assertions(Test& test, Outcome& outcome);

  const SandboxConfig& config_;
  Isolation isolation_;
  int slot_;
  ProgramCache& cache_;
  std::unique_ptr<Cgroup> group_;
  std::unique_ptr<Box> box_;
  std::shared_ptr<const Descriptor> program_;
  uint32_t boxes_ = 0;
  bool near_limit_ = false, alone_ = false;
  std::atomic<bool> stopping_ = false;
};

}  // namespace r1::rewards::code
