#include "model/sentencepiece_tokenizer.h"

#include <fmt/format.h>
#include <sentencepiece_processor.h>

#include <algorithm>
#include <bitset>
#include <climits>
#include <functional>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/huggingface_tokenizer.h"
#include "model/sentencepiece_spec.h"
#include "model/token_decoder.h"
#include "model/utf8.h"

namespace r1::model {
namespace {

using Special = TokenizerExport::Special;
using Files = TokenizerFiles;

constexpr std::string_view kEscapedSpace = "\u2581";
// Behind a serialised model: the field normalizer_spec with add_dummy_prefix false, which the
// protocol buffer reader merges into the one before.
constexpr std::string_view kWithoutDummyPrefix{"\x1a\x02\x18\x00", 4};

// What sentencepiece does with a plain char model, as two tables: it is twenty times as fast, and
// training texts have millions of characters.
class CharTable {
 public:
  // False when the model is not one for which the tables say it all.
  bool build(const sentencepiece::SentencePieceProcessor& pieces, const SentencepieceSpec& spec,
             const std::vector<Special>& specials) {
    if (!spec.is_plain_char()) return false;
    for (const Special& special : specials) {
      if (special.text.find(' ') != special.text.npos ||
          special.text.find(kEscapedSpace) != special.text.npos)
        return false;
    }
    unk_ = pieces.unk_id();
    surfaces_.resize(pieces.GetPieceSize());
    for (int id = 0; id < pieces.GetPieceSize(); ++id) {
      surfaces_[id] = pieces.IdToPiece(id);
      const bool is_char = utf8_length(surfaces_[id], 0) == surfaces_[id].size();
      if (is_char && !pieces.IsUnused(id)) ids_[surfaces_[id]] = id;
      if (surfaces_[id] == kEscapedSpace) surfaces_[id] = " ";
      const bool is_special = std::any_of(specials.begin(), specials.end(),
                                          [&](const Special& s) { return s.id == id; });
      if (!is_char && !is_special) return false;
    }
    return true;
  }

  void encode(std::string_view text, std::vector<int64_t>& ids) const {
    bool after_unknown = false;  // sentencepiece makes one <unk> of a run of unknown characters
    for (size_t at = 0; at < text.size();) {
      const size_t length = utf8_length(text, at);
      const std::string_view character = text[at] == ' ' ? kEscapedSpace : text.substr(at, length);
      const auto found = ids_.find(character);
      if (found != ids_.end()) ids.push_back(found->second);
      if (found == ids_.end() && !after_unknown) ids.push_back(unk_);
      after_unknown = found == ids_.end();
      at += length;
    }
  }

  const std::string& surface(int64_t id) const { return surfaces_[id]; }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  int64_t unk_ = 0;
  std::vector<std::string> surfaces_;
  std::unordered_map<std::string, int64_t, Hash, std::equal_to<>> ids_;
};

// The text that a model's pieces stand for, as transformers' LlamaTokenizer decodes them.
TokenDecoder llama_decoder(bool strip_prefix) {
  Json steps = Json::array(
      {Json{{"type", "Replace"}, {"pattern", Json{{"String", kEscapedSpace}}}, {"content", " "}},
       Json{{"type", "ByteFallback"}}, Json{{"type", "Fuse"}}});
  if (strip_prefix)
    steps.push_back(Json{{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  const Json json = {{"type", "Sequence"}, {"decoders", std::move(steps)}};
  return TokenDecoder(JsonView(json, "decoder"));
}

class SentencepieceTokenizer : public Tokenizer {
 public:
  // `files`: those that came with the model; saved again as they were. `added`: tokens behind the
  // model's own.
  SentencepieceTokenizer(std::string serialized_model, Files files,
                         const std::vector<AddedToken>& added)
      : serialized_(std::move(serialized_model)), files_(std::move(files)) {
    spec_ = read_sentencepiece_spec(serialized_);
    std::string extended = serialized_;
    for (const AddedToken& token : added)
      extended += sentencepiece_piece(token.content, token.special);
    places_prefix_ = spec_.add_dummy_prefix && spec_.keeps_text();
    if (places_prefix_) extended += kWithoutDummyPrefix;
    sentencepiece::SetMinLogLevel(2);  // it prints its own lines otherwise
    const auto status = pieces_.LoadFromSerializedProto(extended);
    if (!status.ok()) throw CheckpointError("not a sentencepiece model: " + status.ToString());
    find_specials(read_sentencepiece_spec(extended).user_defined_ids);
    plain_char_ = table_.build(pieces_, spec_, specials_);
    use_prefix(spec_.add_dummy_prefix, false);
    bos_id_ = pieces_.bos_id();
    eos_id_ = pieces_.eos_id();
    pad_id_ = pieces_.pad_id();
  }

  // Where the space goes that the model was trained to see before a text: transformers puts it
  // before the text only, or, with "legacy", behind every special token, too.
  void use_prefix_of(const Json& config) {
    const JsonView view(config, "tokenizer_config.json");
    use_prefix(view.boolean_or("add_prefix_space", spec_.add_dummy_prefix),
               view.boolean_or("legacy", false));
  }

  // transformers lets tokenizer_config.json overrule the model's own choice.
  void use_roles_of(const Json& config) {
    const auto read = [&](const char* role, int64_t& id) {
      auto it = config.find(role);
      if (it == config.end() || it->is_null()) return;
      const Json& content = it->is_object() && it->contains("content") ? it->at("content") : *it;
      if (!content.is_string())
        throw CheckpointError(fmt::format("{} of tokenizer_config.json: expected text", role));
      id = token_id(content.get<std::string>());
      if (id < 0) {
        throw CheckpointError(fmt::format(
            "{} of tokenizer_config.json, {}, is not one of the model's tokens; tokens added "
            "outside the sentencepiece model are not supported yet",
            role, dump_json(content)));
      }
    };
    read("bos_token", bos_id_);
    read("eos_token", eos_id_);
    read("pad_token", pad_id_);
  }

  std::vector<int64_t> encode(std::string_view text) const override {
    const size_t invalid = find_invalid_utf8(text);
    if (invalid != text.npos) {
      throw DataError(fmt::format("byte {} of the text is not valid UTF-8 (0x{:02x})", invalid,
                                  static_cast<unsigned char>(text[invalid])));
    }
    std::vector<int64_t> ids;
    size_t begin = 0, at = 0;
    while (at < text.size()) {
      const Special* special = special_at(text, at);
      if (!special) {
        ++at;
        continue;
      }
      encode_plain(text.substr(begin, at - begin), begin == 0, ids);
      ids.push_back(special->id);
      begin = at += special->text.size();
    }
    encode_plain(text.substr(begin), begin == 0, ids);
    return ids;
  }

  std::string decode(const std::vector<int64_t>& ids, bool skip_special_tokens) const override {
    std::string text;
    if (plain_char_) {
      for (const int64_t id : ids) {
        if (!is_skipped(id, skip_special_tokens)) text += table_.surface(id);
      }
      return text;
    }
    Stream stream(*this, skip_special_tokens);
    for (const int64_t id : ids) text += stream.push(id);
    return text += stream.finish();
  }

  std::unique_ptr<TextStream> decode_stream(bool skip_special_tokens) const override {
    return std::make_unique<Stream>(*this, skip_special_tokens);
  }

  std::unique_ptr<Tokenizer> add_special_tokens(
      const std::vector<std::string>& tokens) const override {
    Files files = files_to_save();
    std::vector<AddedToken> fresh;
    int64_t next = vocab_size();
    for (const std::string& content : tokens) {
      check_special_token(content);
      const auto same = [&](const AddedToken& other) { return other.content == content; };
      if (std::any_of(fresh.begin(), fresh.end(), same)) continue;
      const int64_t known = token_id(content);
      if (is_user_defined(known)) continue;  // one token always, as it is
      if (known >= 0 && !is_control(static_cast<int>(known)))
        throw ConfigError(fmt::format("\"{}\" is a token of the model already", content));
      fresh.push_back({.content = content, .id = known >= 0 ? known : next++, .special = true});
      if (known < 0) files["tokenizer.model"] += sentencepiece_piece(content, true);
    }
    files.erase("tokenizer.json");  // made anew from the model
    return make_sentencepiece_tokenizer(with_special_tokens(std::move(files), {}, fresh));
  }

  int64_t vocab_size() const override { return pieces_.GetPieceSize(); }
  int64_t bos_id() const override { return bos_id_; }
  int64_t eos_id() const override { return eos_id_; }
  int64_t pad_id() const override { return pad_id_; }

  int64_t token_id(std::string_view token) const override {
    const int id = pieces_.PieceToId(token);  // that of <unk> when it is no piece
    return id >= 0 && id < vocab_size() && pieces_.IdToPiece(id) == token ? id : -1;
  }

  void save(const std::filesystem::path& folder) const override {
    write_tokenizer_files(files_to_save(), folder);
  }

 private:
  enum class Prefix { kNever, kFirst, kAlways };

  class Stream : public TextStream {
   public:
    Stream(const SentencepieceTokenizer& tokenizer, bool skip_special_tokens)
        : tokenizer_(tokenizer), skip_(skip_special_tokens), stream_(tokenizer.decoder_) {}
    std::string push(int64_t id) override {
      if (tokenizer_.is_skipped(id, skip_)) return {};
      return stream_.push(tokenizer_.pieces_.IdToPiece(static_cast<int>(id)));
    }
    std::string finish() override { return stream_.finish(); }

   private:
    const SentencepieceTokenizer& tokenizer_;
    bool skip_;
    TokenDecoder::Stream stream_;
  };

  void find_specials(const std::vector<int64_t>& user_defined_ids) {
    for (int id = 0; id < pieces_.GetPieceSize(); ++id) {
      if (is_control(id)) specials_.push_back({pieces_.IdToPiece(id), id, true});
    }
    for (const int64_t id : user_defined_ids)
      specials_.push_back({pieces_.IdToPiece(static_cast<int>(id)), id, false});
    std::erase_if(specials_, [](const Special& special) { return special.text.empty(); });
    std::sort(specials_.begin(), specials_.end(),
              [](const Special& a, const Special& b) { return a.id < b.id; });
    longest_first_ = specials_;
    std::stable_sort(
        longest_first_.begin(), longest_first_.end(),
        [](const Special& a, const Special& b) { return a.text.size() > b.text.size(); });
    for (const Special& special : specials_)
      starts_.set(static_cast<unsigned char>(special.text.front()));
  }

  void use_prefix(bool add_prefix_space, bool legacy) {
    if (places_prefix_ && add_prefix_space) prefix_ = legacy ? Prefix::kAlways : Prefix::kFirst;
    decoder_ = llama_decoder(spec_.add_dummy_prefix && add_prefix_space);
  }

  Files files_to_save() const {
    TokenizerExport description;
    for (int id = 0; id < pieces_.GetPieceSize(); ++id)
      description.pieces.push_back(pieces_.IdToPiece(id));
    description.specials = specials_;
    description.unk_id = pieces_.unk_id();
    description.bos_id = bos_id_;
    description.eos_id = eos_id_;
    description.pad_id = pad_id_;
    description.plain_char = plain_char_;
    description.add_dummy_prefix = spec_.add_dummy_prefix;
    Files files = files_;
    files.merge(huggingface_tokenizer_files(description));
    files["tokenizer.model"] = serialized_;
    return files;
  }

  bool is_control(int id) const { return pieces_.IsControl(id) || pieces_.IsUnknown(id); }

  bool is_user_defined(int64_t id) const {
    return std::any_of(specials_.begin(), specials_.end(), [&](const Special& special) {
      return special.id == id && !special.control;
    });
  }

  bool is_skipped(int64_t id, bool skip_special_tokens) const {
    if (id < 0 || id >= vocab_size())
      throw DataError(fmt::format("token id {} is outside the vocabulary of {}", id, vocab_size()));
    return skip_special_tokens && is_control(static_cast<int>(id));
  }

  const Special* special_at(std::string_view text, size_t at) const {
    if (!starts_.test(static_cast<unsigned char>(text[at]))) return nullptr;
    for (const Special& special : longest_first_) {
      if (text.substr(at, special.text.size()) == special.text) return &special;
    }
    return nullptr;
  }

  void encode_plain(std::string_view text, bool at_start, std::vector<int64_t>& ids) const {
    if (text.empty()) return;
    if (plain_char_) return table_.encode(text, ids);
    const bool prefixed = prefix_ == Prefix::kAlways || (prefix_ == Prefix::kFirst && at_start);
    std::string owned;
    if (prefixed && text.front() != ' ' && !text.starts_with(kEscapedSpace))
      text = owned = " " + std::string(text);
    std::vector<int> narrow;
    const auto status = pieces_.Encode(text, &narrow);
    if (!status.ok()) throw DataError("sentencepiece cannot encode the text: " + status.ToString());
    ids.insert(ids.end(), narrow.begin(), narrow.end());
  }

  std::string serialized_;
  Files files_;
  SentencepieceSpec spec_;
  sentencepiece::SentencePieceProcessor pieces_;
  std::vector<Special> specials_, longest_first_;
  bool places_prefix_ = false;  // we do it, not the library
  Prefix prefix_ = Prefix::kNever;
  TokenDecoder decoder_;
  CharTable table_;  // used if plain_char_
  bool plain_char_ = false;
  std::bitset<256> starts_;  // first bytes of special tokens
  int64_t bos_id_ = -1, eos_id_ = -1, pad_id_ = -1;
};

// The tokens that Hugging Face files add behind the model's own. Others, or renamed ones, would get
// wrong ids from us: refused.
std::vector<AddedToken> tokens_behind(const std::vector<AddedToken>& declared,
                                      const std::string& serialized_model) {
  const std::vector<std::string> pieces = read_sentencepiece_spec(serialized_model).pieces;
  std::vector<AddedToken> added;
  for (const AddedToken& token : declared) {
    const auto known = std::find(pieces.begin(), pieces.end(), token.content);
    if (known != pieces.end() && known - pieces.begin() == token.id) continue;
    const auto next = static_cast<int64_t>(pieces.size() + added.size());
    if (known == pieces.end() && token.id == next && !token.content.empty()) {
      added.push_back(token);
      continue;
    }
    throw CheckpointError(
        fmt::format("added_tokens_decoder of tokenizer_config.json makes \"{}\" token {}, which it "
                    "is not among the model's {}, nor the next one behind them",
                    token.content, token.id, pieces.size()));
  }
  return added;
}

}  // namespace

std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(TokenizerFiles files) {
  try {
    const std::string model = files.at("tokenizer.model");
    const std::vector<AddedToken> added =
        tokens_behind(read_tokenizer_roles(files).declared, model);
    auto tokenizer = std::make_unique<SentencepieceTokenizer>(model, files, added);
    if (const auto it = files.find("tokenizer_config.json"); it != files.end()) {
      const Json config = parse_json(it->second, it->first);
      tokenizer->use_roles_of(config);
      tokenizer->use_prefix_of(config);
    }
    return tokenizer;
  } catch (const Error& error) {
    throw CheckpointError(fmt::format("tokenizer.model: {}", error.what()));
  }
}

std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(std::string serialized_model) {
  return std::make_unique<SentencepieceTokenizer>(std::move(serialized_model), Files{},
                                                  std::vector<AddedToken>{});
}

}  // namespace r1::model
