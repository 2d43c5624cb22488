// EXPECT_ERROR(Type, expression, text): the expression throws exactly a Type whose message contains
// text.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <string>

#define EXPECT_ERROR(Type, expression, text)                                                 \
  do {                                                                                       \
    try {                                                                                    \
      expression;                                                                            \
      ADD_FAILURE() << #expression " did not throw";                                         \
    } catch (const Type& error) {                                                            \
      EXPECT_TRUE(std::string(error.what()).find(text) != std::string::npos)                 \
          << "message: " << error.what() << "\nwanted in it: " << (text);                    \
    } catch (const std::exception& error) {                                                  \
      ADD_FAILURE() << #expression " threw something else than " #Type ": " << error.what(); \
    }                                                                                        \
  } while (false)
