// The reward interface: scores whole groups (completions of one prompt), because some rewards compare inside the group.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "base/json.h"

namespace r1::rewards {

// Why a score is what it is. Written to logs by name (reason_name); append, never renumber.
enum class Reason {
  kCorrect = 0,
  kWrong,           // well-formed, evaluates to something else
  kWellFormed,      // format rewards: as asked
  kNoAnswer,        // no answer block
  kUnclosedAnswer,  // answer block opened, not closed
  kManyAnswers,     // more than one answer block
  kNoThink,         // no think block
  kUnclosedThink,   // think block opened, not closed
  kManyThinks,      // more than one think block
  kBadOrder,        // answer before or inside think, tags nested
  kTextOutside,     // text besides the two blocks
  kEmptyBlock,      // a block holds only white space
  kUnparsable,      // the answer is not in the reward's grammar
  kWrongNumbers,    // a given number is missing, repeated or foreign
  kDivisionByZero,
  kBudgetExceeded,  // the answer is too long, too deep or too large to evaluate
  kTruncated,       // generation stopped by length; the policy of the rubric decides the value
  // Causes that the rewarder or the reference owns. The row leaves statistics, loss and normaliser, and is counted.
  kReferenceBroken,  // the reference is missing or malformed
  kRewarderFailed,   // the rewarder itself failed
  // Causes that the completion owns, again.
  kUndecided,  // no rule could tell whether the answer is right
  kUndefined,  // the answer has no value: 5/0
  // Programs.
  kNoCode,  // no code block that could be run
  kCompileError,
  kRuntimeError,
  kTimeLimit,
  kMemoryLimit,
  kOutputLimit,
  kProcessLimit,
  kFileLimit,
  kSecurityViolation,
};
const char* reason_name(Reason reason);  // "correct", "no_answer", ...
// True when the completion does not own the cause: the score must not be used.
bool is_rewarder_fault(Reason reason);

struct RewardInput {
  std::string_view prompt;      // text the completion continues; may be empty
  std::string_view completion;  // text, without the prompt
  int64_t length_tokens = 0;    // 0: unknown
  bool truncated = false;       // generation stopped by length
};

// One prompt's completions and the reference fields of its data row (e.g. {"nums": [3,7,12], "target": 24}).
struct RewardGroup {
  std::vector<RewardInput> completions;
  const Json* reference = nullptr;  // never null when scored; owned by the caller, as the texts are
};

struct RewardScore {
  double value = 0;  // in the reward's documented range; meaningless when is_rewarder_fault(reason)
  Reason reason = Reason::kRewarderFailed;
  Json details = Json::object();  // small, for a person who asks why: {"value": "22", "position": 7}
};

// Thread safe: score() may run on several threads at once.
class Reward {
 public:
  virtual ~Reward() = default;
  // One score per completion, in order. Does not throw for anything a completion or reference holds.
  virtual std::vector<RewardScore> score(const RewardGroup& group) const = 0;
  // Calls of score() that are worth making at once; 0: one for each core. More, where others do the work.
  virtual int concurrency() const { return 0; }
  // For rewards that wait for something: calls of score() that go on return soon. What they return is not used, and no call
  // follows.
  virtual void stop() {}
};

// Builds a reward from its config object (strict: unknown keys are ConfigError at `path`).
using Factory = std::function<std::unique_ptr<Reward>(const Json& config, const std::string& path)>;

// The fields of a reward's config, for help texts and `r1 explain`: describe_config<MyConfig>.
using Describe = std::function<std::vector<FieldHelp>()>;

// The table of rewards by name, in registry.cc. Thread safe. add() lets a program that links the library bring its own;
// it throws ConfigError when the name is taken.
void add(const std::string& name, Factory factory, Describe describe = {});
std::vector<std::string> names();  // in alphabetical order
// Both throw ConfigError "unknown reward 'x', known: ..." with the nearest name.
std::unique_ptr<Reward> make(const std::string& name, const Json& config, const std::string& path);
std::vector<FieldHelp> describe(const std::string& name);  // empty when the reward came without

}  // namespace r1::rewards
