// Speed of the math rewarder on rows {gold, pred}:
//   bench_math --dump N > pairs.jsonl          N generated pairs, half equal, half near misses
//   bench_math pairs.jsonl [verdicts.jsonl]    times per pair, pairs per second on one and two
//   threads
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "rewards/math/math.h"
#include "tests/rewards/math_pairs.h"

namespace {

using r1::Json;
namespace math = r1::rewards::math;

struct Row {
  std::string gold, prediction;
};

void dump(size_t count) {
  for (const bool equal : {true, false}) {
    for (const math::Pair& pair : math::generated_pairs(count / 2, equal)) {
      const Json row = {{"gold", pair.gold},
                        {"pred", pair.prediction},
                        {"equal", equal},
                        {"why", pair.kind + ": generated"}};
      std::printf("%s\n", r1::dump_json(row).c_str());
    }
  }
}

double seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Processor time of this thread per row, in microseconds: another program on the same core does not
// count.
std::vector<double> time_each(const std::vector<Row>& rows, std::ofstream& verdicts) {
  std::vector<double> microseconds;
  for (const Row& row : rows) {
    const double start = seconds(CLOCK_THREAD_CPUTIME_ID);
    const math::Judgement judgement = math::judge(row.gold, row.prediction);
    microseconds.push_back(1e6 * (seconds(CLOCK_THREAD_CPUTIME_ID) - start));
    const Json line = {{"equal", judgement.verdict == math::Verdict::kEqual},
                       {"verdict", math::verdict_name(judgement.verdict)},
                       {"rule", judgement.rule},
                       {"us", microseconds.back()}};
    if (verdicts.is_open()) verdicts << r1::dump_json(line) << "\n";
  }
  return microseconds;
}

// Every thread judges all rows. Returns pairs per second of wall time.
double throughput(const std::vector<Row>& rows, int threads) {
  const double wall = seconds(CLOCK_MONOTONIC), processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&rows] {
      for (const Row& row : rows) math::judge(row.gold, row.prediction);
    });
  }
  for (std::thread& worker : workers) worker.join();
  const double pairs = static_cast<double>(rows.size()) * threads;
  const double rate = pairs / (seconds(CLOCK_MONOTONIC) - wall);
  std::printf("%d thread(s): %.0f pairs/s, %.1f us of processor time per pair\n", threads, rate,
              1e6 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - processor) / pairs);
  return rate;
}

int measure(const std::string& file, const std::string& verdict_file) {
  std::vector<Row> rows;
  r1::read_jsonl(file, [&](const Json& row, int64_t line) {
    const std::string where = file + ":" + std::to_string(line);
    rows.push_back(
        {r1::require_string(row, "gold", where), r1::require_string(row, "pred", where)});
  });
  if (rows.empty()) throw r1::DataError(file + " has no rows");
  std::ofstream verdicts;
  if (!verdict_file.empty()) verdicts.open(verdict_file);
  std::vector<double> us = time_each(rows, verdicts);
  std::sort(us.begin(), us.end());
  const auto quantile = [&](double q) {
    return us[static_cast<size_t>(q * static_cast<double>(us.size() - 1))];
  };
  std::printf("level %s, %zu pairs\n", math::level().c_str(), rows.size());
  std::printf("p50 %.1f us, p99 %.1f us, max %.1f us\n", quantile(0.5), quantile(0.99), us.back());
  const double one = throughput(rows, 1), two = throughput(rows, 2);
  std::printf("2 threads do %.2f times the work of one\n", two / one);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string first = argc > 1 ? argv[1] : "";
    if (first == "--dump" && argc == 3) {
      dump(std::stoul(argv[2]));
      return 0;
    }
    if (first.empty() || first.starts_with("--"))
      throw r1::ConfigError("bench_math --dump N, or bench_math PAIRS.jsonl [VERDICTS.jsonl]");
    return measure(first, argc > 2 ? argv[2] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
