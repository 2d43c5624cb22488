#include "model/regex.h"

#include <algorithm>
#include <deque>
#include <map>

#include "base/error.h"
#include "model/regex_parser.h"

namespace r1::model {
namespace {

// Limits of the automaton. The patterns of known tokenizers need about 50 states, 20 symbols and
// 50,000 steps of work to build.
constexpr size_t kMaxInstructions = 1 << 14;
constexpr size_t kMaxStates = 1 << 12;
constexpr size_t kMaxSymbols = 250;
constexpr size_t kMaxWork = 4'000'000;

[[noreturn]] void too_large() {
  throw DataError("the pattern is too complex: its automaton would be too large");
}

struct Instruction {
  enum class Op : uint8_t { kSet, kSplit, kLook, kMatch };
  Op op = Op::kMatch;
  bool negative = false;
  uint32_t set = 0;
  uint32_t next = 0;
  uint32_t second = 0;  // of a split: tried after `next`
};

// Thompson's construction, from the end of the pattern to its beginning.
class Program {
 public:
  using Op = Instruction::Op;

  explicit Program(const RegexNode& tree) {
    instructions.push_back({});
    start = build(tree, 0);
  }

  std::vector<Instruction> instructions;
  std::vector<CodePointSet> sets;
  uint32_t start = 0;

 private:
  uint32_t add(Instruction instruction) {
    if (instructions.size() == kMaxInstructions) too_large();
    instructions.push_back(instruction);
    return static_cast<uint32_t>(instructions.size() - 1);
  }

  uint32_t index_of(const CodePointSet& set) {
    const auto same = [&](const CodePointSet& other) { return other.ranges() == set.ranges(); };
    const auto found = std::find_if(sets.begin(), sets.end(), same);
    if (found != sets.end()) return static_cast<uint32_t>(found - sets.begin());
    if (sets.size() == kMaxSymbols) too_large();
    sets.push_back(set);
    return static_cast<uint32_t>(sets.size() - 1);
  }

  uint32_t split(uint32_t first, uint32_t second, bool lazy) {
    Instruction instruction{.op = Op::kSplit, .next = first, .second = second};
    if (lazy) std::swap(instruction.next, instruction.second);
    return add(instruction);
  }

  uint32_t build(const RegexNode& node, uint32_t next) {
    using Kind = RegexNode::Kind;
    switch (node.kind) {
      case Kind::kEmpty:
        return next;
      case Kind::kSet:
        return add({.op = Op::kSet, .set = index_of(node.set), .next = next});
      case Kind::kLook:
        return add(
            {.op = Op::kLook, .negative = node.negative, .set = index_of(node.set), .next = next});
      case Kind::kConcat:
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
          next = build(*child, next);
        return next;
      case Kind::kAlternate: {
        uint32_t alternatives = build(node.children.back(), next);
        for (size_t i = node.children.size() - 1; i-- > 0;)
          alternatives = split(build(node.children[i], next), alternatives, false);
        return alternatives;
      }
      case Kind::kRepeat:
        return build_repeat(node, next);
    }
    return next;
  }

  uint32_t build_repeat(const RegexNode& node, uint32_t next) {
    const RegexNode& child = node.children.front();
    uint32_t entry = next;
    if (node.max == RegexNode::kUnbounded) {
      entry = add({.op = Op::kSplit});
      const uint32_t body = build(child, entry);
      instructions[entry].next = node.lazy ? next : body;
      instructions[entry].second = node.lazy ? body : next;
    } else {
      for (int i = node.min; i < node.max; ++i) entry = split(build(child, entry), next, node.lazy);
    }
    for (int i = 0; i < node.min; ++i) entry = build(child, entry);
    return entry;
  }
};

}  // namespace

// Makes the automaton of a program: a state is the ordered list of the instructions that a
// backtracking matcher would try, most preferred first.
class RegexCompiler {
 public:
  RegexCompiler(const Program& program, Regex& regex)
      : program_(program), regex_(regex), seen_(program.instructions.size(), 0), listed_(seen_) {}

  void run() {
    make_symbols();
    const uint32_t width = regex_.end_symbol_ + 1;
    index_of({});  // the dead state is row 0
    regex_.start_ = index_of({program_.start}) * width;
    for (size_t state = 0; state < lists_.size(); ++state) {
      for (uint32_t symbol = 0; symbol < width; ++symbol) {
        const auto [next, matched] = step(lists_[state], symbol);
        regex_.table_.push_back(next * width * 2 + (matched ? 1 : 0));
      }
    }
  }

 private:
  using List = std::vector<uint32_t>;

  // Characters that are in the same sets are one symbol.
  void make_symbols() {
    std::vector<uint32_t> borders = {0};
    for (const CodePointSet& set : program_.sets) {
      for (const auto& [first, last] : set.ranges()) {
        borders.push_back(first);
        borders.push_back(last + 1);
      }
    }
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    if (borders.back() == kMaxCodePoint + 1) borders.pop_back();
    std::map<std::vector<bool>, uint8_t> known;
    std::vector<uint8_t> of_interval;
    for (const uint32_t border : borders) {
      std::vector<bool> membership;
      for (const CodePointSet& set : program_.sets) membership.push_back(set.contains(border));
      const auto [found, fresh] = known.emplace(membership, static_cast<uint8_t>(known.size()));
      if (fresh) {
        if (known.size() > kMaxSymbols) too_large();
        memberships_.push_back(membership);
      }
      of_interval.push_back(found->second);
    }
    regex_.end_symbol_ = static_cast<uint32_t>(known.size());
    fill_pages(borders, of_interval);
  }

  // Pages of 256 code points, equal ones stored once.
  void fill_pages(const std::vector<uint32_t>& borders, const std::vector<uint8_t>& of_interval) {
    std::map<std::vector<uint8_t>, uint32_t> known;
    size_t interval = 0;
    const auto ends_before = [&](uint32_t code_point) {
      return interval + 1 < borders.size() && borders[interval + 1] <= code_point;
    };
    uint32_t last_start = 0;
    bool last_is_plain = false;  // the page before is all of the interval
    for (uint32_t first = 0; first <= kMaxCodePoint; first += 256) {
      if (!last_is_plain || ends_before(first + 255)) {
        std::vector<uint8_t> page(256);
        const size_t before = interval;
        for (uint32_t i = 0; i < 256; ++i) {
          while (ends_before(first + i)) ++interval;
          page[i] = of_interval[interval];
        }
        last_is_plain = before == interval;
        const auto [found, fresh] =
            known.emplace(std::move(page), static_cast<uint32_t>(regex_.symbols_.size()));
        if (fresh)
          regex_.symbols_.insert(regex_.symbols_.end(), found->first.begin(), found->first.end());
        last_start = found->second;
      }
      regex_.page_starts_.push_back(last_start);
    }
    std::copy_n(regex_.symbols_.begin() + regex_.page_starts_[0], 128,
                regex_.ascii_symbols_.begin());
  }

  uint32_t index_of(const List& list) {
    const auto [found, fresh] = known_.emplace(list, static_cast<uint32_t>(lists_.size()));
    if (fresh) {
      if (lists_.size() == kMaxStates) too_large();
      lists_.push_back(list);
    }
    return found->second;
  }

  bool contains(const Instruction& instruction, uint32_t symbol) const {
    return symbol < regex_.end_symbol_ && memberships_[symbol][instruction.set];
  }

  // The state after `symbol`, and whether the pattern matches what was read before it: then
  // everything less preferred is given up.
  std::pair<uint32_t, bool> step(const List& from, uint32_t symbol) {
    using Op = Instruction::Op;
    ++round_;
    List next, stack(from.rbegin(), from.rend());
    bool matched = false;
    while (!stack.empty()) {
      const uint32_t at = stack.back();
      stack.pop_back();
      if (seen_[at] == round_) continue;
      seen_[at] = round_;
      if (++work_ > kMaxWork) too_large();
      const Instruction& instruction = program_.instructions[at];
      if (instruction.op == Op::kMatch) {
        matched = true;
        break;
      }
      if (instruction.op == Op::kSplit) {
        stack.push_back(instruction.second);
        stack.push_back(instruction.next);
      } else if (contains(instruction, symbol) != instruction.negative) {
        if (instruction.op == Op::kLook) {
          stack.push_back(instruction.next);
        } else if (listed_[instruction.next] != round_) {  // a less preferred copy adds nothing
          listed_[instruction.next] = round_;
          next.push_back(instruction.next);
        }
      }
    }
    return {index_of(next), matched};
  }

  const Program& program_;
  Regex& regex_;
  std::vector<std::vector<bool>> memberships_;  // by symbol, then set
  std::map<List, uint32_t> known_;
  std::deque<List> lists_;
  std::vector<uint64_t> seen_;    // by instruction: the last step that visited it
  std::vector<uint64_t> listed_;  // by instruction: the last step that led to it
  uint64_t round_ = 0;
  size_t work_ = 0;
};

void Regex::Budget::exhausted() {
  throw DataError(
      "the pattern needs too many steps on this text: it reads far ahead of its matches again and "
      "again");
}

Regex::Regex(std::string_view pattern) {
  const Program program(parse_regex(pattern));
  RegexCompiler(program, *this).run();
}

size_t Regex::match_at(std::string_view text, size_t begin, Budget& budget) const {
  size_t at = begin, end = kNoMatch;
  uint32_t row = start_;
  do {
    const size_t here = at;
    uint32_t symbol_read = end_symbol_;
    if (at < text.size()) {
      const auto byte = static_cast<unsigned char>(text[at]);
      if (byte < 0x80) {
        symbol_read = ascii_symbols_[byte];
        ++at;
      } else {
        symbol_read = symbol(next_code_point(text, at));
      }
    }
    const uint32_t step = table_[row + symbol_read];
    if (step & 1) end = here;
    row = here < text.size() ? step >> 1 : 0;
  } while (row != 0);
  budget.spend(at - (end == kNoMatch ? begin : end));
  return end;
}

bool Regex::find(std::string_view text, size_t from, Match& match, Budget& budget) const {
  while (true) {
    const size_t end = match_at(text, from, budget);
    if (end != kNoMatch) {
      match = {from, end};
      return true;
    }
    if (from >= text.size()) return false;
    do {
      ++from;
    } while (from < text.size() && (text[from] & 0xc0) == 0x80);
  }
}

}  // namespace r1::model
