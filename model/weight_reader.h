// Weights from files into parameters, in pieces: no tensor is ever in memory twice.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "model/safetensors.h"

namespace r1::model {

// Fills `to` (contiguous, of the stored shape, any device and floating dtype) from the tensor. A
// dtype that is the stored one is read straight into place. Throws CheckpointError naming the file,
// the byte and the tensor: wrong_dtype for integers, not_finite for NaN and infinity, overflow for
// values that the dtype of `to` cannot hold.
void read_weight(const SafetensorsFile& file, const std::string& name, const at::Tensor& to);

// Whether the tensor, converted to the dtype of `other`, has its values.
bool equals_weight(const SafetensorsFile& file, const std::string& name, const at::Tensor& other);

// No NaN or infinity. Any floating dtype and device.
bool all_finite(const at::Tensor& tensor);

}  // namespace r1::model
