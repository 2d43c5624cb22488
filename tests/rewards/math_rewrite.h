// Identities that keep the value of a tree, and small errors that may change it.
#pragma once

#include <optional>

#include "tests/rewards/math_tree.h"

namespace r1::rewards::math {

// `tree` with up to `times` identities applied at nodes drawn from `dice`; never larger than
// `max_size` nodes.
Tree rewritten(const Tree& tree, Dice& dice, int times, int64_t max_size = 40);

// `tree` with one digit, sign, operator, exponent, function or letter changed; nullopt where the
// node drawn has none to change. Whether the value changed is for provably_different() to say.
std::optional<Tree> broken(const Tree& tree, Dice& dice);

// One identity at the root of `tree`; nullopt where none fits. Algebra and numbers; functions.
std::optional<Tree> apply_algebra(const Tree& tree, Dice& dice);
std::optional<Tree> apply_function_identity(const Tree& tree, Dice& dice);

// True only for trees that are positive for all real symbols.
bool positive(const Tree& tree);

}  // namespace r1::rewards::math
