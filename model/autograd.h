// Operators with gradients of their own. torch::autograd::Function would do it too, at ten seconds
// of templates for every file that names it.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

namespace r1::model {

using Tensors = std::vector<at::Tensor>;

// The gradient of every input, from what was saved and the gradients of the outputs. Undefined ones
// are zero: of an input that has none, of an output that nothing depends on.
using Backward = std::function<Tensors(const Tensors& saved, const Tensors& gradients)>;

// Makes the outputs, which were computed from the inputs without autograd, depend on them. `saved`
// may hold inputs and outputs; changing one of them in place before backward is an error. Does
// nothing where gradients are off or no input asks for one. Inputs may be undefined.
void set_gradient(const Tensors& inputs, const Tensors& outputs, const Tensors& saved,
                  Backward backward);

}  // namespace r1::model
