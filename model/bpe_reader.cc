#include "model/bpe_reader.h"

#include <fmt/format.h>

#include "base/error.h"

namespace r1::model {
namespace {

void refuse_unsupported(const JsonView& json) {
  if (json.has("type") && json.type() != "BPE") json.unsupported_type("BPE");
  json.only({"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix",
             "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges"});
  if (json.has("dropout") && json.at("dropout").value() != 0.0)
    json.at("dropout").fail("dropout while encoding is not supported; set it to null");
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (json.has(key) && !json.at(key).string().empty())
      json.at(key).fail("is not supported; only null and \"\" are");
  }
}

Vocabulary read_vocabulary(const JsonView& json, size_t added_tokens) {
  if (!json.value().is_object()) json.fail("expected an object of tokens and ids");
  const size_t limit = json.value().size() + added_tokens;
  std::vector<std::string> tokens;
  for (const auto& item : json.value().items()) {
    const Json& number = item.value();
    const bool valid = number.is_number_unsigned() && number.get<uint64_t>() < limit;
    if (!valid) {
      json.fail(
          fmt::format("the id of \"{}\", {}, is not among 0 to {}, as many as there are tokens",
                      item.key(), dump_json(number), static_cast<int64_t>(limit) - 1));
    }
    const auto id = number.get<uint64_t>();
    if (id >= tokens.size()) tokens.resize(id + 1);
    if (item.key().empty()) json.fail("a token is empty");
    if (!tokens[id].empty())
      json.fail(fmt::format("\"{}\" and \"{}\" have the same id {}", tokens[id], item.key(), id));
    tokens[id] = item.key();
  }
  return Vocabulary(std::move(tokens));
}

BpeModel::Merge read_pair(const JsonView& json) {
  if (!json.value().is_array() || json.size() != 2)
    json.fail("expected two tokens, as an array or with one space between them");
  return {json.at(size_t{0}).string(), json.at(size_t{1}).string()};
}

std::vector<BpeModel::Merge> read_merges(const JsonView& json) {
  std::vector<BpeModel::Merge> merges;
  merges.reserve(json.size());
  for (size_t i = 0; i < json.size(); ++i) {
    const Json& item = json.value()[i];
    const std::string* text = item.is_string() ? &item.get_ref<const std::string&>() : nullptr;
    if (text && text->starts_with("#version")) continue;
    const size_t space = text ? text->find(' ') : std::string::npos;
    if (space != std::string::npos && text->find(' ', space + 1) == std::string::npos) {
      const std::string_view both = *text;
      merges.push_back({both.substr(0, space), both.substr(space + 1)});
    } else {
      merges.push_back(read_pair(json.at(i)));
    }
  }
  return merges;
}

}  // namespace

BpeModel read_bpe_model(const JsonView& json, bool byte_level, size_t added_tokens) {
  refuse_unsupported(json);
  Vocabulary vocabulary = read_vocabulary(json.at("vocab"), added_tokens);
  BpeOptions options;
  options.byte_level = byte_level;
  options.byte_fallback = json.boolean_or("byte_fallback", false);
  options.ignore_merges = json.boolean_or("ignore_merges", false);
  options.fuse_unk = json.boolean_or("fuse_unk", false);
  if (json.has("unk_token") && !json.at("unk_token").string().empty()) {
    options.unk_id = vocabulary.id_of(json.at("unk_token").string());
    if (options.unk_id < 0) {
      json.at("unk_token")
          .fail(fmt::format("\"{}\" is not a token of the vocabulary",
                            json.at("unk_token").string()));
    }
  }
  const std::vector<BpeModel::Merge> merges = read_merges(json.at("merges"));
  try {
    return BpeModel(std::move(vocabulary), merges, options);
  } catch (const CheckpointError& error) {
    json.fail(error.what());
  }
}

}  // namespace r1::model
