#include "base/error.h"

#include <gtest/gtest.h>

#include "tests/base/expect_error.h"

namespace r1 {
namespace {

TEST(Check, PassesWithoutEvaluatingItsMessage) {
  int evaluated = 0;
  const auto message = [&] {
    ++evaluated;
    return std::string("never");
  };
  R1_CHECK(1 + 1 == 2, message());
  EXPECT_EQ(evaluated, 0);
}

TEST(Check, NamesExpressionFileAndMessage) {
  EXPECT_ERROR(InternalError, R1_CHECK(1 + 1 == 3, "sum is off"), "1 + 1 == 3");
  EXPECT_ERROR(InternalError, R1_CHECK(1 + 1 == 3, "sum is off"), "sum is off");
  EXPECT_ERROR(InternalError, R1_CHECK(1 + 1 == 3, "sum is off"), "error_test.cc:");
}

TEST(Check, IsOneStatement) {
  bool other = false;
  if (false)
    R1_CHECK(false, "not reached");
  else
    other = true;
  EXPECT_TRUE(other);
}

TEST(Errors, AreAllCaughtAsError) {
  EXPECT_THROW(throw ConfigError("x"), Error);
  EXPECT_THROW(throw DataError("x"), Error);
  EXPECT_THROW(throw CheckpointError("x"), Error);
  EXPECT_THROW(throw DeviceError("x"), Error);
  EXPECT_THROW(throw InternalError("x"), Error);
  EXPECT_THROW(throw Interrupted("x"), Error);
}

}  // namespace
}  // namespace r1
