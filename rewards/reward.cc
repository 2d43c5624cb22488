#include "rewards/reward.h"

#include <array>

#include "base/error.h"

namespace r1::rewards {
namespace {

// In the order of the enum.
constexpr std::array kReasonNames = {"correct",         "wrong",       "well_formed",      "no_answer",      "unclosed_answer",
                                     "many_answers",    "no_think",    "unclosed_think",   "many_thinks",    "bad_order",
                                     "text_outside",    "empty_block", "unparsable",       "wrong_numbers",  "division_by_zero",
                                     "budget_exceeded", "truncated",   "reference_broken", "rewarder_failed", "undecided",
                                     "undefined",       "no_code",     "compile_error",    "runtime_error",  "time_limit",
                                     "memory_limit",    "output_limit", "process_limit",   "file_limit",     "security_violation"};
static_assert(kReasonNames.size() == static_cast<size_t>(Reason::kSecurityViolation) + 1, "one name per reason");

}  // namespace

const char* reason_name(Reason reason) {
  const size_t index = static_cast<size_t>(reason);
  R1_CHECK(index < kReasonNames.size(), "no name for reason " + std::to_string(index));
  return kReasonNames[index];
}

bool is_rewarder_fault(Reason reason) { return reason == Reason::kReferenceBroken || reason == Reason::kRewarderFailed; }

}  // namespace r1::rewards
