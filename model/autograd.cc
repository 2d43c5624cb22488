#include "model/autograd.h"

#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <memory>
#include <mutex>

#include "base/error.h"

namespace r1::model {
namespace {

namespace autograd = torch::autograd;

class Operator : public autograd::Node {
 public:
  Operator(autograd::edge_list inputs, Backward backward)
      : Node(std::move(inputs)), backward_(std::move(backward)) {}

  void save(const at::Tensor& x) {
    const bool is_output = x.grad_fn().get() == this;
    saved_.emplace_back(x, is_output);
  }

  void release_variables() override {
    const std::lock_guard lock(mutex_);
    saved_.clear();
    released_ = true;
  }

 private:
  autograd::variable_list apply(autograd::variable_list&& gradients) override {
    const std::lock_guard lock(mutex_);
    R1_CHECK(!released_, "backward() a second time through the same graph");
    Tensors saved;
    for (const autograd::SavedVariable& x : saved_) saved.push_back(x.unpack(getptr()));
    return backward_(saved, gradients);
  }

  std::vector<autograd::SavedVariable> saved_;
  Backward backward_;
  bool released_ = false;
};

}  // namespace

void set_gradient(const Tensors& inputs, const Tensors& outputs, const Tensors& saved,
                  Backward backward) {
  if (!autograd::compute_requires_grad(inputs)) return;
  const auto node = std::shared_ptr<Operator>(
      new Operator(autograd::collect_next_edges(inputs), std::move(backward)),
      autograd::deleteNode);
  autograd::set_history(outputs, node);
  for (const at::Tensor& x : saved) node->save(x);
}

}  // namespace r1::model
