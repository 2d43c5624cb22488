#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "base/parallel.h"
#include "model/autograd.h"
#include "model/ops.h"

namespace r1::model {
namespace {

// Where the pages of every sequence start in a list of K (and V) page base pointers.
struct PageMap {
  std::vector<float*> k, v;
  std::vector<int64_t> first;  // per sequence, its first entry
};

struct Geometry : AttentionGeometry {
  const float *cosine, *sine;
  int64_t half() const { return head_dim / 2; }
  int64_t q_width() const { return heads * head_dim; }
  int64_t kv_width() const { return kv_heads * head_dim; }
  int64_t tile() const { return kPageTokens * head_dim; }  // floats of one head's K or V in a page
};

// Page pointers into the cache's storage, or into scratch laid out the same way.
PageMap map_pages(const FlatBatch& batch, const Geometry& g, const CacheView* cache,
                  at::Tensor& k_pages, at::Tensor& v_pages) {
  PageMap map;
  int64_t total = 0;
  for (int64_t s = 0; s < batch.num_sequences(); ++s) {
    map.first.push_back(total);
    total += pages_for(batch.first_position[s] + batch.offsets[s + 1] - batch.offsets[s]);
  }
  if (!cache) {
    k_pages = at::empty({total, g.kv_heads, g.head_dim, kPageTokens}, at::kFloat);
    v_pages = at::empty({total, g.kv_heads, kPageTokens, g.head_dim}, at::kFloat);
  }
  float *pk = k_pages.mutable_data_ptr<float>(), *pv = v_pages.mutable_data_ptr<float>();
  const int64_t page = g.kv_heads * g.tile();
  for (int64_t s = 0; s < batch.num_sequences(); ++s) {
    const int64_t count = (s + 1 < batch.num_sequences() ? map.first[s + 1] : total) - map.first[s];
    for (int64_t i = 0; i < count; ++i) {
      const int64_t id = cache ? (*cache->pages[s])[i] : map.first[s] + i;
      map.k.push_back(pk + id * page);
      map.v.push_back(pv + id * page);
    }
  }
  return map;
}

void write_pages(const FlatBatch& batch, const Geometry& g, const PageMap& map, const float* k,
                 const float* v) {
  parallel_for(batch.num_sequences(), 8, [&](int64_t begin, int64_t end) {
    std::vector<float> rotated(g.kv_width());
    for (int64_t s = begin; s < end; ++s)
      for (int64_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t) {
        const int64_t position = batch.first_position[s] + t - batch.offsets[s],
                      slot = position % kPageTokens;
        kernels().rope(k + t * g.kv_width(), g.cosine + position * g.half(),
                       g.sine + position * g.half(), 1.0f, g.kv_heads, g.head_dim, rotated.data());
        float* k_page = map.k[map.first[s] + position / kPageTokens];
        float* v_page = map.v[map.first[s] + position / kPageTokens];
        for (int64_t h = 0; h < g.kv_heads; ++h) {
          for (int64_t d = 0; d < g.head_dim; ++d)
            k_page[h * g.tile() + d * kPageTokens + slot] = rotated[h * g.head_dim + d];
          std::memcpy(v_page + h * g.tile() + slot * g.head_dim,
                      v + t * g.kv_width() + h * g.head_dim, sizeof(float) * g.head_dim);
        }
      }
  });
}

// Attends one sequence's tokens [t0, t1).
void attend_rows(const FlatBatch& batch, const Geometry& g, const PageMap& map, int64_t s,
                 int64_t t0, int64_t t1, const float* q, float* out, float* lse) {
  const int64_t pages =
      pages_for(batch.first_position[s] + batch.offsets[s + 1] - batch.offsets[s]);
  const int64_t group = g.heads / g.kv_heads;
  std::vector<float> rotated(g.q_width()), scratch(pages * kPageTokens);
  std::vector<const float*> k_tiles(g.kv_heads * pages), v_tiles(g.kv_heads * pages);
  for (int64_t h = 0; h < g.kv_heads; ++h)
    for (int64_t i = 0; i < pages; ++i) {
      k_tiles[h * pages + i] = map.k[map.first[s] + i] + h * g.tile();
      v_tiles[h * pages + i] = map.v[map.first[s] + i] + h * g.tile();
    }
  for (int64_t t = t0; t < t1; ++t) {
    const int64_t position = batch.first_position[s] + t - batch.offsets[s];
    kernels().rope(q + t * g.q_width(), g.cosine + position * g.half(),
                   g.sine + position * g.half(), 1.0f, g.heads, g.head_dim, rotated.data());
    for (int64_t h = 0; h < g.heads; ++h) {
      const int64_t tiles = h / group * pages;
      lse[t * g.heads + h] =
          kernels().attend(rotated.data() + h * g.head_dim, k_tiles.data() + tiles,
                           v_tiles.data() + tiles, position + 1, g.head_dim, g.scale,
                           scratch.data(), out + t * g.q_width() + h * g.head_dim);
    }
  }
}

void attend_all(const FlatBatch& batch, const Geometry& g, const PageMap& map, const float* q,
                float* out, float* lse) {
  int64_t keys = 0;
  for (int64_t s = 0; s < batch.num_sequences(); ++s)
    keys = std::max(keys, batch.first_position[s] + batch.offsets[s + 1] - batch.offsets[s]);
  parallel_for(batch.num_tokens(), grain_of(4 * keys * g.q_width()),
               [&](int64_t begin, int64_t end) {
                 int64_t s = std::upper_bound(batch.offsets.begin(), batch.offsets.end(), begin) -
                             batch.offsets.begin() - 1;
                 for (int64_t t = begin; t < end; ++s) {
                   const int64_t stop = std::min(end, batch.offsets[s + 1]);
                   if (stop > t) attend_rows(batch, g, map, s, t, stop, q, out, lse);
                   t = stop;
                 }
               });
}

// Copies one head of rows [0, length) out of [T, width] and, when given angles, rotates it; or
// back.
struct HeadRows {
  const Geometry& g;
  int64_t width, head, begin, length;
  void gather(const float* from, bool rotate, float* to) const {
    for (int64_t i = 0; i < length; ++i) {
      const float* x = from + (begin + i) * width + head * g.head_dim;
      if (rotate)
        kernels().rope(x, g.cosine + i * g.half(), g.sine + i * g.half(), 1.0f, 1, g.head_dim,
                       to + i * g.head_dim);
      else
        std::memcpy(to + i * g.head_dim, x, sizeof(float) * g.head_dim);
    }
  }
  void scatter(const float* from, bool rotate_back, float* to) const {
    for (int64_t i = 0; i < length; ++i) {
      float* x = to + (begin + i) * width + head * g.head_dim;
      if (rotate_back)
        kernels().rope(from + i * g.head_dim, g.cosine + i * g.half(), g.sine + i * g.half(), -1.0f,
                       1, g.head_dim, x);
      else
        std::memcpy(x, from + i * g.head_dim, sizeof(float) * g.head_dim);
    }
  }
};

std::vector<float> tiles_of(const std::vector<float>& rows, int64_t length, int64_t head_dim) {
  std::vector<float> tiles(pages_for(length) * kPageTokens * head_dim, 0.0f);
  for (int64_t j = 0; j < length; ++j)
    for (int64_t d = 0; d < head_dim; ++d)
      tiles[(j / kPageTokens * head_dim + d) * kPageTokens + j % kPageTokens] =
          rows[j * head_dim + d];
  return tiles;
}

struct BackwardPointers {
  const float *q, *k, *v, *out, *dout, *lse;
  float *dq, *dk, *dv;
};

void backward_head(const Geometry& g, const BackwardPointers& p, int64_t begin, int64_t length,
                   int64_t kv_head) {
  const int64_t size = length * g.head_dim, group = g.heads / g.kv_heads;
  std::vector<float> k(size), v(size), q(size), out(size), dout(size), dq(size), dk(size, 0.0f),
      dv(size, 0.0f), lse(length);
  const HeadRows kv{g, g.kv_width(), kv_head, begin, length};
  kv.gather(p.k, true, k.data());
  kv.gather(p.v, false, v.data());
  const std::vector<float> k_tiles = tiles_of(k, length, g.head_dim),
                           v_tiles = tiles_of(v, length, g.head_dim);
  for (int64_t h = kv_head * group; h < (kv_head + 1) * group; ++h) {
    const HeadRows head{g, g.q_width(), h, begin, length};
    head.gather(p.q, true, q.data());
    head.gather(p.out, false, out.data());
    head.gather(p.dout, false, dout.data());
    for (int64_t i = 0; i < length; ++i) lse[i] = p.lse[(begin + i) * g.heads + h];
    kernels().attend_backward(q.data(), k.data(), k_tiles.data(), v_tiles.data(), out.data(),
                              dout.data(), lse.data(), length, g.head_dim, g.scale, dq.data(),
                              dk.data(), dv.data());
    head.scatter(dq.data(), true, p.dq);
  }
  kv.scatter(dk.data(), true, p.dk);
  kv.scatter(dv.data(), false, p.dv);
}

// saved: q, k, v, out, lse.
Tensors attention_backward(const Tensors& saved, const at::Tensor& dout, const Geometry& g,
                           const std::vector<int64_t>& offsets) {
  at::Tensor dq = at::empty_like(saved[0]), dk = at::empty_like(saved[1]),
             dv = at::empty_like(saved[2]);
  const BackwardPointers p{saved[0].const_data_ptr<float>(), saved[1].const_data_ptr<float>(),
                           saved[2].const_data_ptr<float>(), saved[3].const_data_ptr<float>(),
                           dout.const_data_ptr<float>(),     saved[4].const_data_ptr<float>(),
                           dq.mutable_data_ptr<float>(),     dk.mutable_data_ptr<float>(),
                           dv.mutable_data_ptr<float>()};
  const int64_t sequences = static_cast<int64_t>(offsets.size()) - 1;
  parallel_for(sequences * g.kv_heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      backward_head(g, p, offsets[i / g.kv_heads],
                    offsets[i / g.kv_heads + 1] - offsets[i / g.kv_heads], i % g.kv_heads);
  });
  return {dq, dk, dv};
}

at::Tensor attention_kernels(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                             const FlatBatch& batch, const AttentionGeometry& geometry,
                             const std::pair<at::Tensor, at::Tensor>& table, const CacheView* cache,
                             at::Tensor k_pages, at::Tensor v_pages) {
  const Geometry g{geometry, table.first.const_data_ptr<float>(),
                   table.second.const_data_ptr<float>()};
  const PageMap map = map_pages(batch, g, cache, k_pages, v_pages);
  at::Tensor out = at::empty_like(q), lse = at::empty({q.size(0), g.heads}, q.options());
  write_pages(batch, g, map, k.const_data_ptr<float>(), v.const_data_ptr<float>());
  attend_all(batch, g, map, q.const_data_ptr<float>(), out.mutable_data_ptr<float>(),
             lse.mutable_data_ptr<float>());
  const bool cached = cache != nullptr;
  // The table goes along because g points into it.
  set_gradient(
      {q, k, v}, {out}, {q, k, v, out, lse},
      [cached, g, table, offsets = batch.offsets](const Tensors& saved, const Tensors& gradients) {
        R1_CHECK(!cached, "attention over a cache has no gradient");
        return attention_backward(saved, gradients[0].contiguous(), g, offsets);
      });
  return out;
}

// ---- the same in ATen operations, for other devices and types
// ----------------------------------------------------------

// x [T, heads, head_dim] rotated by the angles of every token's position.
at::Tensor rotate(const at::Tensor& x, const at::Tensor& cosine_T, const at::Tensor& sine_T) {
  const auto halves = x.chunk(2, -1);
  const at::Tensor c = cosine_T.unsqueeze(1).to(x.scalar_type()),
                   s = sine_T.unsqueeze(1).to(x.scalar_type());
  return at::cat({halves[0] * c - halves[1] * s, halves[1] * c + halves[0] * s}, -1);
}

struct PaddedRows {
  at::Tensor gather_SL;    // flat row of every padded place (0 where there is none)
  at::Tensor scatter_T;    // padded place of every flat row
  at::Tensor position_SL;  // absolute position of every padded place
  at::Tensor position_T;
  int64_t length = 0;
};

PaddedRows pad_rows(const FlatBatch& batch, at::Device device) {
  PaddedRows rows;
  const int64_t sequences = batch.num_sequences();
  for (int64_t s = 0; s < sequences; ++s)
    rows.length = std::max(rows.length, batch.offsets[s + 1] - batch.offsets[s]);
  std::vector<int64_t> gather(sequences * rows.length, 0), position(sequences * rows.length, 0),
      scatter, flat;
  for (int64_t s = 0; s < sequences; ++s)
    for (int64_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t) {
      const int64_t place = s * rows.length + t - batch.offsets[s];
      gather[place] = t;
      position[place] = batch.first_position[s] + t - batch.offsets[s];
      scatter.push_back(place);
      flat.push_back(position[place]);
    }
  rows.gather_SL = at::tensor(gather, at::kLong).to(device);
  rows.position_SL = at::tensor(position, at::kLong).view({sequences, rows.length}).to(device);
  rows.scatter_T = at::tensor(scatter, at::kLong).to(device);
  rows.position_T = at::tensor(flat, at::kLong).to(device);
  return rows;
}

// Keys and values of every sequence as [S, kv_heads, keys, head_dim], read back from the pages they
// were just written to.
std::pair<at::Tensor, at::Tensor> cached_keys(const at::Tensor& k, const at::Tensor& v,
                                              const FlatBatch& batch, const PaddedRows& rows,
                                              const CacheView& cache, at::Tensor k_pages,
                                              at::Tensor v_pages) {
  const int64_t sequences = batch.num_sequences();
  int64_t most = 0;
  for (int64_t s = 0; s < sequences; ++s)
    most = std::max(most,
                    pages_for(batch.first_position[s] + batch.offsets[s + 1] - batch.offsets[s]));
  std::vector<int64_t> table(sequences * most, 0), page_T;
  for (int64_t s = 0; s < sequences; ++s) {
    for (int64_t i = 0; i < std::min<int64_t>(most, cache.pages[s]->size()); ++i)
      table[s * most + i] = (*cache.pages[s])[i];
    for (int64_t t = batch.offsets[s]; t < batch.offsets[s + 1]; ++t)
      page_T.push_back(
          (*cache.pages[s])[(batch.first_position[s] + t - batch.offsets[s]) / kPageTokens]);
  }
  const at::Tensor page = at::tensor(page_T, at::kLong).to(k.device()),
                   slot = rows.position_T.remainder(kPageTokens);
  using at::indexing::Slice;
  k_pages.index_put_({page, Slice(), Slice(), slot}, k);
  v_pages.index_put_({page, Slice(), slot, Slice()}, v);
  const at::Tensor ids = at::tensor(table, at::kLong).to(k.device());
  const int64_t heads = k_pages.size(1), dim = k_pages.size(2);
  const at::Tensor keys = k_pages.index_select(0, ids)
                              .view({sequences, most, heads, dim, kPageTokens})
                              .permute({0, 2, 1, 4, 3});
  const at::Tensor values = v_pages.index_select(0, ids)
                                .view({sequences, most, heads, kPageTokens, dim})
                                .permute({0, 2, 1, 3, 4});
  return {keys.reshape({sequences, heads, most * kPageTokens, dim}),
          values.reshape({sequences, heads, most * kPageTokens, dim})};
}

at::Tensor attention_aten(const at::Tensor& q_flat, const at::Tensor& k_flat,
                          const at::Tensor& v_flat, const FlatBatch& batch,
                          const AttentionGeometry& g,
                          const std::pair<at::Tensor, at::Tensor>& table, const CacheView* cache,
                          const at::Tensor& k_pages, const at::Tensor& v_pages) {
  const PaddedRows rows = pad_rows(batch, q_flat.device());
  const at::Tensor cosine = table.first.index_select(0, rows.position_T),
                   sine = table.second.index_select(0, rows.position_T);
  const at::Tensor q_THD = rotate(q_flat.view({-1, g.heads, g.head_dim}), cosine, sine);
  const at::Tensor k_THD = rotate(k_flat.view({-1, g.kv_heads, g.head_dim}), cosine, sine);
  const at::Tensor v_THD = v_flat.view({-1, g.kv_heads, g.head_dim});
  const int64_t sequences = batch.num_sequences();
  const auto padded = [&](const at::Tensor& x) {
    return x.index_select(0, rows.gather_SL)
        .view({sequences, rows.length, x.size(1), g.head_dim})
        .transpose(1, 2);
  };
  const auto [keys, values] = cache
                                  ? cached_keys(k_THD, v_THD, batch, rows, *cache, k_pages, v_pages)
                                  : std::pair{padded(k_THD), padded(v_THD)};
  // Keys stand at their absolute positions, so "not later than the query" is the whole mask; places
  // behind a sequence's end are later than all of it.
  const at::Tensor key_position = at::arange(keys.size(2), rows.position_SL.options());
  const at::Tensor keep =
      (key_position.view({1, 1, 1, -1}) <= rows.position_SL.view({sequences, 1, rows.length, 1}));
  const int64_t group = g.heads / g.kv_heads;
  const at::Tensor out = at::scaled_dot_product_attention(
      padded(q_THD), keys.repeat_interleave(group, 1), values.repeat_interleave(group, 1), keep,
      0.0, false, g.scale);
  return out.transpose(1, 2)
      .reshape({sequences * rows.length, g.heads * g.head_dim})
      .index_select(0, rows.scatter_T);
}

}  // namespace

bool attention_uses_kernels(const at::Tensor& x, int64_t head_dim) {
  return uses_kernels(x) && head_dim % 16 == 0;
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const FlatBatch& batch, const AttentionGeometry& geometry, RopeTable& rope,
                     const CacheView* cache, const at::Tensor& k_pages, const at::Tensor& v_pages) {
  int64_t positions = 0;
  for (int64_t s = 0; s < batch.num_sequences(); ++s)
    positions =
        std::max(positions, batch.first_position[s] + batch.offsets[s + 1] - batch.offsets[s]);
  const auto& table = rope.get(positions, q.options());
  if (!attention_uses_kernels(q, geometry.head_dim))
    return attention_aten(q, k, v, batch, geometry, table, cache, k_pages, v_pages);
  return attention_kernels(q, k, v, batch, geometry, table, cache, k_pages, v_pages);
}

}  // namespace r1::model
