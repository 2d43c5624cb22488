// Matrices: their arithmetic is carried out on the trees, their entries are compared one by one.
#include <algorithm>

#include "rewards/math/compare.h"
#include "rewards/math/evaluate.h"

namespace r1::rewards::math::engine {
namespace {

constexpr int kMaxDeterminant = 5;
constexpr int64_t kMaxMatrixPower = 16;

const Node& entry(const Node& matrix, int row, int column) {
  return *matrix.children[static_cast<size_t>(row * matrix.columns + column)];
}

Node* make_matrix(Tree& tree, const std::vector<const Node*>& entries, int rows, int columns) {
  Node* node = tree.make(Kind::kMatrix, entries);
  node->rows = rows;
  node->columns = columns;
  return node;
}

bool is_matrix(const Node& node) { return node.kind == Kind::kMatrix; }

}  // namespace

// The tree with every operation on matrices done; what cannot be done stays as it is.
const Node* Comparer::lower(const Node& node) {
  if (!contains(node, Kind::kMatrix) || tree_.nodes() > 4 * kMaxNodes || is_matrix(node))
    return &node;
  std::vector<const Node*> children;
  for (const Node* child : node.children) children.push_back(lower(*child));
  if (const Node* done = combine(node, children)) return done;
  Node* copy = tree_.make(node.kind, children, node.begin, node.end);
  const auto kept = copy->children;
  *copy = node;
  copy->children = kept;
  return copy;
}

const Node* Comparer::combine(const Node& node, const std::vector<const Node*>& children) {
  const bool first = is_matrix(*children[0]);
  switch (node.kind) {
    case Kind::kAbsolute:
      return first ? determinant(*children[0]) : nullptr;
    case Kind::kNamed:
      return first && node.text == "det" ? determinant(*children[0]) : nullptr;
    case Kind::kNegate:
      return first ? scaled_matrix(*children[0], *tree_.number(Rational(-1)), Kind::kMultiply)
                   : nullptr;
    case Kind::kTuple:
      return children.size() == 1 && first ? children[0] : nullptr;
    case Kind::kPower:
      return first ? matrix_power(*children[0], *children[1]) : nullptr;
    case Kind::kDivide:
      return first && !is_matrix(*children[1])
                 ? scaled_matrix(*children[0], *children[1], Kind::kDivide)
                 : nullptr;
    case Kind::kMultiply: {
      const Node* product = children[0];
      for (size_t i = 1; i < children.size() && product != nullptr; ++i) {
        const bool left = is_matrix(*product), right = is_matrix(*children[i]);
        if (left && right) {
          product = matrix_product(*product, *children[i]);
        } else if (left || right) {
          product = scaled_matrix(left ? *product : *children[i], left ? *children[i] : *product,
                                  Kind::kMultiply);
        } else {
          product = tree_.make(Kind::kMultiply, {product, children[i]});
        }
      }
      return product;
    }
    case Kind::kAdd: {
      for (const Node* child : children) {
        if (!is_matrix(*child) || child->rows != children[0]->rows ||
            child->columns != children[0]->columns)
          return nullptr;
      }
      std::vector<const Node*> sums;
      for (size_t k = 0; k < children[0]->children.size(); ++k) {
        std::vector<const Node*> terms;
        for (const Node* child : children) terms.push_back(child->children[k]);
        sums.push_back(tree_.make(Kind::kAdd, terms));
      }
      return make_matrix(tree_, sums, children[0]->rows, children[0]->columns);
    }
    default:
      return nullptr;
  }
}

const Node* Comparer::scaled_matrix(const Node& matrix, const Node& factor, Kind kind) {
  std::vector<const Node*> entries;
  for (const Node* child : matrix.children) entries.push_back(tree_.make(kind, {child, &factor}));
  return make_matrix(tree_, entries, matrix.rows, matrix.columns);
}

const Node* Comparer::matrix_product(const Node& a, const Node& b) {
  if (a.columns != b.rows || !budget_.spend(int64_t{a.rows} * a.columns * b.columns) ||
      tree_.nodes() > 4 * kMaxNodes)
    return nullptr;
  std::vector<const Node*> entries;
  for (int i = 0; i < a.rows; ++i) {
    for (int j = 0; j < b.columns; ++j) {
      std::vector<const Node*> terms;
      for (int k = 0; k < a.columns; ++k)
        terms.push_back(tree_.make(Kind::kMultiply, {&entry(a, i, k), &entry(b, k, j)}));
      entries.push_back(terms.size() == 1 ? terms[0] : tree_.make(Kind::kAdd, terms));
    }
  }
  return make_matrix(tree_, entries, a.rows, b.columns);
}

const Node* Comparer::transpose(const Node& matrix) {
  std::vector<const Node*> entries;
  for (int j = 0; j < matrix.columns; ++j) {
    for (int i = 0; i < matrix.rows; ++i) entries.push_back(&entry(matrix, i, j));
  }
  return make_matrix(tree_, entries, matrix.columns, matrix.rows);
}

// A^T, A^{-1}, A^3
const Node* Comparer::matrix_power(const Node& matrix, const Node& exponent) {
  if (exponent.kind == Kind::kSymbol && (exponent.text == "T" || exponent.text == "\\top"))
    return transpose(matrix);
  Rational value;
  if (matrix.rows != matrix.columns ||
      evaluate_rational(exponent, {}, budget_, value) != Status::kOk || !value.fits_int64()) {
    return nullptr;
  }
  const int64_t n = value.to_int64();
  if (n == -1) return matrix_inverse(matrix);
  if (n < 1 || n > kMaxMatrixPower) return nullptr;
  const Node* power = &matrix;
  for (int64_t k = 1; k < n && power != nullptr; ++k) power = matrix_product(*power, matrix);
  return power;
}

const Node* Comparer::minor(const Node& matrix, int row, int column) {
  std::vector<const Node*> entries;
  for (int i = 0; i < matrix.rows; ++i) {
    for (int j = 0; j < matrix.columns; ++j) {
      if (i != row && j != column) entries.push_back(&entry(matrix, i, j));
    }
  }
  return make_matrix(tree_, entries, matrix.rows - 1, matrix.columns - 1);
}

// By the first row.
const Node* Comparer::determinant(const Node& matrix) {
  if (matrix.rows != matrix.columns || matrix.rows > kMaxDeterminant ||
      tree_.nodes() > 4 * kMaxNodes)
    return nullptr;
  if (matrix.rows == 1) return matrix.children[0];
  std::vector<const Node*> terms;
  for (int column = 0; column < matrix.columns; ++column) {
    const Node* below = determinant(*minor(matrix, 0, column));
    if (below == nullptr) return nullptr;
    const Node* term = tree_.make(Kind::kMultiply, {&entry(matrix, 0, column), below});
    terms.push_back(column % 2 == 0 ? term : tree_.make(Kind::kNegate, {term}));
  }
  return tree_.make(Kind::kAdd, terms);
}

// Adjugate over determinant.
const Node* Comparer::matrix_inverse(const Node& matrix) {
  const Node* whole = determinant(matrix);
  if (whole == nullptr || matrix.rows > 3) return nullptr;
  std::vector<const Node*> entries;
  for (int i = 0; i < matrix.rows; ++i) {
    for (int j = 0; j < matrix.columns; ++j) {
      const Node* cofactor =
          matrix.rows == 1 ? tree_.number(Rational(1)) : determinant(*minor(matrix, j, i));
      if (cofactor == nullptr) return nullptr;
      if ((i + j) % 2 == 1) cofactor = tree_.make(Kind::kNegate, {cofactor});
      entries.push_back(tree_.make(Kind::kDivide, {cofactor, whole}));
    }
  }
  return make_matrix(tree_, entries, matrix.rows, matrix.columns);
}

// A vector may be written as a tuple.
Outcome Comparer::matrices(const Node& gold, const Node& prediction) {
  const bool both = is_matrix(gold) && is_matrix(prediction);
  if (both) {
    if (gold.rows != prediction.rows || gold.columns != prediction.columns)
      return differ("different_shape");
    return in_order(gold.children, prediction.children, "matrix");
  }
  const Node& matrix = is_matrix(gold) ? gold : prediction;
  const Node& other = is_matrix(gold) ? prediction : gold;
  if (other.kind != Kind::kTuple || (matrix.rows != 1 && matrix.columns != 1))
    return differ("kinds");
  return in_order(gold.children, prediction.children, "vector");
}

}  // namespace r1::rewards::math::engine
