#include "rewards/code/runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "rewards/code/languages.h"
#include "rewards/code/results.h"

namespace r1::rewards::code {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kMegabyte = 1 << 20;
constexpr int64_t kDriverMegabytes = 24;  // of the driver itself, beside a test's own
constexpr int kDriverProcesses =
    5;  // bubblewrap, the driver, the judge of assertions, and some room
constexpr int kTickMs = 10;
constexpr int kEndMs = 10'000;  // for a box whose output has ended to end itself
constexpr int kLooks = 50;
constexpr double kBusyShare = 0.1;  // of these looks; a program that is ready less often is idle
constexpr double kUnsure = 1.2;     // how many time limits a run beside others may take; above the
                                    // first it is run again alone
constexpr double kMostWaiting =
    30;  // how many wall limits a busy program may take on a loaded machine

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// What the file "stat" of a process or thread says behind its name, from its state on; empty when
// it has gone.
std::string stat_of(const std::filesystem::path& folder) {
  std::ifstream stat(folder / "stat");
  const std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  const size_t name = text.rfind(") ");
  return name == std::string::npos ? "" : text.substr(name + 2);
}

// Processor time of a process, all below it and their children that have ended, for machines
// without control groups.
double tree_cpu_ms(pid_t root) {
  double ticks = 0;
  for (const pid_t pid : process_tree(root)) {
    int64_t user = 0, system = 0, ended_user = 0, ended_system = 0;
    std::sscanf(stat_of(fmt::format("/proc/{}", pid)).c_str(),
                "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld %ld %ld", &user, &system,
                &ended_user, &ended_system);
    ticks += static_cast<double>(user + system + ended_user + ended_system);
  }
  return ticks * 1e3 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// Whether a thread of a process or of one below it runs or waits for a processor.
bool tree_is_ready(pid_t root) {
  std::error_code error;
  for (const pid_t pid : process_tree(root))
    for (const auto& thread :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid), error)) {
      if (stat_of(thread.path()).starts_with('R')) return true;
    }
  return false;
}

// What a box uses from now on, against a limit on its processor time.
class Meter {
 public:
  Meter(const Cgroup* group, pid_t pid, double limit_s)
      : group_(group),
        pid_(pid),
        limit_ms_(1e3 * limit_s),
        cpu_before_(cpu()),
        start_(Clock::now()) {}
  double limit_ms() const { return limit_ms_; }
  double cpu_ms() const { return cpu() - cpu_before_; }
  double wall_ms() const { return ms_since(start_); }
  // Past the limit on the clock, twice the other and a second.
  bool late() const { return wall_ms() > most_ms(); }
  // Whether that limit is to end it: only when it does nothing, because others may keep a busy
  // program waiting. To be asked every kTickMs, because it looks a number of times first.
  bool idle() {
    if (!late()) return false;
    if (wall_ms() > kMostWaiting * most_ms()) return true;
    ready_ += tree_is_ready(pid_);
    if (++looks_ < kLooks) return false;
    const bool idle = ready_ < kBusyShare * looks_;
    looks_ = ready_ = 0;
    return idle;
  }
  bool over() { return cpu_ms() > limit_ms_ || idle(); }

 private:
  double cpu() const { return group_ ? group_->use().cpu_ms : tree_cpu_ms(pid_); }
  double most_ms() const { return 2 * limit_ms_ + 1e3; }
  const Cgroup* group_;
  pid_t pid_;
  double limit_ms_, cpu_before_;
  Clock::time_point start_;
  int looks_ = 0, ready_ = 0;
};

// Reads what there is; false at the end of the stream.
bool read_some(int fd, std::string& into) {
  char buffer[65536];
  const ssize_t count = ::read(fd, buffer, sizeof buffer);
  if (count > 0) into.append(buffer, static_cast<size_t>(count));
  return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
}

struct Answer {
  int status = 0;
  int64_t cpu_us = 0, peak_kb = 0, clean = 0;
};

// The verdict on a test that ended by itself.
Verdict verdict_of(int status, std::string_view complaint, const CgroupUse& before,
                   const CgroupUse& after, std::string& detail) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return Verdict::kAccepted;
  if (WIFSIGNALED(status))
    detail =
        fmt::format("ended by signal {} ({})", WTERMSIG(status), sigdescr_np(WTERMSIG(status)));
  else
    detail = fmt::format("exit code {}", WEXITSTATUS(status));
  if (!complaint.empty()) detail = detail_of(fmt::format("{}: {}", detail, complaint));
  if (after.too_many_processes > before.too_many_processes) return Verdict::kProcessLimit;
  if (after.out_of_memory > before.out_of_memory) return Verdict::kMemoryLimit;
  if (WIFSIGNALED(status)) {
    switch (WTERMSIG(status)) {
      case SIGSYS:
        return Verdict::kSecurityViolation;
      case SIGXCPU:
        return Verdict::kTimeLimit;
      case SIGXFSZ:
        return Verdict::kFileLimit;
    }
  }
  return limit_named_in(complaint).value_or(Verdict::kRuntimeError);
}

}  // namespace

std::shared_ptr<const Descriptor> ProgramCache::find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = programs_.find(key);
  return found == programs_.end() ? nullptr : found->second;
}

void ProgramCache::add(const std::string& key, std::shared_ptr<const Descriptor> program) {
  const std::lock_guard lock(mutex_);
  if (programs_.size() >= kMost) programs_.clear();
  programs_[key] = std::move(program);
}

struct Runner::Test {
  const Suite& suite;
  const Language& language;
  std::string source;
  double cpu_s;
  int64_t memory_mb;
  std::optional<TestResult> problem;  // why there is no program to run
};

Runner::Runner(const SandboxConfig& config, Isolation isolation, int slot, ProgramCache& cache)
    : config_(config), isolation_(isolation), slot_(slot), cache_(cache) {
  if (isolation == Isolation::kFull)
    group_ = Cgroup::make(fmt::format("r1-{}-{}", ::getpid(), slot));
}

BoxConfig Runner::box_config(int64_t memory_mb) {
  BoxConfig box;
  box.isolated = config_.backend != "process";
  box.user_namespace = isolation_ > Isolation::kNoUserNamespaces;
  if (::geteuid() == 0 && box.isolated)
    box.uid = first_user(::getpid()) + (static_cast<uint32_t>(slot_) * 16 + boxes_++ % 16) % kUsers;
  box.memory_mb = memory_mb;
  box.processes = config_.processes + kDriverProcesses;
  box.group = group_.get();
  if (group_) {
    group_->kill_all();
    group_->set_limits((memory_mb + kDriverMegabytes) * kMegabyte, box.processes);
  }
  return box;
}

void Runner::stop() {
  stopping_ = true;
  if (group_) group_->kill_all();
}

// Fills program_, or the outcome with what the compiler said.
bool Runner::compile(const Submission& submission, Outcome& outcome) {
  const Language& language = *find_language(submission.language);
  const std::string key = sha256_hex(language.compile + '\0' + submission.source);
  program_ = cache_.find(key);
  if (program_) return true;
  const Descriptor source = memory_file(submission.source);
  auto program = std::make_shared<Descriptor>(memory_file(""));
  Pipe output = make_pipe();
  BoxConfig config = box_config(config_.compile_memory_mb);
  config.cpu_s = config_.compile_s;
  config.command = {"/bin/sh", "-c", language.compile + " 2>&1 && cat program >&3"};
  const CgroupUse before = group_ ? group_->use() : CgroupUse();
  Box box(config, source.get(), output.write.get(), {program->get()});
  output.write.reset();
  std::string said;
  Meter meter(group_.get(), box.pid(), config_.compile_s);
  pollfd waiting{output.read.get(), POLLIN, 0};
  bool ended = false;
  while (!ended && !stopping_ && !meter.over())
    if (::poll(&waiting, 1, kTickMs) > 0) {
      ended = !read_some(output.read.get(), said);
      if (said.size() > size_t{1} << 20) said.resize(1 << 20);
    }
  const double cpu_ms = meter.cpu_ms();
  const std::optional<int> status = box.wait(ended ? kEndMs : 0);
  box.kill();
  if (status && *status == 0) {
    // Many boxes will run it: none may change it.
    ::fcntl(program->get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    program_ = program;
    cache_.add(key, program_);
    return true;
  }
  const CgroupUse after = group_ ? group_->use() : CgroupUse();
  outcome.verdict = after.out_of_memory > before.out_of_memory ? Verdict::kMemoryLimit
                    : status                                   ? Verdict::kCompileError
                                                               : Verdict::kTimeLimit;
  const size_t error = said.find("error:");
  outcome.detail = outcome.verdict == Verdict::kTimeLimit
                       ? fmt::format("the compiler: {:.0f} ms of processor time in {:.0f} ms",
                                     cpu_ms, meter.wall_ms())
                   : error == std::string::npos ? "the compiler failed"
                                                : detail_of(said.substr(error));
  return false;
}

bool Runner::prepare(Test& test) {
  if (box_) return true;
  box_ = std::make_unique<Box>(box_config(test.memory_mb));
  const CgroupUse before = group_ ? group_->use() : CgroupUse();
  const bool compiled = !test.language.compile.empty();
  const Descriptor program = compiled ? reopen(program_->get()) : memory_file(test.source);
  std::optional<std::string> answer;
  Meter meter(group_.get(), box_->pid(), config_.compile_s);
  if (box_->send(compiled ? "X" : "S", {program.get()})) {
    while (!box_->readable(kTickMs) && !stopping_ && !meter.over()) {
    }
    answer = box_->receive(0);
  }
  if (answer && *answer == "ok") return true;
  TestResult problem;
  const CgroupUse after = group_ ? group_->use() : CgroupUse();
  if (answer && answer->starts_with("error ")) {
    problem.verdict = Verdict::kCompileError;
    problem.detail = detail_of(answer->substr(6));
  } else if (after.out_of_memory > before.out_of_memory) {
    problem.verdict = Verdict::kMemoryLimit;
    problem.detail = "while the source was read";
  } else if (meter.cpu_ms() > meter.limit_ms()) {
    problem.verdict = Verdict::kTimeLimit;
    problem.detail = "while the source was read";
  } else {
    const std::optional<int> status = box_->wait(100);
    problem.verdict = Verdict::kInternalError;
    problem.detail =
        status ? fmt::format("the box ended with status {}", *status) : "the box does not answer";
  }
  box_.reset();
  test.problem = problem;
  return false;
}

TestResult Runner::run_test(Test& test, const std::string& kind, const std::string& input,
                            const std::string& work, std::string& output, std::string& results) {
  if (!prepare(test)) return *test.problem;
  TestResult result;
  Pipe in = make_pipe(), out = make_pipe(), err = make_pipe();
  int ends[2] = {-1, -1};
  const bool has_work = !work.empty();
  if (has_work && ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw ConfigError("sandbox: no socket");
  Descriptor ours(ends[0]), theirs(ends[1]);
  std::vector<int> given = {in.read.get(), out.write.get(), err.write.get()};
  if (has_work) given.push_back(theirs.get());
  const CgroupUse before = group_ ? group_->use() : CgroupUse();
  Meter meter(group_.get(), box_->pid(), test.cpu_s);
  const std::string message =
      fmt::format("R {} {}", kind, static_cast<int>(std::ceil(test.cpu_s)) + 1);
  if (!box_->send(message, given)) {
    box_.reset();  // the last test took the driver with it
    if (!prepare(test)) return *test.problem;
    meter = Meter(group_.get(), box_->pid(), test.cpu_s);
    if (!box_->send(message, given)) return result;
  }
  in.read.reset(), out.write.reset(), err.write.reset(), theirs.reset();
  for (const int fd : {in.write.get(), out.read.get(), err.read.get(), ours.get()})
    if (fd >= 0) ::fcntl(fd, F_SETFL, O_NONBLOCK);

  const double limit_ms = meter.limit_ms();
  const size_t most = static_cast<size_t>(config_.output_kb) * 1024;
  std::string complaint;
  std::optional<Answer> answer;
  std::optional<Verdict> stopped;
  size_t fed = 0, worked = 0;
  double looked = 0;
  const auto feed = [](Descriptor& to, const std::string& text, size_t& done, bool half_close) {
    const ssize_t count =
        done < text.size() ? ::write(to.get(), text.data() + done, text.size() - done) : 0;
    if (count > 0) done += static_cast<size_t>(count);
    const bool gone = count < 0 && errno != EAGAIN && errno != EINTR;
    if (!gone && done < text.size()) return;
    done = text.size() + 1;
    if (half_close)
      ::shutdown(to.get(), SHUT_WR);
    else
      to.reset();
  };
  while (!stopped && !stopping_) {
    std::array<pollfd, 6> waiting = {pollfd{answer ? -1 : box_->control(), POLLIN, 0},
                                     pollfd{out.read.get(), POLLIN, 0},
                                     pollfd{err.read.get(), POLLIN, 0},
                                     pollfd{ours.get(), POLLIN, 0},
                                     pollfd{in.write.get(), POLLOUT, 0},
                                     pollfd{worked <= work.size() ? ours.get() : -1, POLLOUT, 0}};
    if (!has_work) waiting[5].fd = -1;
    if (answer && !out.read && !err.read && !ours) break;
    ::poll(waiting.data(), waiting.size(), kTickMs);
    const auto ready = [&](size_t i) { return waiting[i].fd >= 0 && waiting[i].revents != 0; };
    if (ready(4)) feed(in.write, input, fed, false);
    if (ready(5)) feed(ours, work, worked, true);
    if (ready(1) && !read_some(out.read.get(), output)) out.read.reset();
    if (ready(2) && !read_some(err.read.get(), complaint)) err.read.reset();
    if (ready(3) && !read_some(ours.get(), results)) ours.reset();
    if (output.size() > most || complaint.size() > most || results.size() > 4 * most) {
      stopped = Verdict::kOutputLimit;
      result.detail = fmt::format("more than {} kB", config_.output_kb);
      break;
    }
    if (ready(0)) {
      const std::optional<std::string> told = box_->receive(0);
      if (!told) break;  // the box is gone
      Answer parsed;
      if (std::sscanf(told->c_str(), "%d %ld %ld %ld", &parsed.status, &parsed.cpu_us,
                      &parsed.peak_kb, &parsed.clean) == 4)
        answer = parsed;
    }
    const double elapsed = meter.wall_ms();
    if (answer || elapsed - looked < kTickMs) continue;
    looked = elapsed;
    if (!group_ && !meter.late()) continue;
    const double cpu = meter.cpu_ms();
    if (cpu > (alone_ ? 1 : kUnsure) * limit_ms) {
      stopped = Verdict::kTimeLimit;
    } else if (meter.idle()) {
      stopped = Verdict::kTimeLimit;
      result.detail = fmt::format("idle: {:.0f} ms of processor time in {:.0f} ms", cpu, elapsed);
    }
  }
  result.wall_ms = meter.wall_ms();
  result.output_bytes = static_cast<int64_t>(output.size());
  result.cpu_ms = stopped || group_ ? meter.cpu_ms() : 0;
  if (answer) result.cpu_ms = std::max(result.cpu_ms, static_cast<double>(answer->cpu_us) / 1e3);
  if (answer) result.peak_kb = answer->peak_kb;
  const CgroupUse after = group_ ? group_->use() : CgroupUse();
  near_limit_ |=
      !stopped && result.cpu_ms > (2 - kUnsure) * limit_ms && result.cpu_ms < kUnsure * limit_ms;
  if (stopped) {
    result.verdict = *stopped;
    if (after.out_of_memory > before.out_of_memory) result.verdict = Verdict::kMemoryLimit;
    if (after.too_many_processes > before.too_many_processes)
      result.verdict = Verdict::kProcessLimit;
  } else if (answer) {
    result.verdict = verdict_of(answer->status, last_line(complaint), before, after, result.detail);
    if (result.cpu_ms > limit_ms && result.verdict != Verdict::kProcessLimit)
      result.verdict = Verdict::kTimeLimit;
  } else {
    // Something ended the driver: the kernel for its memory, or the program, which may kill its
    // like.
    result.verdict = after.too_many_processes > before.too_many_processes ? Verdict::kProcessLimit
                     : after.out_of_memory > before.out_of_memory         ? Verdict::kMemoryLimit
                                                                          : Verdict::kRuntimeError;
    result.detail = "the program ended its box";
  }
  if (result.verdict == Verdict::kTimeLimit && result.detail.empty())
    result.detail =
        fmt::format("{:.0f} ms of processor time, {:.0f} allowed", result.cpu_ms, limit_ms);
  if (!answer || answer->clean != 1) box_.reset();
  return result;
}

TestResult Runner::judge(Test& test, size_t index) {
  const TestCase& one = test.suite.cases[index];
  const bool compiled = !test.language.compile.empty();
  std::string output, results;
  if (test.suite.kind == TestKind::kCall) {
    const std::string nonce = make_nonce();
    const std::string work =
        dump_json({{"nonce", nonce}, {"entry", test.suite.entry}, {"args", one.args}}) + "\n";
    TestResult result = run_test(test, "call", "", work, output, results);
    if (result.verdict != Verdict::kAccepted) return result;
    return judge_call(result, results, nonce, one.expected, test.suite.tolerance);
  }
  TestResult result = run_test(test, compiled ? "exec" : "run", one.input, "", output, results);
  if (result.verdict != Verdict::kAccepted) return result;
  if (test.suite.kind == TestKind::kChecker) return check(test, index, output, std::move(result));
  result.detail = detail_of(compare_output(output, one.output, test.suite.tolerance));
  if (!result.detail.empty()) result.verdict = Verdict::kWrongAnswer;
  return result;
}

TestResult Runner::check(const Test& test, size_t index, const std::string& output,
                         TestResult result) {
  const TestCase& one = test.suite.cases[index];
  box_.reset();  // the program's; the checker's would share its group
  Test checker{test.suite,    *find_language("python"), test.suite.checker,
               config_.cpu_s, config_.memory_mb,        {}};
  const std::string work =
      dump_json({{"input", one.input}, {"output", output}, {"reference", one.output}}) + "\n";
  std::string said, results;
  const bool near = near_limit_;
  const TestResult checked = run_test(checker, "checker", "", work, said, results);
  near_limit_ = near;
  box_.reset();
  return judge_checked(std::move(result), checked, said);
}

void Runner::run_assertions(Test& test, Outcome& outcome) {
  const std::string nonce = make_nonce();
  const std::string work = dump_json({{"nonce", nonce}, {"code", test.suite.code}}) + "\n";
  std::string output, results;
  const TestResult whole = run_test(test, "assert", "", work, output, results);
  outcome.tests = judge_assertions(whole, results, nonce, test.suite.code.size());
}

Outcome Runner::run(const Submission& submission, bool alone) {
  near_limit_ = false;
  alone_ = alone;
  Outcome outcome;
  outcome.total = submission.suite.total();
  const Language* language = find_language(submission.language);
  R1_CHECK(language != nullptr, "a language that there is not");
  program_.reset();
  box_.reset();
  if (!language->compile.empty() && !compile(submission, outcome)) return outcome;
  Test test{submission.suite,
            *language,
            submission.source,
            submission.suite.cpu_s.value_or(config_.cpu_s),
            submission.suite.memory_mb.value_or(config_.memory_mb),
            {}};
  if (submission.suite.kind == TestKind::kAssert) {
    run_assertions(test, outcome);
  } else {
    for (size_t i = 0; i < submission.suite.cases.size() && !test.problem && !stopping_; ++i) {
      outcome.tests.push_back(judge(test, i));
      const Verdict verdict = outcome.tests.back().verdict;
      if (verdict == Verdict::kInternalError) break;
      if (verdict != Verdict::kAccepted && submission.suite.score != ScoreMode::kFraction) break;
    }
  }
  box_.reset();
  if (group_) group_->kill_all();  // returns when all have ended
  conclude(outcome, submission.suite);
  return outcome;
}

}  // namespace r1::rewards::code
