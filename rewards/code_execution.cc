#include "rewards/code_execution.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "rewards/code/languages.h"

namespace r1::rewards {
namespace {

using code::Verdict;

constexpr std::chrono::milliseconds kStopCheck{100};  // between looks at stop()

Reason reason_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccepted:
      return Reason::kCorrect;
    case Verdict::kWrongAnswer:
      return Reason::kWrong;
    case Verdict::kCompileError:
      return Reason::kCompileError;
    case Verdict::kRuntimeError:
      return Reason::kRuntimeError;
    case Verdict::kTimeLimit:
      return Reason::kTimeLimit;
    case Verdict::kMemoryLimit:
      return Reason::kMemoryLimit;
    case Verdict::kOutputLimit:
      return Reason::kOutputLimit;
    case Verdict::kProcessLimit:
      return Reason::kProcessLimit;
    case Verdict::kFileLimit:
      return Reason::kFileLimit;
    case Verdict::kSecurityViolation:
      return Reason::kSecurityViolation;
    case Verdict::kNoCode:
      return Reason::kNoCode;
    case Verdict::kInternalError:
      break;
  }
  return Reason::kRewarderFailed;
}

// One sandbox for equal settings, as long as a reward uses it.
std::shared_ptr<code::Sandbox> shared_sandbox(const code::SandboxConfig& config) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<code::Sandbox>> sandboxes;
  code::SandboxConfig copy = config;
  const std::lock_guard lock(mutex);
  std::weak_ptr<code::Sandbox>& known = sandboxes[dump_json(write_config(copy))];
  std::shared_ptr<code::Sandbox> sandbox = known.lock();
  if (!sandbox) known = sandbox = code::make_sandbox(config);
  return sandbox;
}

struct Reference {
  const code::Language* language = nullptr;
  code::Suite suite;
};

// Throws DataError.
Reference read_reference(const Json* row) {
  if (row == nullptr || !row->is_object() || !row->contains("tests"))
    throw DataError("\"tests\" is missing");
  Reference reference;
  const Json name = row->value("language", Json("python"));
  reference.language = name.is_string() ? code::find_language(name.get<std::string>()) : nullptr;
  if (reference.language == nullptr)
    throw DataError(fmt::format("language {} is none of python, cpp", dump_json(name)));
  reference.suite = code::parse_suite((*row)["tests"]);
  const bool calls = reference.suite.kind == code::TestKind::kCall ||
                     reference.suite.kind == code::TestKind::kAssert;
  if (calls && !reference.language->compile.empty())
    throw DataError("tests of type call and assert need language python");
  return reference;
}

class CodeExecution : public Reward {
 public:
  CodeExecution(CodeConfig config, std::shared_ptr<code::Sandbox> sandbox)
      : config_(std::move(config)), sandbox_(std::move(sandbox)) {}

  std::vector<RewardScore> score(const RewardGroup& group) const override {
    std::vector<RewardScore> scores(group.completions.size());
    Reference reference;
    try {
      reference = read_reference(group.reference);
    } catch (const DataError& error) {
      for (RewardScore& score : scores)
        score = {0, Reason::kReferenceBroken, {{"problem", error.what()}}};
      return scores;
    }
    std::map<std::string, std::shared_future<code::Outcome>> programs;  // equal ones run once
    std::vector<std::pair<size_t, std::shared_future<code::Outcome>>> running;
    for (size_t i = 0; i < scores.size() && !stopping_; ++i) {
      const code::Extraction found =
          code::extract(group.completions[i].completion, *reference.language);
      if (found.reason != code::ExtractReason::kFound) {
        scores[i] = {config_.none,
                     Reason::kNoCode,
                     {{"verdict", "no_code"}, {"detail", code::extract_reason_text(found.reason)}}};
        continue;
      }
      std::shared_future<code::Outcome>& outcome = programs[found.source];
      if (!outcome.valid())
        outcome = sandbox_->run({reference.language->name, found.source, reference.suite}).share();
      running.emplace_back(i, outcome);
    }
    for (const auto& [i, outcome] : running) {
      while (outcome.wait_for(kStopCheck) != std::future_status::ready)
        if (stopping_) return scores;
      scores[i] = score_of(outcome.get());
    }
    return scores;
  }

  int concurrency() const override { return sandbox_->workers(); }
  void stop() override { stopping_ = true; }

 private:
  RewardScore score_of(const code::Outcome& outcome) const {
    Json details = {{"verdict", verdict_name(outcome.verdict)},
                    {"passed", outcome.passed},
                    {"total", outcome.total},
                    {"cpu_ms", std::round(outcome.cpu_ms)},
                    {"wall_ms", std::round(outcome.wall_ms)},
                    {"peak_kb", outcome.peak_kb}};
    if (outcome.first_failure >= 0) details["first_failure"] = outcome.first_failure;
    if (!outcome.detail.empty()) details["detail"] = outcome.detail;
    return {config_.wrong + outcome.score * (config_.correct - config_.wrong),
            reason_of(outcome.verdict), std::move(details)};
  }

  CodeConfig config_;
  std::shared_ptr<code::Sandbox> sandbox_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace

std::unique_ptr<Reward> make_code(const Json& config, const std::string& path) {
  CodeConfig values;
  read_config(config, path, values);
  if (values.none > values.wrong || values.wrong > values.correct)
    throw ConfigError(fmt::format("{}: needs none <= wrong <= correct, not {}, {}, {}", path,
                                  values.none, values.wrong, values.correct));
  try {
    return std::make_unique<CodeExecution>(values, shared_sandbox(values.sandbox));
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format("{}.{}", path, error.what()));
  }
}

}  // namespace r1::rewards
