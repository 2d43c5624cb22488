// The verb tokenize.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/json.h"
#include "model/tokenizer.h"
#include "recipes/cli.h"

namespace r1::recipes {
namespace {

struct TokenizeOptions {
  std::string folder, jsonl;
  std::optional<std::string> text;
  bool decode = false, skip_special_tokens = false;
};

// Standard output in large writes.
class Output {
 public:
  ~Output() { flush(); }
  std::string& buffer() { return buffer_; }
  void end_line() {
    buffer_ += '\n';
    if (buffer_.size() >= (size_t{1} << 20)) flush();
  }

 private:
  void flush() {
    std::fwrite(buffer_.data(), 1, buffer_.size(), stdout);
    std::fflush(stdout);
    buffer_.clear();
  }
  std::string buffer_;
};

void append_ids(std::string& line, const std::vector<int64_t>& ids) {
  line += "{\"ids\":[";
  char digits[24];
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) line += ',';
    line.append(digits, std::to_chars(digits, digits + sizeof digits, ids[i]).ptr);
  }
  line += "]}";
}

std::vector<int64_t> ids_of_row(const Json& row, const std::string& where) {
  const auto found = row.find("ids");
  if (found == row.end()) throw DataError(where + ": field \"ids\" is missing");
  const bool valid =
      found->is_array() && std::all_of(found->begin(), found->end(),
                                       [](const Json& id) { return id.is_number_integer(); });
  if (!valid) throw DataError(where + ": field \"ids\": expected an array of integers");
  return found->get<std::vector<int64_t>>();
}

// Integers with spaces, commas or brackets between them.
std::vector<int64_t> ids_of_text(const std::string& text) {
  std::vector<int64_t> ids;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    if (std::string_view(" \t\r\n,[]").find(*at) != std::string_view::npos) {
      ++at;
      continue;
    }
    int64_t id = 0;
    const auto [next, error] = std::from_chars(at, end, id);
    if (error != std::errc()) {
      throw DataError(fmt::format("byte {} of the ids: expected an integer, found \"{}\"",
                                  at - text.data(), std::string(at, std::min(end, at + 20))));
    }
    ids.push_back(id);
    at = next;
  }
  return ids;
}

// Strict where decode() is not: ids that no token has are mistakes here.
std::string text_of(const std::vector<int64_t>& ids, const TokenizeOptions& options,
                    const model::Tokenizer& tokenizer) {
  for (const int64_t id : ids) {
    if (id >= 0 && id < tokenizer.vocab_size()) continue;
    throw DataError(
        fmt::format("token id {} is outside the vocabulary of {}", id, tokenizer.vocab_size()));
  }
  return tokenizer.decode(ids, options.skip_special_tokens);
}

void tokenize_rows(const TokenizeOptions& options, const model::Tokenizer& tokenizer) {
  Output output;
  read_jsonl(options.jsonl, [&](const Json& row, int64_t line) {
    const std::string where =
        fmt::format("{}:{}", options.jsonl == "-" ? "standard input" : options.jsonl, line);
    try {
      if (options.decode) {
        const auto ids = ids_of_row(row, where);
        output.buffer() += dump_json({{"text", text_of(ids, options, tokenizer)}});
      } else {
        append_ids(output.buffer(), tokenizer.encode(require_string(row, "text", where)));
      }
    } catch (const DataError& error) {
      const std::string reason = error.what();
      throw DataError(reason.starts_with(where) ? reason : where + ": " + reason);
    }
    output.end_line();
  });
}

void tokenize(const TokenizeOptions& options) {
  const auto tokenizer = model::load_tokenizer(options.folder);
  if (!options.jsonl.empty()) return tokenize_rows(options, *tokenizer);
  std::string text;
  if (options.text)
    text = *options.text;
  else
    text.assign(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
  Output output;
  if (options.decode) {
    output.buffer() = text_of(ids_of_text(text), options, *tokenizer);
  } else {
    append_ids(output.buffer(), tokenizer->encode(text));
  }
  output.end_line();
}

}  // namespace

void add_tokenize_verb(CommandLine& program) {
  const auto options = std::make_shared<TokenizeOptions>();
  Verb verb = program.add_verb("tokenize", "Turn text into token ids, or ids into text");
  verb.footer(
      "Special tokens written in the text become their ids; none is added.\n"
      "Without --jsonl and --text, standard input is one text.");
  verb.option("--model", &options->folder, "model folder in Hugging Face's layout")
      .type_name("DIR")
      .required();
  const Option jsonl =
      verb.option("--jsonl", &options->jsonl,
                  "rows {\"text\"} to rows {\"ids\"}, or back; - reads standard input")
          .type_name("FILE");
  verb.option("--text", &options->text, "the text, or with --decode the ids")
      .type_name("TEXT")
      .excludes(jsonl);
  verb.flag("--decode", options->decode, "ids to text");
  verb.flag("--skip-special-tokens", options->skip_special_tokens,
            "leave special tokens out of decoded text");
  verb.callback([options] { tokenize(*options); });
}

}  // namespace r1::recipes
