#include "model/bpe_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "model/bpe_reader.h"
#include "model/utf8.h"

namespace r1::model {
namespace {

constexpr const char* kFile = "tokenizer.json";
constexpr size_t kMaxText = size_t{1} << 31;  // places in it are 32-bit numbers
constexpr int64_t kMaxId = int64_t{1} << 31;

AddedToken read_added_token(const JsonView& json) {
  json.only({"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"});
  AddedToken token;
  token.id = json.at("id").integer(0, kMaxId);
  token.content = json.at("content").string();
  token.single_word = json.at("single_word").boolean();
  token.lstrip = json.at("lstrip").boolean();
  token.rstrip = json.at("rstrip").boolean();
  token.normalized = json.at("normalized").boolean();
  token.special = json.at("special").boolean();
  if (token.content.empty()) json.at("content").fail("is empty");
  if (token.content.size() > kMaxAddedTokenBytes)
    json.at("content").fail(fmt::format("is longer than {} bytes", kMaxAddedTokenBytes));
  return token;
}

}  // namespace

class BpeTokenizer::Stream : public TextStream {
 public:
  Stream(const BpeTokenizer& tokenizer, bool skip_special_tokens)
      : tokenizer_(tokenizer), skip_(skip_special_tokens), stream_(tokenizer.decoder_) {}
  std::string push(int64_t id) override {
    const std::string* text = tokenizer_.text_of(id, skip_);
    return text ? stream_.push(*text) : std::string();
  }
  std::string finish() override { return stream_.finish(); }

 private:
  const BpeTokenizer& tokenizer_;
  bool skip_;
  TokenDecoder::Stream stream_;
};

BpeTokenizer::BpeTokenizer(TokenizerFiles files, const RoleIds& fallback)
    : files_(std::move(files)) {
  try {
    read(parse_json(files_.at(kFile), kFile));
    apply_roles(read_tokenizer_roles(files_), fallback);
  } catch (const DataError& error) {
    throw CheckpointError(error.what());
  }
}

void BpeTokenizer::read(const Json& json) {
  const JsonView view(json, kFile);
  view.only({"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
             "post_processor", "decoder", "model"});
  if (view.has("version") && view.at("version").string() != "1.0")
    view.at("version").fail(
        fmt::format("\"{}\" is not supported, only 1.0 is", view.at("version").string()));
  if (view.has("normalizer")) normalizer_ = Normalizer(view.at("normalizer"));
  if (view.has("pre_tokenizer")) pre_tokenizer_ = PreTokenizer(view.at("pre_tokenizer"));
  if (view.has("decoder")) decoder_ = TokenDecoder(view.at("decoder"));
  const size_t added = view.has("added_tokens") ? view.at("added_tokens").size() : 0;
  model_ = read_bpe_model(view.at("model"), pre_tokenizer_.byte_level(), added);
  const auto& tokens = model_.vocabulary().tokens();
  next_id_ = std::count_if(tokens.begin(), tokens.end(), [](const auto& t) { return !t.empty(); });
  if (added > 0) read_added_tokens(view.at("added_tokens"));
  std::vector<std::string> prefix;
  if (view.has("post_processor")) read_post_processor(view.at("post_processor"), prefix);
  if (!prefix.empty()) first_token_ = prefix.front();
}

void BpeTokenizer::read_added_tokens(const JsonView& list) {
  for (size_t i = 0; i < list.size(); ++i) {
    AddedToken token = read_added_token(list.at(i));
    if (added_index_.contains(token.content))
      list.at(i).fail(fmt::format("\"{}\" was already added", token.content));
    const int64_t stated = token.id;
    const std::string content = token.content;
    const int64_t id = add(std::move(token));
    if (id != stated) {
      list.at(i).at("id").fail(fmt::format(
          "\"{}\" has the id {} here, but {}", content, stated,
          model_.vocabulary().id_of(content) >= 0
              ? fmt::format("{} in the vocabulary", id)
              : fmt::format("the next free one, which tokenizers gives it, is {}", id)));
    }
  }
}

int64_t BpeTokenizer::add(AddedToken token) {
  const auto [place, fresh] = added_index_.emplace(token.content, added_.size());
  if (!fresh) {
    token.id = added_[place->second].id;
    added_[place->second] = std::move(token);
    return added_[place->second].id;
  }
  token.id = model_.vocabulary().id_of(token.content);
  if (token.id < 0) token.id = next_id_++;
  added_.push_back(std::move(token));
  return added_.back().id;
}

void BpeTokenizer::apply_roles(const TokenizerRoles& roles, const RoleIds& fallback) {
  for (const AddedToken& token : roles.declared) {
    if (token.content.empty()) continue;
    const int64_t id = add(token);
    if (id != token.id) {
      throw CheckpointError(fmt::format(
          "tokenizer_config.json: added_tokens_decoder: \"{}\" has the id {} there, but {} in "
          "tokenizer.json",
          token.content, token.id, id));
    }
  }
  for (const AddedToken& token : roles.specials) {
    if (!token.content.empty() && !added_index_.contains(token.content)) add(token);
  }
  finish_added_tokens();
  const auto id_of = [&](const TokenizerRoles::Role& role, int64_t otherwise) {
    if (role.token) return token_id(*role.token);
    return !role.stated && otherwise < vocab_size() ? otherwise : -1;
  };
  bos_id_ = id_of(roles.bos, fallback.bos);
  eos_id_ = id_of(roles.eos, fallback.eos);
  pad_id_ = id_of(roles.pad, fallback.pad);
  adds_bos_ = bos_id_ >= 0 && first_token_ && token_id(*first_token_) == bos_id_;
}

void BpeTokenizer::finish_added_tokens() {
  texts_ = model_.vocabulary().tokens();
  std::vector<AddedToken> raw, normalized;
  std::vector<std::string> raw_patterns, normalized_patterns;
  std::set<std::string> special;
  for (const AddedToken& token : added_) {
    std::string pattern = token.normalized ? normalizer_.run(token.content) : token.content;
    if (static_cast<size_t>(token.id) >= texts_.size()) texts_.resize(token.id + 1);
    texts_[token.id] = pattern;
    if (token.special) special.insert(token.content);
    (token.normalized ? normalized : raw).push_back(token);
    (token.normalized ? normalized_patterns : raw_patterns).push_back(std::move(pattern));
  }
  special_.assign(texts_.size(), false);
  for (const AddedToken& token : added_) special_[token.id] = special.contains(texts_[token.id]);
  raw_tokens_ = AddedTokenMatcher(std::move(raw), raw_patterns);
  normalized_tokens_ = AddedTokenMatcher(std::move(normalized), normalized_patterns);
}

// What it puts in front of a text; nothing else of it matters here, because special tokens are not
// added.
void BpeTokenizer::read_post_processor(const JsonView& json,
                                       std::vector<std::string>& prefix) const {
  const std::string& type = json.type();
  if (type == "Sequence") {
    json.only({"type", "processors"});
    const JsonView parts = json.at("processors");
    for (size_t i = 0; i < parts.size(); ++i) read_post_processor(parts.at(i), prefix);
  } else if (type == "ByteLevel") {
    json.only({"type", "add_prefix_space", "trim_offsets", "use_regex"});
  } else if (type == "TemplateProcessing") {
    json.only({"type", "single", "pair", "special_tokens"});
    const JsonView pieces = json.at("single");
    for (size_t i = 0; i < pieces.size() && pieces.at(i).has("SpecialToken"); ++i)
      prefix.push_back(pieces.at(i).at("SpecialToken").at("id").string());
  } else {
    json.unsupported_type("ByteLevel, TemplateProcessing and Sequence");
  }
}

std::vector<int64_t> BpeTokenizer::encode(std::string_view text) const {
  const size_t invalid = find_invalid_utf8(text);
  if (invalid != text.npos) {
    throw DataError(fmt::format("byte {} of the text is not valid UTF-8 (0x{:02x})", invalid,
                                static_cast<unsigned char>(text[invalid])));
  }
  if (text.size() >= kMaxText)
    throw DataError(fmt::format("a text of {} bytes is too long to encode at once", text.size()));
  std::vector<int64_t> ids;
  std::unique_ptr<WordCache> cache = take_cache();
  for (const auto& part : raw_tokens_.split(text)) {
    if (part.id >= 0) {
      ids.push_back(part.id);
    } else {
      encode_between(text.substr(part.begin, part.end - part.begin), part.begin == 0, *cache, ids);
    }
  }
  give_cache(std::move(cache));
  return ids;
}

void BpeTokenizer::encode_between(std::string_view text, bool at_start, WordCache& cache,
                                  std::vector<int64_t>& ids) const {
  std::string owned;
  if (!normalizer_.empty()) {
    owned = normalizer_.run(std::string(text));
    text = owned;
  }
  for (const auto& part : normalized_tokens_.split(text)) {
    if (part.id >= 0) {
      ids.push_back(part.id);
      continue;
    }
    pre_tokenizer_.run(text.substr(part.begin, part.end - part.begin), at_start && part.begin == 0,
                       [&](std::string_view piece) { model_.encode(piece, cache, ids); });
  }
}

const std::string* BpeTokenizer::text_of(int64_t id, bool skip_special_tokens) const {
  if (id < 0) throw DataError(fmt::format("token id {} is negative", id));
  if (id >= vocab_size() || texts_[id].empty()) return nullptr;
  return skip_special_tokens && special_[id] ? nullptr : &texts_[id];
}

std::string BpeTokenizer::decode(const std::vector<int64_t>& ids, bool skip_special_tokens) const {
  Stream stream(*this, skip_special_tokens);
  std::string text;
  for (const int64_t id : ids) text += stream.push(id);
  return text += stream.finish();
}

std::unique_ptr<TextStream> BpeTokenizer::decode_stream(bool skip_special_tokens) const {
  return std::make_unique<Stream>(*this, skip_special_tokens);
}

std::unique_ptr<Tokenizer> BpeTokenizer::add_special_tokens(
    const std::vector<std::string>& tokens) const {
  std::vector<AddedToken> all = added_, fresh;
  int64_t next = next_id_;
  for (const std::string& content : tokens) {
    check_special_token(content);
    const auto same = [&](const AddedToken& other) { return other.content == content; };
    auto found = std::find_if(all.begin(), all.end(), same);
    if (found == all.end()) {
      const int64_t known = model_.vocabulary().id_of(content);
      found = all.insert(all.end(), {.content = content, .id = known >= 0 ? known : next++});
    }
    found->special = true;
    fresh.push_back(*found);
  }
  std::sort(all.begin(), all.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return std::make_unique<BpeTokenizer>(with_special_tokens(files_, all, fresh),
                                        RoleIds{bos_id_, eos_id_, pad_id_});
}

int64_t BpeTokenizer::token_id(std::string_view token) const {
  const auto added = added_index_.find(std::string(token));
  return added != added_index_.end() ? added_[added->second].id : model_.vocabulary().id_of(token);
}

void BpeTokenizer::save(const std::filesystem::path& folder) const {
  write_tokenizer_files(files_, folder);
}

std::unique_ptr<WordCache> BpeTokenizer::take_cache() const {
  const std::lock_guard lock(caches_mutex_);
  if (caches_.empty()) return std::make_unique<WordCache>();
  std::unique_ptr<WordCache> cache = std::move(caches_.back());
  caches_.pop_back();
  return cache;
}

void BpeTokenizer::give_cache(std::unique_ptr<WordCache> cache) const {
  const std::lock_guard lock(caches_mutex_);
  caches_.push_back(std::move(cache));
}

}  // namespace r1::model
