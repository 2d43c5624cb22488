// The one door to the libraries of exact arithmetic: FLINT (rationals, polynomials), Arb (balls)
// and Calcium (algebraic and some transcendental numbers), as Debian 12 ships them or merged as in
// FLINT 3. Nothing else of the project includes them. Without them exact_reduced.cc stands in: own
// rationals and intervals of doubles, no proofs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace r1::rewards::math::engine {

// How an operation ended. Only after kOk does the result hold a value.
enum class Status {
  kOk,
  kUndefined,    // no value: 1/0, 0^0, log 0
  kUnsupported,  // outside this kind of number: a root among rationals, a free variable among
                 // constants
  kUncertain,    // the ball is too wide to tell; more precision may
  kTooLarge,     // refused by an estimate of its size, or the budget is spent
};

enum class Function {
  kSin,
  kCos,
  kTan,
  kCot,
  kSec,
  kCsc,
  kArcsin,
  kArccos,
  kArctan,
  kArccot,
  kSinh,
  kCosh,
  kTanh,
  kArsinh,
  kArcosh,
  kArtanh,
  kExp,
  kLn,
  kReal,
  kImaginary,
  kConjugate,
};

enum class Constant { kPi, kE, kI };

class Rational {
 public:
  Rational();
  explicit Rational(int64_t value);
  Rational(int64_t numerator, int64_t denominator);  // denominator > 0
  Rational(const Rational& other);
  Rational(Rational&& other) noexcept;
  Rational& operator=(const Rational& other);
  Rational& operator=(Rational&& other) noexcept;
  ~Rational();

  // An unsigned integer in `base` (2 to 36), letters in either case; the caller has checked the
  // digits.
  static Rational from_digits(std::string_view digits, int base);
  static Rational power_of_ten(int64_t exponent);  // |exponent| <= 40,000

  void add(const Rational& other);
  void subtract(const Rational& other);
  void multiply(const Rational& other);
  void divide(const Rational& other);  // other is not zero
  void negate();
  void raise(int64_t exponent);  // not 0 to a negative exponent; the caller has estimated the size
  // Turns into its n-th root (n >= 2) and returns true, if that is rational; negative radicands for
  // odd n only.
  bool take_root(int64_t n);
  void round_down();  // to the integer below

  int sign() const;
  int compare(const Rational& other) const;
  bool operator==(const Rational& other) const { return compare(other) == 0; }
  bool is_integer() const;
  bool has_finite_decimal() const;  // the denominator holds no prime but 2 and 5
  int64_t bits() const;             // of the larger of numerator and denominator
  bool fits_int64() const;          // an integer in the range of int64_t
  int64_t to_int64() const;         // only if it fits
  Rational numerator() const;
  Rational denominator() const;
  // Numerator over denominator modulo a prime p < 2^62; false if p divides the denominator.
  bool modulo(uint64_t p, uint64_t& result) const;
  std::string text() const;  // "7/2"

  const void* raw() const { return words_; }  // for exact_*.cc
  void* raw() { return words_; }

 private:
  alignas(8) unsigned char words_[16];
};

Rational greatest_common_divisor(const Rational& a, const Rational& b);  // of integers
Rational factorial(int64_t n);                                           // 0 <= n <= 10,000
Rational binomial(int64_t n, int64_t k);                                 // 0 <= n <= 10,000

// A rigorous enclosure of a complex number.
class Ball {
 public:
  Ball();
  Ball(const Ball& other);
  Ball& operator=(const Ball& other);
  ~Ball();

  void set(const Rational& value, int64_t precision);
  void set(Constant constant, int64_t precision);
  void add(const Ball& other, int64_t precision);
  void subtract(const Ball& other, int64_t precision);
  void multiply(const Ball& other, int64_t precision);
  Status divide(const Ball& other, int64_t precision);
  void negate();
  // With `real`, odd roots of negative numbers are negative numbers; otherwise principal values.
  Status raise(const Rational& exponent, bool real, int64_t precision);
  Status raise(const Ball& exponent, int64_t precision);
  Status apply(Function function, int64_t precision);
  void absolute(int64_t precision);
  void gamma(int64_t precision);

  bool is_finite() const;
  bool contains_zero() const;
  bool overlaps(const Ball& other) const;
  bool is_real() const;                    // its imaginary part is exactly zero
  bool is_not_real() const;                // its imaginary part is certainly not zero
  int sign() const;                        // of a real ball: -1 or 1 if certain, else 0
  bool narrower_than(int64_t log2) const;  // its radius is below 2^log2
  // The exponent of an upper bound of its absolute value; of a lower one for `low`. Clamped to
  // +-2^40.
  int64_t magnitude(bool low) const;
  // The integer below a real ball, if certain.
  Status round_down(Rational& result) const;
  int compare(const Rational& value) const;  // of a real ball: -1 or 1 if certain, else 0
  std::string text() const;                  // some digits, for a person

 private:
  alignas(8) unsigned char storage_[96];
};

// A quotient of polynomials with integer coefficients. Not reduced: a greatest common divisor would
// cost more than it saves, and a quotient is zero exactly when its numerator is.
class RationalFunctions {
 public:
  class Value;
  // At most 8 variables.
  explicit RationalFunctions(int variables);
  ~RationalFunctions();
  RationalFunctions(const RationalFunctions&) = delete;
  RationalFunctions& operator=(const RationalFunctions&) = delete;

  struct Deleter {
    RationalFunctions* owner;
    void operator()(Value* value) const;
  };
  using Handle = std::unique_ptr<Value, Deleter>;
  Handle make();
  void set(Value& value, const Rational& number);
  void set_variable(Value& value, int index);
  void add(Value& value, const Value& other);
  void multiply(Value& value, const Value& other);
  bool divide(Value& value, const Value& other);  // false: by zero
  void copy(Value& value, const Value& other);
  bool is_zero(const Value& value);
  int64_t terms(const Value& value);   // of numerator and denominator
  int64_t bits(const Value& value);    // of the largest coefficient
  int64_t degree(const Value& value);  // the largest total degree

  static bool available();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Exact numbers of a fixed expression: roots, pi, exponentials, logarithms, trigonometry. Not
// interruptible: callers bound the size of what they ask.
class ExactNumbers {
 public:
  class Value;
  ExactNumbers();
  ~ExactNumbers();
  ExactNumbers(const ExactNumbers&) = delete;
  ExactNumbers& operator=(const ExactNumbers&) = delete;

  struct Deleter {
    ExactNumbers* owner;
    void operator()(Value* value) const;
  };
  using Handle = std::unique_ptr<Value, Deleter>;
  Handle make();
  void set(Value& value, const Rational& number);
  void set(Value& value, Constant constant);
  void copy(Value& value, const Value& other);
  void add(Value& value, const Value& other);
  void multiply(Value& value, const Value& other);
  Status divide(Value& value, const Value& other);
  Status raise(Value& value, const Rational& exponent);
  Status raise(Value& value, const Value& exponent);
  Status root(Value& value, int64_t n);  // principal
  Status apply(Value& value, Function function);
  void negate(Value& value);
  void absolute(Value& value);
  bool is_rational(const Value& value, Rational& result);

  enum class Truth { kTrue, kFalse, kUnknown };
  Truth is_zero(const Value& value);
  Truth is_negative(const Value& value);

  static bool available();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

std::string exact_level();  // "full" or "reduced"

}  // namespace r1::rewards::math::engine
