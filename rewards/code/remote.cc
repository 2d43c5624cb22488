#include "rewards/code/remote.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "rewards/code/driver.h"
#include "rewards/code/languages.h"
#include "rewards/code/results.h"
#include "rewards/excerpt.h"

namespace r1::rewards::code {
namespace {

constexpr int kDefaultWorkers = 32;  // as many cores as one instance should serve, by its makers
constexpr double kQueueS = 60;       // a request may wait there before its program starts
constexpr double kFirstWaitS = 0.5, kMostWaitS = 30;  // between tries; doubles each time
constexpr int64_t kPythonMegabytes = 64;  // the service limits address space, this much before a
                                          // program has anything of its own
// SandboxFusion reads output only when the program has ended: above this a program waits for its
// reader until the time is over.
constexpr size_t kMostOutput = 128 * 1024;

// The clock of a run: the program may find the service busy.
double wall_s(double cpu_s) { return 2 * cpu_s + 1; }

std::string address(const std::string& url) {
  if (url.empty())
    throw ConfigError(
        "sandbox: backend remote needs \"url\", such as \"http://localhost:8080\" of a "
        "SandboxFusion service");
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    throw ConfigError(fmt::format("sandbox: url \"{}\" must begin with http:// or https://", url));
  std::string base = url;
  while (base.ends_with('/')) base.pop_back();
  return base.ends_with("/run_code") ? base : base + "/run_code";
}

// One of the two commands in an answer.
struct Command {
  std::string status, out, err;
  double seconds = 0;
  int64_t code = 0;
};

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  if (!found->is_string())
    throw DataError(fmt::format("\"{}\" is {}, not a string", key, found->type_name()));
  return *found;
}

std::optional<Command> read_command(const Json& answer, const char* key) {
  const auto found = answer.find(key);
  if (found == answer.end() || found->is_null()) return std::nullopt;
  if (!found->is_object())
    throw DataError(fmt::format("\"{}\" is {}, not an object", key, found->type_name()));
  Command command{text_of(*found, "status"), text_of(*found, "stdout"), text_of(*found, "stderr")};
  const Json seconds = found->value("execution_time", Json());
  if (seconds.is_number()) command.seconds = seconds;
  const Json code = found->value("return_code", Json());
  if (command.status == "Error") throw DataError(fmt::format("{}: {}", key, command.err));
  if (command.status == "TimeLimitExceeded") return command;
  if (command.status != "Finished")
    throw DataError(fmt::format("\"{}\" has the unknown status \"{}\"", key, command.status));
  if (!code.is_number_integer())
    throw DataError(
        fmt::format("\"{}\" has a return_code that is {}, no integer", key, code.type_name()));
  command.code = code;
  return command;
}

TestResult verdict_of_compiler(const Command& compiler, double limit_s) {
  TestResult result;
  const size_t error = compiler.err.find("error:");
  result.verdict = Verdict::kCompileError;
  result.detail =
      detail_of(error == std::string::npos ? "the compiler failed" : compiler.err.substr(error));
  if (compiler.status == "TimeLimitExceeded") {
    result.verdict = Verdict::kTimeLimit;
    result.detail = fmt::format("the compiler took more than {:g} s", limit_s);
  } else if (compiler.err.find("out of memory") != std::string::npos) {
    result.verdict = Verdict::kMemoryLimit;
  }
  return result;
}

// Python reports a program that it cannot read without a trace.
bool is_syntax_error(const Command& run) {
  const std::string_view last = last_line(run.err);
  return run.code == 1 && run.err.find("Traceback (most recent") == std::string::npos &&
         (last.starts_with("SyntaxError:") || last.starts_with("IndentationError:") ||
          last.starts_with("TabError:"));
}

Verdict verdict_of_signal(int64_t number) {
  switch (number) {
    case SIGKILL:  // the kernel, for memory
      return Verdict::kMemoryLimit;
    case SIGSYS:
      return Verdict::kSecurityViolation;
    case SIGXCPU:
      return Verdict::kTimeLimit;
    case SIGXFSZ:
      return Verdict::kFileLimit;
    default:
      return Verdict::kRuntimeError;
  }
}

TestResult verdict_of_run(const Command& run, double limit_s, size_t most_output) {
  TestResult result;
  result.wall_ms = run.seconds * 1e3;
  result.output_bytes = static_cast<int64_t>(run.out.size());
  const bool stalled =
      run.status == "TimeLimitExceeded" && std::max(run.out.size(), run.err.size()) > kMostOutput;
  if (stalled || std::max(run.out.size(), run.err.size()) > most_output) {
    result.verdict = Verdict::kOutputLimit;
    result.detail = fmt::format("more than {} kB", std::min(most_output, kMostOutput) / 1024);
    return result;
  }
  if (run.status == "TimeLimitExceeded") {
    result.verdict = Verdict::kTimeLimit;
    result.detail = fmt::format("more than {:g} s by the service's clock", limit_s);
    return result;
  }
  result.verdict = Verdict::kAccepted;
  if (run.code == 0) return result;
  // A signal comes negative, or, from a shell, above 128.
  const int64_t signal = run.code < 0 ? -run.code : run.code > 128 ? run.code - 128 : 0;
  const char* name = signal > 0 && signal < 65 ? ::sigdescr_np(static_cast<int>(signal)) : nullptr;
  const std::string_view complaint = last_line(run.err);
  result.detail = name ? fmt::format("ended by signal {} ({})", signal, name)
                       : fmt::format("exit code {}", run.code);
  if (!complaint.empty())
    result.detail = detail_of(fmt::format("{}: {}", result.detail, complaint));
  result.verdict = name ? verdict_of_signal(signal) : Verdict::kRuntimeError;
  if (const std::optional<Verdict> limit = limit_named_in(complaint)) result.verdict = *limit;
  return result;
}

}  // namespace

RemoteSandbox::RemoteSandbox(const SandboxConfig& config)
    : config_(config), url_(address(config.url)) {
  if (config_.workers == 0) config_.workers = kDefaultWorkers;
  for (int i = 0; i < config_.workers; ++i) clients_.push_back(std::make_unique<HttpClient>());
  try {
    const Program probe = plain({"python", "print(6 * 7)", {}});
    const Ran ran = ask(*clients_[0], probe, "");
    if (ran.output != "42\n")
      throw Error(fmt::format("{}: the program print(6 * 7) gives \"{}\" {}", url_,
                              detail_of(ran.output), ran.result.detail));
  } catch (const Error& error) {
    throw ConfigError(
        fmt::format("sandbox: {}. Does a SandboxFusion service run there, and is \"url\" right?",
                    error.what()));
  }
  for (const auto& client : clients_) workers_.emplace_back([this, &client] { work(*client); });
}

RemoteSandbox::~RemoteSandbox() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  work_.notify_all();
  closed_.notify_all();
  for (const auto& client : clients_) client->stop();
  for (std::thread& worker : workers_) worker.join();
  Outcome ended;
  ended.detail = "the sandbox ended";
  for (Job& job : queue_) job.promise.set_value(ended);
}

std::future<Outcome> RemoteSandbox::run(Submission submission) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return queue_.size() < static_cast<size_t>(config_.max_queued); });
  queue_.push_back({std::move(submission), {}});
  work_.notify_one();
  return queue_.back().promise.get_future();
}

void RemoteSandbox::work(HttpClient& http) {
  while (true) {
    std::unique_lock lock(mutex_);
    work_.wait(lock, [this] { return closing_ || !queue_.empty(); });
    if (closing_) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    room_.notify_one();
    Outcome outcome;
    try {
      outcome = judge(http, job.submission);
    } catch (const std::exception& error) {
      outcome.total = job.submission.suite.total();
      outcome.detail = detail_of(error.what());
    }
    job.promise.set_value(std::move(outcome));
  }
}

RemoteSandbox::Program RemoteSandbox::plain(const Submission& submission) const {
  const Suite& suite = submission.suite;
  Program program{submission.language, submission.source, suite.cpu_s.value_or(config_.cpu_s),
                  suite.memory_mb.value_or(config_.memory_mb)};
  program.compiled = !find_language(submission.language)->compile.empty();
  // One limit there for a program and its compiler.
  program.memory_mb = program.compiled ? std::max(program.memory_mb, config_.compile_memory_mb)
                                       : program.memory_mb + kPythonMegabytes;
  return program;
}

RemoteSandbox::Program RemoteSandbox::harness(const char* kind, const std::string& source,
                                              double cpu_s, int64_t memory_mb) const {
  // A string of JSON is one of Python.
  const std::string code = fmt::format("DRIVER = {}\nPROGRAM = {}\nKIND, CPU = \"{}\", {}\n{}",
                                       dump_json(driver_source()), dump_json(source), kind,
                                       static_cast<int>(std::ceil(cpu_s)) + 1, remote_source());
  return {"python", code, cpu_s, memory_mb + kPythonMegabytes};
}

Outcome RemoteSandbox::judge(HttpClient& http, const Submission& submission) {
  const Suite& suite = submission.suite;
  Program program = plain(submission);
  if (suite.kind == TestKind::kCall || suite.kind == TestKind::kAssert)
    program = harness(suite.kind == TestKind::kCall ? "call" : "assert", submission.source,
                      program.cpu_s, suite.memory_mb.value_or(config_.memory_mb));
  Outcome outcome;
  if (suite.kind == TestKind::kAssert) {
    const std::string nonce = make_nonce();
    const Json work = {{"nonce", nonce}, {"code", suite.code}};
    const Ran ran = ask(http, program, dump_json(work) + "\n");
    outcome.tests = judge_assertions(ran.result, ran.output, nonce, suite.code.size());
  }
  for (const TestCase& one : suite.cases) {
    outcome.tests.push_back(judge_case(http, submission, program, one));
    const Verdict verdict = outcome.tests.back().verdict;
    if (verdict == Verdict::kInternalError || verdict == Verdict::kCompileError) break;
    if (verdict != Verdict::kAccepted && suite.score != ScoreMode::kFraction) break;
  }
  conclude(outcome, suite);
  return outcome;
}

TestResult RemoteSandbox::judge_case(HttpClient& http, const Submission& submission,
                                     const Program& program, const TestCase& one) {
  const Suite& suite = submission.suite;
  if (suite.kind == TestKind::kCall) {
    const std::string nonce = make_nonce();
    const Json work = {{"nonce", nonce}, {"entry", suite.entry}, {"args", one.args}};
    const Ran ran = ask(http, program, dump_json(work) + "\n");
    if (ran.result.verdict != Verdict::kAccepted) return ran.result;
    return judge_call(ran.result, ran.output, nonce, one.expected, suite.tolerance);
  }
  if (one.output.size() > kMostOutput)
    throw DataError(fmt::format("an expected output has {} bytes; SandboxFusion passes on {}",
                                one.output.size(), kMostOutput));
  Ran ran = ask(http, program, one.input);
  if (ran.result.verdict != Verdict::kAccepted) return ran.result;
  if (suite.kind == TestKind::kChecker) {
    const Json work = {{"input", one.input}, {"output", ran.output}, {"reference", one.output}};
    const Ran checker =
        ask(http, harness("checker", suite.checker, config_.cpu_s, config_.memory_mb),
            dump_json(work) + "\n");
    return judge_checked(ran.result, checker.result, checker.output);
  }
  ran.result.detail = detail_of(compare_output(ran.output, one.output, suite.tolerance));
  if (!ran.result.detail.empty()) ran.result.verdict = Verdict::kWrongAnswer;
  return ran.result;
}

RemoteSandbox::Ran RemoteSandbox::ask(HttpClient& http, const Program& program,
                                      const std::string& input) {
  const double run_s = wall_s(program.cpu_s);
  const double compile_s = program.compiled ? wall_s(config_.compile_s) : 0;
  const std::string body = dump_json({{"language", program.language},
                                      {"code", program.code},
                                      {"stdin", input},
                                      {"compile_timeout", wall_s(config_.compile_s)},
                                      {"run_timeout", run_s},
                                      {"memory_limit_MB", program.memory_mb},
                                      {"files", Json::object()},
                                      {"fetch_files", Json::array()}});
  double wait_s = kFirstWaitS;
  for (int tries = 1;; ++tries) {
    const HttpAnswer answer = http.post_json(url_, body, compile_s + run_s + kQueueS);
    std::string problem = answer.problem;
    bool hopeless = false;
    if (answer.status == 200) {
      try {
        return read_answer(answer.body, program);
      } catch (const DataError& error) {
        problem = error.what();
      }
    } else if (answer.status != 0) {
      hopeless = answer.status < 500 && answer.status != 429 && answer.status != 408;
      problem = fmt::format("HTTP {} {}", answer.status, excerpt(answer.body, 100));
    }
    std::unique_lock lock(mutex_);
    if (hopeless || closing_ || tries > config_.retries)
      throw Error(
          fmt::format("{}: {} ({} {})", url_, problem, tries, tries == 1 ? "try" : "tries"));
    const double wait = std::min(kMostWaitS, std::max(wait_s, answer.retry_after_s));
    closed_.wait_for(lock, std::chrono::duration<double>(wait), [this] { return closing_; });
    wait_s *= 2;
  }
}

// Throws DataError for an answer that gives no verdict on the program.
RemoteSandbox::Ran RemoteSandbox::read_answer(const std::string& body,
                                              const Program& program) const {
  const Json answer = parse_json(body, "answer");
  if (!answer.is_object())
    throw DataError("the answer is no object of JSON: " + excerpt(body, 100));
  const std::string status = text_of(answer, "status");
  if (status != "Success" && status != "Failed")
    throw DataError(fmt::format("status \"{}\" {}", status, text_of(answer, "message")));
  const std::optional<Command> compiler = read_command(answer, "compile_result");
  if (compiler && (compiler->status != "Finished" || compiler->code != 0))
    return {verdict_of_compiler(*compiler, wall_s(config_.compile_s)), ""};
  std::optional<Command> run = read_command(answer, "run_result");
  if (!run) throw DataError("there is no run_result");
  Ran ran{
      verdict_of_run(*run, wall_s(program.cpu_s), static_cast<size_t>(config_.output_kb) * 1024),
      ""};
  if (!program.compiled && is_syntax_error(*run)) {
    ran.result.verdict = Verdict::kCompileError;
    ran.result.detail = detail_of(last_line(run->err));
  }
  ran.output = std::move(run->out);
  return ran;
}

}  // namespace r1::rewards::code
