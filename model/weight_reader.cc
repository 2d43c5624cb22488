#include "model/weight_reader.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/error.h"
#include "base/parallel.h"
#include "model/causal_lm.h"
#include "model/safetensors_header.h"

namespace r1::model {
namespace {

constexpr int64_t kPiece = int64_t{1} << 18;  // elements

// A floating-point number is NaN or infinite exactly when all bits of its exponent are set. Blocks
// of fixed length so that the compiler makes vectors of the inner loop.
template <class Word, class Value>
bool exponents_below(const at::Tensor& tensor, Word exponent) {
  constexpr int64_t kBlock = 64;
  const Value* values = tensor.const_data_ptr<Value>();
  const auto is_full = [=](int64_t i) -> Word {
    return (std::bit_cast<Word>(values[i]) & exponent) == exponent;
  };
  const int64_t count = tensor.numel(), blocks = count / kBlock;
  for (int64_t block = 0; block < blocks; ++block) {
    Word full = 0;
    for (int64_t j = 0; j < kBlock; ++j) full |= is_full(block * kBlock + j);
    if (full) return false;
  }
  for (int64_t i = blocks * kBlock; i < count; ++i)
    if (is_full(i)) return false;
  return true;
}

// `tensor` is contiguous and on the CPU.
bool finite_on_cpu(const at::Tensor& tensor) {
  switch (tensor.scalar_type()) {
    case at::kFloat:
      return exponents_below<uint32_t, float>(tensor, 0x7f800000u);
    case at::kBFloat16:
      return exponents_below<uint16_t, at::BFloat16>(tensor, 0x7f80);
    case at::kHalf:
      return exponents_below<uint16_t, at::Half>(tensor, 0x7c00);
    case at::kDouble:
      return exponents_below<uint64_t, double>(tensor, 0x7ff0000000000000u);
    default:
      throw InternalError("not a floating dtype");
  }
}

[[noreturn]] void refuse(const SafetensorsFile& file, const std::string& name, int64_t element,
                         std::string_view code, const std::string& reason) {
  const auto byte =
      static_cast<uint64_t>(element) * static_cast<uint64_t>(at::elementSize(file.dtype(name)));
  refuse_safetensors(file.path(), file.byte_offset(name) + byte, code,
                     fmt::format("tensor {}: {}", printable_tensor_name(name), reason));
}

void check_dtype(const SafetensorsFile& file, const std::string& name) {
  const at::ScalarType stored = file.dtype(name);
  if (at::isFloatingType(stored)) return;
  refuse(file, name, 0, "wrong_dtype",
         fmt::format("its type is {}, weights are floating point; quantised checkpoints are not "
                     "supported",
                     at::toString(stored)));
}

// Elements [first, first + count) on the CPU in the stored dtype.
at::Tensor read_piece(const SafetensorsFile& file, const std::string& name, int64_t first,
                      int64_t count) {
  at::Tensor piece = at::empty({count}, at::TensorOptions().dtype(file.dtype(name)));
  file.read(name, first, count, piece.mutable_data_ptr());
  return piece;
}

[[noreturn]] void refuse_values(const SafetensorsFile& file, const std::string& name, int64_t first,
                                const at::Tensor& converted) {
  const at::Tensor stored = read_piece(file, name, first, converted.numel());
  const bool lost = finite_on_cpu(stored);
  const int64_t place = first + at::isfinite(converted).logical_not().nonzero()[0].item<int64_t>();
  if (lost) {
    refuse(file, name, place, "overflow",
           fmt::format("has values that {} cannot hold; load it as bfloat16 or float32",
                       dtype_name(converted.scalar_type())));
  }
  refuse(file, name, place, "not_finite",
         "has values that are not finite; the checkpoint was saved after a failed step");
}

// One piece of `flat`, which is `to` as a vector.
void fill_piece(const SafetensorsFile& file, const std::string& name, int64_t first, int64_t count,
                const at::Tensor& flat) {
  at::NoGradGuard no_grad;
  at::Tensor target = flat.narrow(0, first, count), values;
  if (target.device().is_cpu() && target.scalar_type() == file.dtype(name)) {
    file.read(name, first, count, target.mutable_data_ptr());
    values = target;
  } else {
    values = read_piece(file, name, first, count).to(target.scalar_type());
  }
  if (!finite_on_cpu(values)) refuse_values(file, name, first, values);
  if (!values.is_same(target)) target.copy_(values);
}

}  // namespace

void read_weight(const SafetensorsFile& file, const std::string& name, const at::Tensor& to) {
  check_dtype(file, name);
  R1_CHECK(to.is_contiguous() && at::IntArrayRef(file.shape(name)) == to.sizes(),
           "the tensor's shape is not the parameter's");
  const at::Tensor flat = to.detach().view({-1});
  const int64_t count = flat.numel(), pieces = (count + kPiece - 1) / kPiece;
  const auto fill = [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece)
      fill_piece(file, name, piece * kPiece, std::min(kPiece, count - piece * kPiece), flat);
  };
  if (to.device().is_cpu())
    parallel_for(pieces, 1, fill);
  else
    fill(0, pieces);
}

bool equals_weight(const SafetensorsFile& file, const std::string& name, const at::Tensor& other) {
  if (at::IntArrayRef(file.shape(name)) != other.sizes()) return false;
  check_dtype(file, name);
  const at::Tensor flat = other.detach().contiguous().view({-1});
  for (int64_t first = 0; first < flat.numel(); first += kPiece) {
    const int64_t count = std::min(kPiece, flat.numel() - first);
    const at::Tensor piece = read_piece(file, name, first, count).to(flat.scalar_type());
    if (!at::equal(piece, flat.narrow(0, first, count).cpu())) return false;
  }
  return true;
}

bool all_finite(const at::Tensor& tensor) {
  if (tensor.device().is_cpu()) return finite_on_cpu(tensor.detach().contiguous());
  return at::isfinite(tensor).all().item<bool>();
}

}  // namespace r1::model
