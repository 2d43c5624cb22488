#include "model/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "base/philox.h"

namespace r1::model {
namespace {

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

constexpr int64_t kTile = 16;     // keys of a page tile
constexpr double kUlp = 0x1p-24;  // largest relative error of one fp32 rounding

Floats normals(int64_t count, uint64_t seed, double scale = 1) {
  const RandomStream draws(seed, "kernels", Purpose::kData);
  Floats values(count);
  for (int64_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(scale * draws.normal(static_cast<uint64_t>(i)));
  return values;
}

Doubles widen(const Floats& x) { return {x.begin(), x.end()}; }

testing::AssertionResult same_bits(const Floats& a, const Floats& b) {
  if (a.size() != b.size())
    return testing::AssertionFailure() << a.size() << " and " << b.size() << " numbers";
  for (size_t i = 0; i < a.size(); ++i)
    if (std::memcmp(&a[i], &b[i], sizeof(float)) != 0)
      return testing::AssertionFailure() << "number " << i << ": " << a[i] << " and " << b[i];
  return testing::AssertionSuccess();
}

// Largest |a - b|, over the largest |b|.
double relative_difference(const Floats& a, const Doubles& b) {
  double difference = 0, size = 0;
  for (size_t i = 0; i < b.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(a[i]) - b[i]));
    size = std::max(size, std::abs(b[i]));
  }
  return difference / size;
}

// Central differences of f at x. With a step of 1e-5 on numbers around 1 they are good to 1e-9.
Doubles numeric_gradient(Doubles x, const std::function<double(const Doubles&)>& f) {
  constexpr double kStep = 1e-5;
  Doubles gradient(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    const double at = x[i];
    x[i] = at + kStep;
    const double up = f(x);
    x[i] = at - kStep;
    gradient[i] = (up - f(x)) / (2 * kStep);
    x[i] = at;
  }
  return gradient;
}

// ---- one run of every kernel, as a list of everything it wrote ---------------------------------

struct Gemm {
  int64_t m, n, k;
  bool a_by_rows = true, b_by_rows = true;
  Floats a, b;
  Gemm(int64_t rows, int64_t columns, int64_t depth, bool a_rows, bool b_rows)
      : m(rows),
        n(columns),
        k(depth),
        a_by_rows(a_rows),
        b_by_rows(b_rows),
        a(normals(m * k, 1)),
        b(normals(k * n, 2)) {}
  GemmOperand left() const {
    return a_by_rows ? GemmOperand{a.data(), k, 1} : GemmOperand{a.data(), 1, m};
  }
  GemmOperand right() const {
    return b_by_rows ? GemmOperand{b.data(), n, 1} : GemmOperand{b.data(), 1, k};
  }
  float a_at(int64_t i, int64_t l) const { return a_by_rows ? a[i * k + l] : a[l * m + i]; }
  float b_at(int64_t l, int64_t j) const { return b_by_rows ? b[l * n + j] : b[j * k + l]; }
  Floats run(const Kernels& kernels) const {
    Floats c(m * n, NAN);
    kernels.gemm(left(), right(), c.data(), n, 0, m, 0, n, k, false);
    return c;
  }
  Floats run_onto(const Kernels& kernels) const {
    Floats c = normals(m * n, 3);
    kernels.gemm(left(), right(), c.data(), n, 0, m, 0, n, k, true);
    return c;
  }
};

void append(Floats& to, const Floats& more) { to.insert(to.end(), more.begin(), more.end()); }

struct Norm {
  int64_t rows, width;
  float eps = 1e-5f;
  Floats x, delta, weight, dy, dh;
  Norm(int64_t r, int64_t w)
      : rows(r),
        width(w),
        x(normals(r * w, 1)),
        delta(normals(r * w, 2)),
        weight(normals(w, 3)),
        dy(normals(r * w, 4)),
        dh(normals(r * w, 5)) {}
  struct Result {
    Floats h, y, rstd;
  };
  Result forward(const Kernels& kernels, bool add) const {
    Result out{Floats(rows * width, NAN), Floats(rows * width, NAN), Floats(rows, NAN)};
    kernels.add_rms_norm(x.data(), add ? delta.data() : nullptr, weight.data(), eps, rows, width,
                         add ? out.h.data() : nullptr, out.y.data(), out.rstd.data());
    if (!add) out.h = x;
    return out;
  }
  Floats backward(const Kernels& kernels, bool with_dh, const Result& at) const {
    Floats dx(rows * width, NAN);
    kernels.rms_norm_backward(dy.data(), with_dh ? dh.data() : nullptr, at.h.data(), weight.data(),
                              at.rstd.data(), rows, width, dx.data());
    return dx;
  }
  Floats weight_grad(const Kernels& kernels, const Result& at) const {
    Floats dweight(width, 0.5f);  // added to
    kernels.rms_norm_weight_grad(dy.data(), at.h.data(), at.rstd.data(), rows, width, 0, width,
                                 dweight.data());
    return dweight;
  }
};

// One query head over keys in tiles, the layout that kernels_impl.h states.
struct Attention {
  int64_t length, head_dim;
  float scale;
  Floats q, k, v, dout;       // [length][head_dim]
  Floats k_tiles, v_tiles_t;  // [tile][head_dim][16]
  Floats v_tiles;             // [tile][16][head_dim]
  Attention(int64_t l, int64_t d)
      : length(l),
        head_dim(d),
        scale(1 / std::sqrt(static_cast<float>(d))),
        q(normals(l * d, 1, 2)),
        k(normals(l * d, 2)),
        v(normals(l * d, 3)),
        dout(normals(l * d, 4)) {
    const int64_t padded = (length + kTile - 1) / kTile * kTile;
    k_tiles.assign(padded * head_dim, 0);
    v_tiles_t = v_tiles = k_tiles;
    for (int64_t j = 0; j < length; ++j)
      for (int64_t i = 0; i < head_dim; ++i) {
        k_tiles[(j / kTile * head_dim + i) * kTile + j % kTile] = k[j * head_dim + i];
        v_tiles_t[(j / kTile * head_dim + i) * kTile + j % kTile] = v[j * head_dim + i];
        v_tiles[j * head_dim + i] = v[j * head_dim + i];
      }
  }
  struct Result {
    Floats out, lse;
  };
  // Row i over keys 0 .. i; only the last row when `last_only`.
  Result forward(const Kernels& kernels, bool last_only = false) const {
    std::vector<const float*> ks, vs;
    for (int64_t t = 0; t * kTile < length; ++t) {
      ks.push_back(k_tiles.data() + t * kTile * head_dim);
      vs.push_back(v_tiles.data() + t * kTile * head_dim);
    }
    Floats scratch((length + kTile - 1) / kTile * kTile, NAN);
    Result result{Floats(length * head_dim, 0), Floats(length, 0)};
    for (int64_t i = last_only ? length - 1 : 0; i < length; ++i)
      result.lse[i] = kernels.attend(q.data() + i * head_dim, ks.data(), vs.data(), i + 1, head_dim,
                                     scale, scratch.data(), result.out.data() + i * head_dim);
    return result;
  }
  struct Gradients {
    Floats dq, dk, dv;
  };
  Gradients backward(const Kernels& kernels, const Result& at) const {
    Gradients g{Floats(length * head_dim, NAN), Floats(length * head_dim, 0.25f),
                Floats(length * head_dim, -0.5f)};  // dk, dv are added to
    kernels.attend_backward(q.data(), k.data(), k_tiles.data(), v_tiles_t.data(), at.out.data(),
                            dout.data(), at.lse.data(), length, head_dim, scale, g.dq.data(),
                            g.dk.data(), g.dv.data());
    return g;
  }
};

// The same in plain fp64: outputs [length][head_dim], then a log-sum-exp per row.
Doubles naive_attention(const Attention& a, const Doubles& q, const Doubles& k, const Doubles& v) {
  Doubles out(a.length * a.head_dim, 0), lse(a.length);
  for (int64_t i = 0; i < a.length; ++i) {
    Doubles p(i + 1, 0);
    double sum = 0;
    for (int64_t j = 0; j <= i; ++j) {
      for (int64_t d = 0; d < a.head_dim; ++d)
        p[j] += q[i * a.head_dim + d] * k[j * a.head_dim + d] * a.scale;
      p[j] = std::exp(p[j]);
      sum += p[j];
    }
    for (int64_t j = 0; j <= i; ++j)
      for (int64_t d = 0; d < a.head_dim; ++d)
        out[i * a.head_dim + d] += p[j] / sum * v[j * a.head_dim + d];
    lse[i] = std::log(sum);
  }
  out.insert(out.end(), lse.begin(), lse.end());
  return out;
}

struct Swiglu {
  Floats gate, up, dy;
  explicit Swiglu(int64_t count)
      : gate(normals(count, 1, 3)), up(normals(count, 2)), dy(normals(count, 3)) {}
  Floats forward(const Kernels& kernels) const {
    Floats y(gate.size(), NAN);
    kernels.swiglu(gate.data(), up.data(), static_cast<int64_t>(gate.size()), y.data());
    return y;
  }
  std::pair<Floats, Floats> backward(const Kernels& kernels) const {
    Floats dgate(gate.size(), NAN), dup(gate.size(), NAN);
    kernels.swiglu_backward(dy.data(), gate.data(), up.data(), static_cast<int64_t>(gate.size()),
                            dgate.data(), dup.data());
    return {dgate, dup};
  }
};

struct Logprob {
  Floats x;
  float inv_temperature;
  int64_t target;
  Logprob(int64_t count, float inverse)
      : x(normals(count, 7, 4)), inv_temperature(inverse), target(count / 2) {}
  // {log-sum-exp, entropy}
  Floats forward(const Kernels& kernels) const {
    float entropy = NAN;
    const float lse =
        kernels.logsumexp(x.data(), static_cast<int64_t>(x.size()), inv_temperature, &entropy);
    return {lse, entropy};
  }
  Floats backward(const Kernels& kernels, const Floats& at, float dlogp, float dentropy) const {
    Floats dx(x.size(), NAN);
    kernels.logprob_backward(x.data(), static_cast<int64_t>(x.size()), inv_temperature, at[0],
                             at[1], target, dlogp, dentropy, dx.data());
    return dx;
  }
};

// {log p(target), entropy} in plain fp64.
std::pair<double, double> naive_logprob(const Doubles& x, double inv_temperature, int64_t target) {
  double sum = 0, entropy = 0;
  for (const double value : x) sum += std::exp(value * inv_temperature);
  const double lse = std::log(sum);
  for (const double value : x)
    entropy -= std::exp(value * inv_temperature - lse) * (value * inv_temperature - lse);
  return {x[target] * inv_temperature - lse, entropy};
}

struct Adam {
  Floats weight, grad, exp_avg, exp_avg_sq;
  explicit Adam(int64_t count)
      : weight(normals(count, 1)),
        grad(normals(count, 2, 0.1)),
        exp_avg(normals(count, 3, 0.1)),
        exp_avg_sq(normals(count, 4, 0.1)) {
    for (float& v : exp_avg_sq) v = v * v;
  }
  // Weights, first and second moments after a step.
  Floats step(const Kernels& kernels) const {
    Adam next = *this;
    kernels.adamw(next.weight.data(), grad.data(), next.exp_avg.data(), next.exp_avg_sq.data(),
                  static_cast<int64_t>(grad.size()), 0.7f, 0.9f, 0.99f, 0.03f, 1.3f, 1e-6f, 0.995f);
    Floats all = next.weight;
    append(all, next.exp_avg);
    append(all, next.exp_avg_sq);
    return all;
  }
};

// ---- sets --------------------------------------------------------------------------------------

const std::vector<int64_t> kRows = {1, 2, 3, 4, 5, 6, 7, 8, 9};
const std::vector<int64_t> kColumns = {1, 15, 16, 17, 31, 33, 48};
const std::vector<int64_t> kDepths = {1, 255, 256, 257, 600};

struct NamedSet {
  const char* name;
  const Kernels* (*get)();
  bool runs_here;
};
void PrintTo(const NamedSet& set, std::ostream* out) { *out << set.name; }

bool cpu_has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}
bool cpu_has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#else
  return false;
#endif
}

const NamedSet kGeneric = {"generic", kernels_generic, true};
const NamedSet kAvx2 = {"avx2", kernels_avx2, cpu_has_avx2()};
const NamedSet kAvx512 = {"avx512", kernels_avx512, cpu_has_avx512()};

class SetTest : public testing::TestWithParam<NamedSet> {
 protected:
  void SetUp() override {
    if (!GetParam().get())
      GTEST_SKIP() << "the " << GetParam().name
                   << " kernels are not built for this processor family";
    if (!GetParam().runs_here) GTEST_SKIP() << "this processor lacks " << GetParam().name;
    set_ = GetParam().get();
  }
  const Kernels& set() const { return *set_; }
  const Kernels& generic() const { return *kernels_generic(); }

 private:
  const Kernels* set_ = nullptr;
};

std::string name_of(const testing::TestParamInfo<NamedSet>& info) { return info.param.name; }

// ---- the same bits from every set --------------------------------------------------------------

class KernelBits : public SetTest {};
INSTANTIATE_TEST_SUITE_P(Against, KernelBits, testing::Values(kAvx2, kAvx512), name_of);

TEST_P(KernelBits, Gemm) {
  for (const int64_t m : kRows)
    for (const int64_t n : kColumns)
      for (const int64_t k : kDepths)
        for (const bool a_by_rows : {true, false})
          for (const bool b_by_rows : {true, false}) {
            const Gemm gemm(m, n, k, a_by_rows, b_by_rows);
            ASSERT_TRUE(same_bits(gemm.run(set()), gemm.run(generic())))
                << m << " x " << n << " x " << k << " " << a_by_rows << b_by_rows;
            ASSERT_TRUE(same_bits(gemm.run_onto(set()), gemm.run_onto(generic())))
                << m << " x " << n << " x " << k << " " << a_by_rows << b_by_rows;
          }
}

TEST_P(KernelBits, RmsNorm) {
  for (const int64_t rows : kRows)
    for (const int64_t width : kColumns)
      for (const bool add : {true, false}) {
        const Norm norm(rows, width);
        const Norm::Result a = norm.forward(set(), add), b = norm.forward(generic(), add);
        ASSERT_TRUE(same_bits(a.h, b.h)) << rows << " x " << width;
        ASSERT_TRUE(same_bits(a.y, b.y)) << rows << " x " << width;
        ASSERT_TRUE(same_bits(a.rstd, b.rstd)) << rows << " x " << width;
        ASSERT_TRUE(same_bits(norm.backward(set(), add, a), norm.backward(generic(), add, a)))
            << rows << " x " << width;
        ASSERT_TRUE(same_bits(norm.weight_grad(set(), a), norm.weight_grad(generic(), a)))
            << rows << " x " << width;
      }
}

TEST_P(KernelBits, Swiglu) {
  for (const int64_t count : kColumns) {
    const Swiglu swiglu(count);
    EXPECT_TRUE(same_bits(swiglu.forward(set()), swiglu.forward(generic()))) << count;
    const auto a = swiglu.backward(set()), b = swiglu.backward(generic());
    EXPECT_TRUE(same_bits(a.first, b.first)) << count;
    EXPECT_TRUE(same_bits(a.second, b.second)) << count;
  }
}

TEST_P(KernelBits, Rope) {
  for (const int64_t half : {1, 8, 15, 16, 24, 33})
    for (const float sign : {1.0f, -1.0f}) {
      const Floats x = normals(3 * 2 * half, 1), cosine = normals(half, 2), sine = normals(half, 3);
      Floats a(x.size(), NAN), b(x.size(), NAN);
      set().rope(x.data(), cosine.data(), sine.data(), sign, 3, 2 * half, a.data());
      generic().rope(x.data(), cosine.data(), sine.data(), sign, 3, 2 * half, b.data());
      EXPECT_TRUE(same_bits(a, b)) << half;
    }
}

TEST_P(KernelBits, Attention) {
  for (const int64_t length : {1, 15, 16, 17, 31, 33, 48, 100})
    for (const int64_t head_dim : {16, 32, 48, 64}) {
      const Attention attention(length, head_dim);
      const Attention::Result a = attention.forward(set()), b = attention.forward(generic());
      ASSERT_TRUE(same_bits(a.out, b.out)) << length << " x " << head_dim;
      ASSERT_TRUE(same_bits(a.lse, b.lse)) << length << " x " << head_dim;
      const Attention::Gradients ga = attention.backward(set(), a),
                                 gb = attention.backward(generic(), a);
      ASSERT_TRUE(same_bits(ga.dq, gb.dq)) << length << " x " << head_dim;
      ASSERT_TRUE(same_bits(ga.dk, gb.dk)) << length << " x " << head_dim;
      ASSERT_TRUE(same_bits(ga.dv, gb.dv)) << length << " x " << head_dim;
    }
}

TEST_P(KernelBits, Logprob) {
  for (const int64_t count : {1, 15, 16, 17, 31, 33, 48, 1000})
    for (const float inverse : {1.0f, 1 / 0.7f}) {
      const Logprob logprob(count, inverse);
      const Floats at = logprob.forward(set());
      EXPECT_TRUE(same_bits(at, logprob.forward(generic()))) << count;
      EXPECT_TRUE(same_bits(logprob.backward(set(), at, 0.8f, -0.3f),
                            logprob.backward(generic(), at, 0.8f, -0.3f)))
          << count;
    }
}

TEST_P(KernelBits, Optimizer) {
  for (const int64_t count : {16, 48, 1600}) {
    const Adam adam(count);
    EXPECT_TRUE(same_bits(adam.step(set()), adam.step(generic()))) << count;
    const double a = set().sum_of_squares(adam.grad.data(), count),
                 b = generic().sum_of_squares(adam.grad.data(), count);
    EXPECT_EQ(a, b) << count;
  }
}

// ---- bits that do not depend on how the work is cut --------------------------------------------

class KernelCuts : public SetTest {};
INSTANTIATE_TEST_SUITE_P(Of, KernelCuts, testing::Values(kGeneric, kAvx2, kAvx512), name_of);

TEST_P(KernelCuts, GemmRowsDoNotDependOnTheirNumber) {
  for (const bool a_by_rows : {true, false}) {
    const Gemm gemm(9, 33, 600, a_by_rows, false);
    const Floats whole = gemm.run(set());
    for (int64_t first = 0; first < 9; ++first)
      for (int64_t last = first + 1; last <= 9; ++last) {
        Floats c(9 * 33, 123.0f);
        set().gemm(gemm.left(), gemm.right(), c.data(), 33, first, last, 0, 33, 600, false);
        for (int64_t i = 0; i < 9 * 33; ++i) {
          const bool inside = i / 33 >= first && i / 33 < last;
          ASSERT_EQ(c[i], inside ? whole[i] : 123.0f)
              << "rows " << first << " to " << last << ", number " << i;
        }
      }
  }
}

TEST_P(KernelCuts, GemmColumnsDoNotDependOnTheRange) {
  for (const bool b_by_rows : {true, false}) {
    const Gemm gemm(5, 70, 300, true, b_by_rows);
    const Floats whole = gemm.run(set());
    for (const auto& [first, last] : std::vector<std::pair<int64_t, int64_t>>{
             {0, 1}, {0, 16}, {3, 20}, {16, 48}, {17, 70}, {69, 70}, {31, 65}}) {
      Floats c(5 * 70, 123.0f);
      set().gemm(gemm.left(), gemm.right(), c.data(), 70, 0, 5, first, last, 300, false);
      for (int64_t i = 0; i < 5 * 70; ++i) {
        const bool inside = i % 70 >= first && i % 70 < last;
        ASSERT_EQ(c[i], inside ? whole[i] : 123.0f)
            << "columns " << first << " to " << last << ", number " << i;
      }
    }
  }
}

TEST_P(KernelCuts, GemmContinuesAChain) {
  const Gemm gemm(7, 33, 600, true, true);
  const Floats whole = gemm.run(set());
  for (const int64_t split : {1, 100, 255, 256, 257, 599}) {
    Floats c(7 * 33, NAN);
    set().gemm(gemm.left(), gemm.right(), c.data(), 33, 0, 7, 0, 33, split, false);
    set().gemm({gemm.a.data() + split, 600, 1}, {gemm.b.data() + split * 33, 33, 1}, c.data(), 33,
               0, 7, 0, 33, 600 - split, true);
    EXPECT_TRUE(same_bits(c, whole)) << split;
  }
}

TEST_P(KernelCuts, GemmBeyondItsBlocks) {  // 256 rows, 1024 columns, 256 deep
  const Gemm gemm(300, 1100, 260, true, false);
  const Floats whole = gemm.run(set());
  for (const int64_t row : {0, 255, 256, 299}) {
    Floats c(300 * 1100, NAN);
    set().gemm(gemm.left(), gemm.right(), c.data(), 1100, row, row + 1, 0, 1100, 260, false);
    EXPECT_TRUE(same_bits({c.begin() + row * 1100, c.begin() + (row + 1) * 1100},
                          {whole.begin() + row * 1100, whole.begin() + (row + 1) * 1100}))
        << row;
  }
}

// Columns [first, last) of a . b from tiles of b, which is stored by columns, added to `c`.
template <class T, class Part>
void run_tiles(const Kernels& kernels, const Gemm& gemm, Part GemmTiles::*part,
               const std::vector<T>& b, int64_t first, int64_t last, Floats& c) {
  std::vector<T> tiled(b.size());
  for (int64_t column = 0; column < gemm.n; ++column)
    for (int64_t i = 0; i < gemm.k; ++i)
      tiled[column / 16 * 16 * gemm.k + i * 16 + column % 16] = b[column * gemm.k + i];
  GemmTiles tiles;
  tiles.*part = tiled.data();
  kernels.gemm_tiles(gemm.left(), tiles, c.data(), gemm.n, 0, gemm.m, first, last, gemm.k, true);
}

TEST_P(KernelCuts, GemmFromTilesHasTheSameBits) {
  for (const int64_t m : {1, 2, 5, 9, 300})
    for (const int64_t n : {16, 48, 160})
      for (const int64_t k : {1, 256, 600}) {
        Gemm gemm(m, n, k, true, false);
        std::vector<uint16_t> halves;  // and b in what they hold
        for (float& value : gemm.b) {
          uint32_t bits;
          std::memcpy(&bits, &value, sizeof bits);
          halves.push_back(static_cast<uint16_t>(bits >> 16));
          bits &= 0xffff0000u;
          std::memcpy(&value, &bits, sizeof bits);
        }
        const Floats whole = gemm.run_onto(set());
        Floats floats = normals(m * n, 3), widened = floats;  // what run_onto starts from
        for (int64_t first = 0; first < n; first += 96) {
          const int64_t last = std::min(first + 96, n);
          run_tiles(set(), gemm, &GemmTiles::floats, gemm.b, first, last, floats);
          run_tiles(set(), gemm, &GemmTiles::bfloat16, halves, first, last, widened);
        }
        EXPECT_TRUE(same_bits(floats, whole)) << m << " x " << n << " x " << k;
        EXPECT_TRUE(same_bits(widened, whole)) << m << " x " << n << " x " << k;
      }
}

TEST_P(KernelCuts, RowsOfANormStandAlone) {
  const Norm all(9, 33);
  const Norm::Result whole = all.forward(set(), true);
  const Floats dx = all.backward(set(), true, whole);
  for (int64_t row = 0; row < 9; ++row) {
    const auto row_of = [&](const Floats& x, int64_t width) {
      return Floats(x.begin() + row * width, x.begin() + (row + 1) * width);
    };
    Norm one(1, 33);
    one.x = row_of(all.x, 33), one.delta = row_of(all.delta, 33), one.weight = all.weight,
    one.dy = row_of(all.dy, 33), one.dh = row_of(all.dh, 33);
    const Norm::Result alone = one.forward(set(), true);
    EXPECT_TRUE(same_bits(alone.y, row_of(whole.y, 33))) << row;
    EXPECT_TRUE(same_bits(one.backward(set(), true, alone), row_of(dx, 33))) << row;
  }
}

TEST_P(KernelCuts, NormWeightGradientsByColumns) {
  const Norm norm(9, 70);
  const Norm::Result at = norm.forward(set(), true);
  Floats pieces(70, 0.5f);
  for (const auto& [first, last] :
       std::vector<std::pair<int64_t, int64_t>>{{0, 16}, {16, 64}, {64, 70}})
    set().rms_norm_weight_grad(norm.dy.data(), at.h.data(), at.rstd.data(), 9, 70, first, last,
                               pieces.data());
  EXPECT_TRUE(same_bits(pieces, norm.weight_grad(set(), at)));
}

TEST_P(KernelCuts, SwigluElementsStandAlone) {
  const Swiglu whole(48);
  const Floats y = whole.forward(set());
  for (const int64_t first : {0, 5, 16, 47}) {
    float one = NAN;
    set().swiglu(whole.gate.data() + first, whole.up.data() + first, 1, &one);
    EXPECT_EQ(one, y[first]) << first;
  }
}

TEST_P(KernelCuts, KeysBehindTheQueryDoNotMatter) {
  Attention a(40, 16), b = a;
  for (int64_t j = 21; j < 40; ++j)  // later keys of the same and of later tiles
    for (int64_t d = 0; d < 16; ++d) {
      b.k_tiles[(j / kTile * 16 + d) * kTile + j % kTile] = 1e3f;
      b.v_tiles[j * 16 + d] = -1e3f;
    }
  const Attention::Result x = a.forward(set()), y = b.forward(set());
  EXPECT_TRUE(same_bits({x.out.begin(), x.out.begin() + 21 * 16},
                        {y.out.begin(), y.out.begin() + 21 * 16}));
  EXPECT_NE(x.out[21 * 16], y.out[21 * 16]);
}

// ---- values ------------------------------------------------------------------------------------

class KernelValues : public SetTest {};
INSTANTIATE_TEST_SUITE_P(Of, KernelValues, testing::Values(kGeneric, kAvx2, kAvx512), name_of);

TEST_P(KernelValues, Gemm) {
  for (const int64_t k : kDepths)
    for (const bool a_by_rows : {true, false})
      for (const bool b_by_rows : {true, false}) {
        const Gemm gemm(5, 33, k, a_by_rows, b_by_rows);
        const Floats c = gemm.run(set()), onto = gemm.run_onto(set()), start = normals(5 * 33, 3);
        for (int64_t i = 0; i < 5; ++i)
          for (int64_t j = 0; j < 33; ++j) {
            double sum = 0, size = 0;
            for (int64_t l = 0; l < k; ++l) {
              const double product = static_cast<double>(gemm.a_at(i, l)) * gemm.b_at(l, j);
              sum += product;
              size += std::abs(product);
            }
            // A chain of k roundings, each at most kUlp of the partial sum (Higham, Accuracy and
            // Stability, section 3.1).
            const double base = start[i * 33 + j];
            ASSERT_NEAR(c[i * 33 + j], sum, static_cast<double>(k) * kUlp * size) << k;
            ASSERT_NEAR(onto[i * 33 + j], base + sum,
                        static_cast<double>(k) * kUlp * (std::abs(base) + size))
                << k;
          }
      }
}

TEST_P(KernelValues, RmsNorm) {
  for (const int64_t width : {1, 17, 48}) {
    const Norm norm(3, width);
    for (const bool add : {true, false}) {
      const Norm::Result out = norm.forward(set(), add);
      Doubles h(3 * width), y(3 * width);
      for (int64_t r = 0; r < 3; ++r) {
        double squares = 0;
        for (int64_t i = r * width; i < (r + 1) * width; ++i) {
          h[i] = norm.x[i] + (add ? static_cast<double>(norm.delta[i]) : 0.0);
          squares += h[i] * h[i];
        }
        for (int64_t i = r * width; i < (r + 1) * width; ++i)
          y[i] = h[i] / std::sqrt(squares / static_cast<double>(width) + norm.eps) *
                 norm.weight[i - r * width];
      }
      EXPECT_LT(relative_difference(out.h, h), 2 * kUlp);
      EXPECT_LT(relative_difference(out.y, y),
                16 * kUlp);  // sums of at most 3 lanes' squares, a root, two products
    }
  }
}

TEST_P(KernelValues, RmsNormGradients) {
  constexpr int64_t kWidth = 19;
  const Norm norm(2, kWidth);
  const Norm::Result at = norm.forward(set(), true);
  // sum(dy y) + sum(dh h) of h and weight.
  const auto loss = [&](const Doubles& h, const Doubles& weight, bool with_dh) {
    double sum = 0;
    for (int64_t r = 0; r < 2; ++r) {
      double squares = 0;
      for (int64_t i = r * kWidth; i < (r + 1) * kWidth; ++i) squares += h[i] * h[i];
      const double rstd = 1 / std::sqrt(squares / kWidth + norm.eps);
      for (int64_t i = r * kWidth; i < (r + 1) * kWidth; ++i)
        sum +=
            norm.dy[i] * h[i] * rstd * weight[i - r * kWidth] + (with_dh ? norm.dh[i] * h[i] : 0.0);
    }
    return sum;
  };
  for (const bool with_dh : {true, false}) {
    const Doubles dx = numeric_gradient(
        widen(at.h), [&](const Doubles& h) { return loss(h, widen(norm.weight), with_dh); });
    EXPECT_LT(relative_difference(norm.backward(set(), with_dh, at), dx),
              1e-6);  // some 10 roundings of kUlp
  }
  Doubles dweight = numeric_gradient(widen(norm.weight),
                                     [&](const Doubles& w) { return loss(widen(at.h), w, true); });
  for (double& value : dweight) value += 0.5;  // what the buffer held
  EXPECT_LT(relative_difference(norm.weight_grad(set(), at), dweight), 1e-6);
}

TEST_P(KernelValues, SwigluOverTheWholeRange) {
  Floats gate, up;
  for (float x = -120; x <= 120; x += 0.37f) gate.push_back(x);
  up.assign(gate.size(), 1.5f);
  Floats y(gate.size(), NAN);
  set().swiglu(gate.data(), up.data(), static_cast<int64_t>(gate.size()), y.data());
  for (size_t i = 0; i < gate.size(); ++i) {
    const double x = gate[i], wanted = 1.5 * x / (1 + std::exp(-x));
    // exp is good to 2 ulp = 4 kUlp; a sum, a quotient and two products round once each. Beyond
    // exp's range only the size is kept.
    ASSERT_NEAR(y[i], wanted, x > -87 ? 8 * kUlp * std::abs(wanted) : 1e-35) << x;
  }
}

TEST_P(KernelValues, SwigluGradients) {
  const Swiglu s(21);
  const auto loss = [&](const Doubles& gate, const Doubles& up) {
    double sum = 0;
    for (size_t i = 0; i < gate.size(); ++i)
      sum += s.dy[i] * gate[i] / (1 + std::exp(-gate[i])) * up[i];
    return sum;
  };
  const auto [dgate, dup] = s.backward(set());
  EXPECT_LT(relative_difference(
                dgate, numeric_gradient(widen(s.gate),
                                        [&](const Doubles& x) { return loss(x, widen(s.up)); })),
            1e-6);
  EXPECT_LT(relative_difference(
                dup, numeric_gradient(widen(s.up),
                                      [&](const Doubles& x) { return loss(widen(s.gate), x); })),
            1e-6);
}

TEST_P(KernelValues, Rope) {
  // A quarter turn takes (a, b) to (-b, a); back with the sign.
  const Floats x = {1, 2, 3, 4}, cosine = {0, 1}, sine = {1, 0};
  Floats y(4), back(4);
  set().rope(x.data(), cosine.data(), sine.data(), 1.0f, 1, 4, y.data());
  EXPECT_EQ(y, (Floats{-3, 2, 1, 4}));
  set().rope(y.data(), cosine.data(), sine.data(), -1.0f, 1, 4, back.data());
  EXPECT_EQ(back, x);
}

TEST_P(KernelValues, Attention) {
  for (const int64_t length : {1, 17, 50})
    for (const int64_t head_dim : {16, 48}) {
      const Attention a(length, head_dim);
      const Doubles wanted = naive_attention(a, widen(a.q), widen(a.k), widen(a.v));
      const Attention::Result got = a.forward(set());
      Floats all = got.out;
      append(all, got.lse);
      // A score is a chain of head_dim products of sizes up to ~10, so good to about 48 * 10 * kUlp
      // / sqrt(48) = 4e-6 at worst.
      EXPECT_LT(relative_difference(all, wanted), 4e-6) << length << " x " << head_dim;
    }
}

TEST_P(KernelValues, AttentionGradients) {
  const Attention a(19, 16);
  const Doubles q = widen(a.q), k = widen(a.k), v = widen(a.v);
  const auto loss = [&](const Doubles& qs, const Doubles& ks, const Doubles& vs) {
    const Doubles out = naive_attention(a, qs, ks, vs);
    double sum = 0;
    for (size_t i = 0; i < a.dout.size(); ++i) sum += a.dout[i] * out[i];
    return sum;
  };
  Doubles dq = numeric_gradient(q, [&](const Doubles& x) { return loss(x, k, v); });
  Doubles dk = numeric_gradient(k, [&](const Doubles& x) { return loss(q, x, v); });
  Doubles dv = numeric_gradient(v, [&](const Doubles& x) { return loss(q, k, x); });
  for (double& value : dk) value += 0.25;  // what the buffers held
  for (double& value : dv) value -= 0.5;
  const Attention::Gradients g = a.backward(set(), a.forward(set()));
  // The probabilities are good to ~4e-6 (see above), and the differences of their products lose
  // little at these sizes.
  EXPECT_LT(relative_difference(g.dq, dq), 5e-6);
  EXPECT_LT(relative_difference(g.dk, dk), 5e-6);
  EXPECT_LT(relative_difference(g.dv, dv), 5e-6);
}

TEST_P(KernelValues, LogSumExpAndEntropy) {
  for (const int64_t count : {1, 17, 1000})
    for (const float inverse : {1.0f, 1 / 0.7f}) {
      const Logprob l(count, inverse);
      const auto [logp, entropy] = naive_logprob(widen(l.x), inverse, l.target);
      const double lse = static_cast<double>(l.x[l.target]) * inverse - logp;
      const Floats got = l.forward(set());
      // z = x / T up to ~25 is rounded twice before exp: 25 * 2 kUlp = 3e-6 per term at worst, and
      // terms near the maximum far less.
      EXPECT_NEAR(got[0], lse, 3e-6) << count;
      EXPECT_NEAR(got[1], entropy, 6e-6) << count;
    }
}

TEST_P(KernelValues, LogSumExpOfLargeAndMaskedLogits) {
  const Floats x = {1e4f, 1e4f, -1e4f, -INFINITY};
  float entropy = NAN;
  EXPECT_NEAR(set().logsumexp(x.data(), 4, 1.0f, &entropy), 1e4 + std::log(2.0), 1e4 * kUlp);
  EXPECT_NEAR(entropy, std::log(2.0), 2 * kUlp);
  const Floats peaked = {0, -200, -300};
  EXPECT_EQ(set().logsumexp(peaked.data(), 3, 1.0f, &entropy), 0.0f);
  EXPECT_EQ(entropy, 0.0f);
}

TEST_P(KernelValues, LogprobGradients) {
  for (const float inverse : {1.0f, 1 / 0.7f})
    for (const auto& [dlogp, dentropy] :
         std::vector<std::pair<float, float>>{{1, 0}, {0, 1}, {0.8f, -0.3f}}) {
      const Logprob l(21, inverse);
      const Floats got = l.backward(set(), l.forward(set()), dlogp, dentropy);
      const Doubles wanted =
          numeric_gradient(widen(l.x), [&, dl = dlogp, de = dentropy](const Doubles& x) {
            const auto [logp, entropy] = naive_logprob(x, inverse, l.target);
            return dl * logp + de * entropy;
          });
      EXPECT_LT(relative_difference(got, wanted), 5e-6)
          << dlogp << " " << dentropy;  // probabilities as good as the log-sum-exp above
    }
}

TEST_P(KernelValues, AdamW) {
  const Adam adam(32);
  const Floats got = adam.step(set());
  Doubles wanted(96);
  for (int64_t i = 0; i < 32; ++i) {
    const double g = 0.7 * adam.grad[i], m = 0.9 * adam.exp_avg[i] + 0.1 * g,
                 v = 0.99 * adam.exp_avg_sq[i] + 0.01 * g * g;
    wanted[i] = 0.995 * adam.weight[i] - 0.03 * m / (std::sqrt(v) * 1.3 + 1e-6);
    wanted[32 + i] = m;
    wanted[64 + i] = v;
  }
  for (int64_t i = 0; i < 96; ++i)
    ASSERT_NEAR(got[i], wanted[i], 1e-6 * std::max(1.0, std::abs(wanted[i])))
        << i;  // 1 - 0.99f is off by 1e-6 of itself
  double squares = 0;
  for (const float g : adam.grad) squares += static_cast<double>(g) * g;
  EXPECT_NEAR(set().sum_of_squares(adam.grad.data(), 32), squares, 1e-14 * squares);
}

TEST(Kernels, TheChosenSetRunsHere) {
  const std::string name = kernels().name;
  EXPECT_TRUE(name == "generic" || (name == "avx2" && cpu_has_avx2()) ||
              (name == "avx512" && cpu_has_avx512()))
      << name;
}

}  // namespace
}  // namespace r1::model
