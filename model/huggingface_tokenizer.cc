#include "model/huggingface_tokenizer.h"

#include "base/json.h"

namespace r1::model {
namespace {

constexpr const char* kEscapedSpace = "\u2581";

Json replace(const char* from, const char* to) {
  return Json{{"type", "Replace"}, {"pattern", Json{{"String", from}}}, {"content", to}};
}

// A text begins with bos, as in training.
Json bos_in_front(const TokenizerExport& tokenizer) {
  if (tokenizer.bos_id < 0) return nullptr;
  const std::string& bos = tokenizer.pieces.at(tokenizer.bos_id);
  const auto special = [&](int type) {
    return Json{{"SpecialToken", Json{{"id", bos}, {"type_id", type}}}};
  };
  const auto text = [](const char* name, int type) {
    return Json{{"Sequence", Json{{"id", name}, {"type_id", type}}}};
  };
  const Json token = {
      {"id", bos}, {"ids", Json::array({tokenizer.bos_id})}, {"tokens", Json::array({bos})}};
  return Json{{"type", "TemplateProcessing"},
              {"single", Json::array({special(0), text("A", 0)})},
              {"pair", Json::array({special(0), text("A", 0), special(1), text("B", 1)})},
              {"special_tokens", Json{{bos, token}}}};
}

// A byte-pair encoding without merges splits into characters; fuse_unk because sentencepiece gives
// a run of unknown characters one <unk>.
Json tokenizer_json(const TokenizerExport& tokenizer) {
  Json added = Json::array();
  for (const auto& special : tokenizer.specials) {
    added.push_back(Json{{"id", special.id},
                         {"content", special.text},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", special.control}});
  }
  Json vocab = Json::object();
  for (size_t id = 0; id < tokenizer.pieces.size(); ++id) vocab[tokenizer.pieces[id]] = id;
  const Json fuse = {{"type", "Fuse"}};
  const Json model = {{"type", "BPE"},
                      {"dropout", nullptr},
                      {"unk_token", tokenizer.pieces.at(tokenizer.unk_id)},
                      {"continuing_subword_prefix", nullptr},
                      {"end_of_word_suffix", nullptr},
                      {"fuse_unk", true},
                      {"byte_fallback", false},
                      {"ignore_merges", false},
                      {"vocab", vocab},
                      {"merges", Json::array()}};
  return Json{{"version", "1.0"},
              {"truncation", nullptr},
              {"padding", nullptr},
              {"added_tokens", added},
              {"normalizer", replace(" ", kEscapedSpace)},
              {"pre_tokenizer", nullptr},
              {"post_processor", bos_in_front(tokenizer)},
              {"decoder", Json{{"type", "Sequence"},
                               {"decoders", Json::array({replace(kEscapedSpace, " "), fuse})}}},
              {"model", model}};
}

Json special_tokens(const TokenizerExport& tokenizer) {
  Json map = Json::object();
  const auto add = [&](const char* role, int64_t id) {
    if (id >= 0) map[role] = tokenizer.pieces.at(id);
  };
  add("bos_token", tokenizer.bos_id);
  add("eos_token", tokenizer.eos_id);
  add("pad_token", tokenizer.pad_id);
  add("unk_token", tokenizer.unk_id);
  return map;
}

}  // namespace

std::map<std::string, std::string> huggingface_tokenizer_files(const TokenizerExport& tokenizer) {
  std::map<std::string, std::string> files;
  Json config = {
      {"tokenizer_class", tokenizer.plain_char ? "PreTrainedTokenizerFast" : "LlamaTokenizer"},
      {"clean_up_tokenization_spaces", false},
      {"model_max_length", nullptr}};  // the model's, once it is saved with one
  if (!tokenizer.plain_char) {
    config["add_prefix_space"] = tokenizer.add_dummy_prefix;
    config["add_bos_token"] = false;
    config["add_eos_token"] = false;
  }
  const Json specials = special_tokens(tokenizer);
  config.update(specials);
  files["tokenizer_config.json"] = dump_json_pretty(config) + "\n";
  files["special_tokens_map.json"] = dump_json_pretty(specials) + "\n";
  if (tokenizer.plain_char)
    files["tokenizer.json"] = dump_json_pretty(tokenizer_json(tokenizer)) + "\n";
  return files;
}

}  // namespace r1::model
