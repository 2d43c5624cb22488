// The tree of one parsed answer. Nodes live as long as their Tree and never change once made.
#pragma once

#include <cstdint>
#include <deque>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>

#include "rewards/math/budget.h"
#include "rewards/math/exact.h"

namespace r1::rewards::math::engine {

enum class Kind : uint8_t {
  // Values.
  kNumber,    // number; decimals and significant as written
  kConstant,  // constant
  kInfinity,
  kSymbol,  // text: its name, subscript included
  kNegate,
  kAdd,
  kMultiply,
  kDivide,
  kPower,
  kRoot,       // radicand, index
  kFunction,   // function; argument
  kLogarithm,  // argument, base; without base: written \log, natural or decimal
  kNamed,      // text: gcd, lcm, min, max, mod; arguments
  kAbsolute,
  kFloor,
  kCeiling,
  kFactorial,
  kDoubleFactorial,
  kBinomial,   // n, k
  kSum,        // variable, first, last, body
  kProduct,    // as kSum
  kPlusMinus,  // operand: +operand or -operand
  kMinusPlus,
  kPercent,
  kDegrees,
  kQuantity,  // value; text: the unit as written
  // Structures.
  kBased,  // number; text: digits; base
  kRatio,
  kTime,   // number: minutes since midnight; text: "am", "pm" or empty
  kTuple,  // items; open, close: ( [ <
  kList,   // items without brackets; text: "and", "or", ","
  kSet,
  kEmptySet,
  kNamedSet,  // text: R, Z, N, Q, C
  kUnion,
  kIntersection,
  kDifference,
  kRelation,  // children: the members of a chain; text: one character per operator (see Relation)
  kMatrix,    // children row by row; rows, columns
  kText,      // text: canonical words
  kLabelled,  // text: choice letter; the rest
};
const char* kind_name(Kind kind);  // "number", "relation", ...

// The operators of a kRelation, one character each.
namespace relation {
constexpr char kEqual = '=', kNotEqual = '#', kLess = '<', kGreater = '>', kLessEqual = 'l',
               kGreaterEqual = 'g', kApproximately = '~', kMember = 'e', kCongruent = '%';
}

struct Node {
  Kind kind = Kind::kNumber;
  Function function = Function::kSin;
  Constant constant = Constant::kPi;
  char open = 0, close = 0;
  bool grouped = false;   // stood in brackets or braces of its own
  int32_t decimals = -1;  // written digits after the point; -1: an integer
  int32_t significant = 0;
  int32_t base = 0;
  int32_t rows = 0, columns = 0;
  uint32_t begin = 0, end = 0;  // bytes in the answer
  std::string_view text;
  std::span<const Node* const> children;
  const Rational* number = nullptr;
  const Node* other_reading =
      nullptr;  // what the same text may also mean: a word as a product, 1,22 as 1.22
};

class Tree {
 public:
  Tree();
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  Node* make(Kind kind, uint32_t begin = 0, uint32_t end = 0);
  Node* make(Kind kind, std::span<const Node* const> children, uint32_t begin = 0,
             uint32_t end = 0);
  Node* make(Kind kind, std::initializer_list<const Node*> children, uint32_t begin = 0,
             uint32_t end = 0);
  Node* number(Rational value);
  Node* copy(const Node& node);
  std::string_view keep(std::string_view text);  // a copy that lives as long as the tree
  int nodes() const { return nodes_; }

 private:
  alignas(16) unsigned char first_block_[6144];
  std::pmr::monotonic_buffer_resource memory_;
  std::deque<Rational> numbers_;
  int nodes_ = 0;
};

// Whether `node` or something below it has the kind.
bool contains(const Node& node, Kind kind);
// A text that is the same for trees that differ only in the order of sums and products.
std::string canonical(const Node& node);
// The tree in indented lines, for a person.
std::string print_tree(const Node& node);

}  // namespace r1::rewards::math::engine
