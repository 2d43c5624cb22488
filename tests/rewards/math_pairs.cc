#include "tests/rewards/math_pairs.h"

#include <set>

namespace r1::rewards::math {

std::vector<Pair> generated_pairs(size_t count, bool equal, uint64_t seed) {
  std::vector<Kind> kinds;
  for (const auto& family :
       {expression_kinds(), region_kinds(), container_kinds(), quantity_kinds()}) {
    kinds.insert(kinds.end(), family.begin(), family.end());
  }
  std::vector<Pair> pairs;
  std::set<std::pair<std::string, std::string>> seen;
  for (uint64_t index = 0; pairs.size() < count; ++index) {
    const Kind& kind = kinds[index % kinds.size()];
    Dice dice(seed, 2 * index + (equal ? 1 : 0));
    std::optional<Pair> pair = kind.make(dice, equal);
    if (!pair || pair->gold == pair->prediction ||
        !seen.insert({pair->gold, pair->prediction}).second)
      continue;
    pair->kind = kind.name;
    pair->equal = equal;
    pairs.push_back(*std::move(pair));
  }
  return pairs;
}

}  // namespace r1::rewards::math
