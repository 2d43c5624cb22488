// Runs programs on a SandboxFusion service (github.com/bytedance/SandboxFusion, POST /run_code):
// the backend "remote". The service gives a verdict on one run; expected outputs stay here, and
// what a program returned is compared here.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "rewards/code/http.h"
#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

class RemoteSandbox : public Sandbox {
 public:
  // Runs a program of one line to see whether the service is there. Throws ConfigError when it is
  // not, or when url is none.
  explicit RemoteSandbox(const SandboxConfig& config);
  ~RemoteSandbox() override;

  std::future<Outcome> run(Submission submission) override;
  Isolation isolation() const override { return Isolation::kNone; }  // that is known of
  int workers() const override { return config_.workers; }

 private:
  struct Job {
    Submission submission;
    std::promise<Outcome> promise;
  };
  // A program as the service gets it.
  struct Program {
    std::string language, code;
    double cpu_s = 0;
    int64_t memory_mb = 0;
    bool compiled = false;
  };
  // What it did there: with kAccepted it ended by itself with exit code 0.
  struct Ran {
    TestResult result;
    std::string output;
  };

  Program plain(const Submission& submission) const;
  // `source` in remote.py, which does with it what driver.py does for `kind`.
  Program harness(const char* kind, const std::string& source, double cpu_s,
                  int64_t memory_mb) const;
  void work(HttpClient& http);
  Outcome judge(HttpClient& http, const Submission& submission);
  TestResult judge_case(HttpClient& http, const Submission& submission, const Program& program,
                        const TestCase& one);
  // Several tries. Throws Error that says why the last one gave no verdict.
  Ran ask(HttpClient& http, const Program& program, const std::string& input);
  Ran read_answer(const std::string& body, const Program& program) const;

  SandboxConfig config_;
  std::string url_;
  std::mutex mutex_;
  std::condition_variable work_, room_, closed_;
  std::deque<Job> queue_;
  bool closing_ = false;
  std::vector<std::unique_ptr<HttpClient>> clients_;
  std::vector<std::thread> workers_;
};

}  // namespace r1::rewards::code
