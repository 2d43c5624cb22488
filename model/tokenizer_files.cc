#include "model/tokenizer_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/file.h"
#include "model/json_view.h"

namespace r1::model {
namespace {

constexpr const char* kConfig = "tokenizer_config.json";
constexpr const char* kNames[] = {
    "tokenizer.json",    "tokenizer.model", kConfig,      "special_tokens_map.json",
    "added_tokens.json", "vocab.json",      "merges.txt", "chat_template.jinja"};
constexpr int64_t kMaxId = int64_t{1} << 31;

// A missing file is an empty object.
Json object_of(const TokenizerFiles& files, const char* name) {
  const auto file = files.find(name);
  if (file == files.end()) return Json::object();
  Json json = parse_json(file->second, name);
  if (!json.is_object()) throw DataError(std::string(name) + ": expected a JSON object");
  return json;
}

// "<s>", or {"content": "<s>", "lstrip": false, ...}.
AddedToken special_token(const JsonView& json) {
  AddedToken token;
  token.special = true;
  const bool has_flags = json.value().is_object();
  token.content = has_flags ? json.at("content").string() : json.string();
  if (token.content.size() > kMaxAddedTokenBytes)
    json.fail(fmt::format("the token is longer than {} bytes", kMaxAddedTokenBytes));
  if (!has_flags) return token;
  token.single_word = json.boolean_or("single_word", false);
  token.lstrip = json.boolean_or("lstrip", false);
  token.rstrip = json.boolean_or("rstrip", false);
  token.normalized = json.boolean_or("normalized", true);
  return token;
}

std::vector<AddedToken> declared_tokens(const JsonView& decoder) {
  std::vector<AddedToken> tokens;
  for (const auto& [key, value] : decoder.value().items()) {
    const JsonView json = decoder.at(key.c_str());
    AddedToken token = special_token(json);
    token.special = json.boolean_or("special", false);
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), token.id);
    if (error != std::errc() || end != key.data() + key.size() || token.id < 0 || token.id > kMaxId)
      json.fail("expected the id of a token as the key");
    tokens.push_back(std::move(token));
  }
  std::sort(tokens.begin(), tokens.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return tokens;
}

// added_tokens.json: text to id.
std::vector<AddedToken> legacy_tokens(const Json& file, const std::vector<AddedToken>& specials) {
  std::vector<AddedToken> tokens;
  const JsonView view(file, "added_tokens.json");
  for (const auto& item : file.items()) {
    AddedToken token;
    token.content = item.key();
    token.id = view.at(item.key().c_str()).integer(0, kMaxId);
    const auto same = [&](const AddedToken& special) { return special.content == item.key(); };
    token.special = std::any_of(specials.begin(), specials.end(), same);
    token.normalized = !token.special;
    tokens.push_back(std::move(token));
  }
  std::sort(tokens.begin(), tokens.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return tokens;
}

void read_named_specials(const JsonView& config, TokenizerRoles& roles) {
  const std::pair<const char*, TokenizerRoles::Role*> ours[] = {
      {"bos_token", &roles.bos}, {"eos_token", &roles.eos}, {"pad_token", &roles.pad}};
  for (const auto& [key, role] : ours) role->stated = config.value().contains(key);
  for (const auto& [key, value] : config.value().items()) {
    if (!key.ends_with("_token") || value.is_boolean() || value.is_null()) continue;
    AddedToken token = special_token(config.at(key.c_str()));
    for (const auto& [name, role] : ours) {
      if (key == name) role->token = token.content;
    }
    roles.specials.push_back(std::move(token));
  }
  for (const char* key : {"additional_special_tokens", "extra_special_tokens"}) {
    if (!config.has(key)) continue;
    const JsonView list = config.at(key);
    if (list.value().is_object()) {
      for (const auto& [name, value] : list.value().items())
        roles.specials.push_back(special_token(list.at(name.c_str())));
    } else {
      for (size_t i = 0; i < list.size(); ++i) roles.specials.push_back(special_token(list.at(i)));
    }
  }
}

void append_unique(Json& list, const std::string& text) {
  if (!list.is_array()) list = Json::array();
  for (const Json& item : list) {
    const Json& content = item.is_object() && item.contains("content") ? item.at("content") : item;
    if (content == text) return;
  }
  list.push_back(text);
}

Json content_and_flags(const AddedToken& token) {
  return {{"content", token.content},       {"single_word", token.single_word},
          {"lstrip", token.lstrip},         {"rstrip", token.rstrip},
          {"normalized", token.normalized}, {"special", token.special}};
}

// tokenizer_config.json with `fresh` special tokens.
std::string config_with(Json config, const std::vector<AddedToken>& fresh) {
  if (config.empty()) config["tokenizer_class"] = "PreTrainedTokenizerFast";
  const bool newer = config.contains("extra_special_tokens");
  Json& names = config[newer ? "extra_special_tokens" : "additional_special_tokens"];
  for (const AddedToken& token : fresh) {
    if (names.is_object()) {
      names[token.content] = token.content;
    } else {
      append_unique(names, token.content);
    }
    if (config.contains("added_tokens_decoder"))
      config["added_tokens_decoder"][std::to_string(token.id)] = content_and_flags(token);
  }
  return dump_json_pretty(config) + "\n";
}

}  // namespace

TokenizerFiles read_tokenizer_files(const std::filesystem::path& folder) {
  TokenizerFiles files;
  for (const char* name : kNames) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(folder / name, ignored))
      files[name] = read_file(folder / name);
  }
  return files;
}

void write_tokenizer_files(const TokenizerFiles& files, const std::filesystem::path& folder) {
  for (const auto& [name, content] : files) write_file_atomic(folder / name, content);
}

TokenizerRoles read_tokenizer_roles(const TokenizerFiles& files) {
  Json config = object_of(files, kConfig);
  const bool declares = config.contains("added_tokens_decoder");
  if (!declares) {  // only then transformers looks at the older files
    const Json map = object_of(files, "special_tokens_map.json");
    for (const auto& [key, value] : map.items()) config[key] = value;
  }
  TokenizerRoles roles;
  const JsonView view(config, kConfig);
  read_named_specials(view, roles);
  if (view.has("added_tokens_decoder")) {
    roles.declared = declared_tokens(view.at("added_tokens_decoder"));
  } else if (!declares) {
    roles.declared = legacy_tokens(object_of(files, "added_tokens.json"), roles.specials);
  }
  return roles;
}

RoleIds read_config_roles(const std::filesystem::path& folder) {
  std::error_code ignored;
  RoleIds roles;
  if (!std::filesystem::is_regular_file(folder / "config.json", ignored)) return roles;
  const Json json = parse_json(read_file(folder / "config.json"), "config.json");
  const JsonView config(json, "config.json");
  const auto id_of = [&](const char* key) {
    if (!config.has(key)) return int64_t{-1};
    const JsonView id = config.at(key);
    const bool list = id.value().is_array() && id.size() > 0;
    return (list ? id.at(size_t{0}) : id).integer(-1, kMaxId);
  };
  roles.bos = id_of("bos_token_id");
  roles.eos = id_of("eos_token_id");
  roles.pad = id_of("pad_token_id");
  return roles;
}

TokenizerFiles with_special_tokens(TokenizerFiles files, const std::vector<AddedToken>& added,
                                   const std::vector<AddedToken>& fresh) {
  files[kConfig] = config_with(object_of(files, kConfig), fresh);
  const auto file = files.find("tokenizer.json");
  if (file == files.end()) return files;
  Json json = parse_json(file->second, file->first);
  json["added_tokens"] = Json::array();
  for (const AddedToken& token : added) {
    Json entry = {{"id", token.id}};
    entry.update(content_and_flags(token));
    json["added_tokens"].push_back(std::move(entry));
  }
  file->second = dump_json_pretty(json) + "\n";
  return files;
}

}  // namespace r1::model
