#include "rollout/types.h"

#include "base/error.h"

namespace r1::rollout {

const char* stop_reason_name(StopReason reason) {
  switch (reason) {
    case StopReason::kEos:
      return "eos";
    case StopReason::kStopToken:
      return "stop_token";
    case StopReason::kStopString:
      return "stop_string";
    case StopReason::kLength:
      return "length";
    case StopReason::kCancelled:
      return "cancelled";
  }
  R1_CHECK(false, "unknown stop reason");
}

}  // namespace r1::rollout
