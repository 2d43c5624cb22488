// What the sandbox and its launcher process tell each other: CBOR messages, each behind its length.
#pragma once

#include <optional>

#include "base/json.h"
#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

// False, nothing: the other side is gone.
bool send_message(int fd, const Json& message);
std::optional<Json> receive_message(int fd);

Json to_json(const Submission& submission);
Submission submission_from(const Json& json);
Json to_json(const Outcome& outcome);
Outcome outcome_from(const Json& json);

}  // namespace r1::rewards::code
