// The plain driver of a harness: a fixed number of inputs, the same on every run.
//   fuzz_<name> ITERATIONS          seeds, then seeds mutated byte by byte and by the format
//   fuzz_<name> --seeds FOLDER      writes the seeds there, as a corpus for libFuzzer
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/philox.h"
#include "tests/fuzz/fuzz.h"

namespace {

// Up to four bytes changed, inserted, removed or doubled.
std::string bytes_mutated(std::string text, const r1::RandomStream& stream, uint64_t index) {
  uint32_t draw = 0;
  const auto below = [&](size_t n) {
    return static_cast<size_t>(stream.below(static_cast<uint32_t>(n), index, 1, draw++));
  };
  for (size_t i = 1 + below(4); i > 0; --i) {
    const size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0:
        text.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      case 2:
        text.erase(at, 1 + below(8));
        break;
      default:
        text.insert(at, text.substr(at, 1 + below(16)));
    }
  }
  return text;
}

int write_seeds(const std::string& folder) {
  size_t count = 0;
  for (const std::string& seed : r1::fuzz::seeds()) {
    std::ofstream(folder + "/seed" + std::to_string(count++), std::ios::binary) << seed;
  }
  std::printf("%zu seeds\n", count);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string first = argc > 1 ? argv[1] : "1000";
  if (first == "--seeds" && argc == 3) return write_seeds(argv[2]);
  const uint64_t iterations = std::strtoull(first.c_str(), nullptr, 10);
  const std::vector<std::string> seeds = r1::fuzz::seeds();
  const r1::RandomStream stream(1, "fuzz", r1::Purpose::kData);
  for (const std::string& seed : seeds) r1::fuzz::run(seed);
  std::string text;
  for (uint64_t i = 0; i < iterations; ++i) {
    if (i % 8 == 0)
      text =
          seeds[stream.below(static_cast<uint32_t>(seeds.size()), i)];  // chains of eight mutations
    text = i % 2 == 0 ? r1::fuzz::mutated(text, i) : bytes_mutated(text, stream, i);
    r1::fuzz::run(text);
  }
  std::printf("%zu seeds and %llu mutations\n", seeds.size(),
              static_cast<unsigned long long>(iterations));
  return 0;
}
