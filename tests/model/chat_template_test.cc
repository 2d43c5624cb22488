#include "model/chat_template.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::model {
namespace {
namespace fs = std::filesystem;

const fs::path kData = fs::path(R1_TEST_DATA) / "chat_templates";
const Json kSpecialTokens = {{"bos_token", "<|bos|>"},
                             {"eos_token", "<|eos|>"},
                             {"pad_token", "<|pad|>"},
                             {"unk_token", "<|unk|>"}};
const Json kHello = Json::array({Json{{"role", "user"}, {"content", "Hello"}}});

ChatTemplate chat_template(const std::string& source) {
  return ChatTemplate({{"default", source}}, "t.jinja", kSpecialTokens);
}

std::string render(const std::string& source, const Json& messages = kHello,
                   const ChatOptions& options = {}) {
  return chat_template(source).render(messages, options).text;
}

// Both files are made by tools/make_chat_template_goldens.py with transformers.
TEST(ChatTemplate, SnippetsRenderAsJinja2DoesOrAreRefusedAsItDoes) {
  Json messages;
  int rows = 0;
  read_jsonl(kData / "snippets.jsonl", [&](const Json& row, int64_t line) {
    if (row.contains("messages")) {
      messages = row["messages"];
      return;
    }
    ++rows;
    const std::string source = row["template"];
    if (row.contains("error")) {
      EXPECT_THROW(render(source, messages), DataError) << "line " << line << ": " << source;
      return;
    }
    try {
      EXPECT_EQ(render(source, messages), row["text"].get<std::string>())
          << "line " << line << ": " << source;
    } catch (const Error& error) {
      ADD_FAILURE() << "line " << line << ": " << source << "\n" << error.what();
    }
  });
  EXPECT_GE(rows, 110);
}

TEST(ChatTemplate, ConversationsRenderAsInTransformers) {
  int rows = 0;
  read_jsonl(kData / "conversations.jsonl", [&](const Json& row, int64_t line) {
    ++rows;
    ChatOptions options;
    options.tools = row.value("tools", Json());
    options.documents = row.value("documents", Json());
    options.add_generation_prompt = row.value("add_generation_prompt", false);
    options.continue_final_message = row.value("continue_final_message", "");
    options.variables = row.value("variables", Json::object());
    const std::string source = read_file(kData / row["template"].get<std::string>());
    if (row["text"].is_null()) {
      EXPECT_THROW(render(source, row["messages"], options), DataError) << "line " << line;
    } else {
      EXPECT_EQ(render(source, row["messages"], options), row["text"].get<std::string>())
          << "line " << line;
    }
  });
  EXPECT_EQ(rows, 120);
}

TEST(ChatTemplate, GenerationBlocksTellWhatTheAssistantWrote) {
  const ChatTemplate chat = chat_template(
      "{% for m in messages %}{{ '<' + m.role + '>' }}{% if m.role == 'assistant' %}{% generation "
      "%}{{ m.content }}</a>{% endgeneration %}"
      "{% else %}{{ m.content }}{% endif %}{% endfor %}");
  EXPECT_TRUE(chat.has_generation_blocks());
  const RenderedChat rendered = chat.render(Json::array(
      {Json{{"role", "user"}, {"content", "é"}}, Json{{"role", "assistant"}, {"content", "ü!"}},
       Json{{"role", "assistant"}, {"content", ""}}}));
  EXPECT_EQ(rendered.text, "<user>é<assistant>ü!</a><assistant></a>");
  const std::vector<std::pair<size_t, size_t>> wanted = {{19, 26}, {37, 41}};
  EXPECT_EQ(rendered.assistant, wanted);
  EXPECT_FALSE(chat_template("{{ messages }}").has_generation_blocks());
}

TEST(ChatTemplate, MessagesAreCheckedAndNullsDropped) {
  const std::string content = "{{ messages[0].content is defined }}";
  EXPECT_EQ(render(content, Json::array({Json{{"role", "user"}, {"content", nullptr}}})), "False");
  EXPECT_ERROR(DataError, render(content, Json::object()), "messages must be a list");
  EXPECT_ERROR(DataError, render(content, Json::array()), "at least one message");
  EXPECT_ERROR(DataError, render(content, Json::array({"text"})), "messages[0] must be an object");
  // Reasoning under any of its names.
  const Json thinking =
      Json::array({Json{{"role", "assistant"}, {"content", "4"}, {"thinking", "2+2"}}});
  EXPECT_EQ(render("{{ messages[0].reasoning_content }}", thinking), "2+2");
  EXPECT_EQ(render("{{ messages[0] }}", Json::array({Json{{"role", "a"}, {"reasoning", "r"}}})),
            "{'thinking': 'r', 'role': 'a', 'reasoning': 'r', 'reasoning_content': 'r'}");
}

TEST(ChatTemplate, ContinuedMessageEndsTheText) {
  ChatOptions options;
  options.continue_final_message = "content";
  const Json messages = Json::array({Json{{"role", "assistant"}, {"content", "Once "}}});
  EXPECT_EQ(render("[{{ messages[0].content }}] end", messages, options), "[Once ");
  EXPECT_EQ(render("[{{ messages[0].content | trim }}] end", messages, options), "[Once");
  EXPECT_ERROR(DataError, render("{{ messages[0].content | upper }}", messages, options),
               "does not appear");
  EXPECT_ERROR(DataError, render("{{ messages[0].role }}", messages, options),
               "does not use \"content\"");
  options.continue_final_message = "reasoning";
  EXPECT_ERROR(DataError, render("{{ messages[0].content }}", messages, options),
               "has no \"reasoning\"");
  options.add_generation_prompt = true;
  EXPECT_ERROR(DataError, render("{{ messages[0].content }}", messages, options),
               "exclude each other");
}

TEST(ChatTemplate, TheDateIsAnArgument) {
  EXPECT_EQ(render("{{ strftime_now('%a %d %b %Y %j') }}"), "Fri 26 Jul 2024 208");
  ChatOptions options;
  options.now.tm_mday = 27;
  EXPECT_EQ(render("{{ strftime_now('%d') }}", kHello, options), "27");
}

struct Malformed {
  const char* name;
  std::string source, message;
};

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Templates that are broken or mean harm, and the beginning of what is said about them.
std::vector<Malformed> malformed() {
  const std::string many(1 << 20, 'x');
  return {
      {"unclosed if", "a\n{% if x %}",
       "t.jinja:2: the template ends inside of the {% if %} of line 2; looking for elif or else or "
       "endif"},
      {"unclosed for", "{% for x in y %}{% if x %}{% endif %}",
       "t.jinja:1: the template ends inside of the {% for %}"},
      {"unclosed print", "{{ messages", "t.jinja:1: expected '}}', found the end of the template"},
      {"unclosed tag", "\n\n{% if x", "t.jinja:3: expected '%}', found the end of the template"},
      {"unclosed comment", "ab\n{# never", "t.jinja:2: Missing end of comment tag"},
      {"unclosed raw", "{% raw %}{{ x }}", "t.jinja:1: Missing end of raw directive"},
      {"unclosed string", "{{ 'abc }}", "t.jinja:1: a string is not closed"},
      {"unbalanced bracket", "{{ (1 + 2] }}", "t.jinja:1: unexpected ']', expected ')'"},
      {"stray end tag", "{% endif %}", "t.jinja:1: unknown tag {% endif %}"},
      {"wrong end tag", "{% for x in y %}\n{% endif %}",
       "t.jinja:2: unknown tag {% endif %} inside of {% for %}; looking for endfor or else"},
      {"unknown tag", "{% frobnicate %}", "t.jinja:1: unknown tag {% frobnicate %}"},
      {"unsupported tag", "{% include 'other' %}",
       "t.jinja:1: the tag {% include %} is not supported"},
      {"inheritance", "{% extends 'base' %}", "t.jinja:1: the tag {% extends %} is not supported"},
      {"unknown filter", "\n{{ x | frobnicate }}",
       "t.jinja:2: the filter \"frobnicate\" is not supported"},
      {"unknown test", "{{ x is frobnicated }}",
       "t.jinja:1: the test \"frobnicated\" is not supported"},
      {"recursive loop", "{% for x in y recursive %}{% endfor %}",
       "t.jinja:1: recursive loops are not supported"},
      {"break outside", "{% break %}", "t.jinja:1: {% break %} outside of a loop"},
      {"break in a macro in a loop",
       "{% for x in y %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
       "t.jinja:1: {% break %} outside of a loop"},
      {"assignment to a constant", "{% set true = 1 %}", "t.jinja:1: cannot assign to true"},
      {"operator missing", "{{ 1 2 }}", "t.jinja:1: expected '}}', found '2'"},
      {"expression missing", "{{ }}", "t.jinja:1: expected an expression, found '}}'"},
      {"odd character", "{{ 1 ? 2 }}", "t.jinja:1: unexpected character '?'"},
      {"bad escape", "{{ '\\ud800' }}",
       "t.jinja:1: the escape \\ud800 in a string is no character"},
      {"huge integer", "{{ 99999999999999999999 }}",
       "t.jinja:1: the integer 99999999999999999999 cannot be read"},
      {"unpacking arguments", "{{ f(*x) }}",
       "t.jinja:1: unpacking arguments with * and ** is not supported"},
      {"deep brackets", "{{ " + std::string(100'000, '('),
       "t.jinja:1: nested deeper than 100 levels"},
      {"deep lists", "{{ " + repeated("[", 5000) + repeated("]", 5000) + " }}",
       "t.jinja:1: nested deeper than 100 levels"},
      {"deep negations", "{{ " + repeated("not ", 5000) + "1 }}",
       "t.jinja:1: nested deeper than 100 levels"},
      {"deep minus", "{{ " + repeated("- ", 5000) + "1 }}",
       "t.jinja:1: nested deeper than 100 levels"},
      {"deep blocks", repeated("{% if 1 %}", 5000), "t.jinja:1: nested deeper than 100 levels"},
      {"long chain of sums", "{{ 1" + repeated(" + 1", 5000) + " }}",
       "t.jinja:1: an expression is nested deeper than 100 levels"},
      {"long chain of filters", "{{ 1" + repeated("|int", 5000) + " }}",
       "t.jinja:1: an expression is nested deeper than 100 levels"},
      {"long chain of attributes", "{{ a" + repeated(".b", 5000) + " }}",
       "t.jinja:1: an expression is nested deeper than 100 levels"},
      {"too large", many + "x",
       "t.jinja:1: the template has 1048577 bytes; at most 1048576 are taken"},
      {"invalid UTF-8", "a\xff", "t.jinja: byte 1 is not valid UTF-8"},
      // At rendering.
      {"endless recursion", "{% macro m() %}{{ m() }}{% endmacro %}\n{{ m() }}",
       "t.jinja:1: calls are nested deeper than 400 levels"},
      {"mutual recursion through a namespace",
       "{% set ns = namespace() %}{% macro a() %}{{ ns.b() }}{% endmacro %}{% macro b() %}{{ a() "
       "}}{% endmacro %}{% set ns.b = b %}{{ a() }}",
       "t.jinja:1: calls are nested deeper than 400 levels"},
      {"loops in loops",
       "{% for a in range(100000) %}\n{% for b in range(100000) %}{% endfor %}{% endfor %}",
       "t.jinja:2: the template"},
      {"huge range", "{{ range(1000000000000) | list }}", "t.jinja:1: Range too big"},
      {"huge string", "{{ 'x' * 9999999999 }}",
       "t.jinja:1: the template makes more than 512 MiB of values"},
      {"huge list", "{{ [1] * 999999999999999999 }}",
       "t.jinja:1: the template makes more than 512 MiB of values"},
      {"doubling string",
       "{% set n = namespace(s='xx') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor "
       "%}",
       "t.jinja:1: the template makes more than 512 MiB of values"},
      {"doubling list",
       "{% set n = namespace(s=[1]) %}{% for i in range(200) %}{% set n.s = [n.s, n.s] %}{% endfor "
       "%}{{ n.s }}",
       "a value is nested deeper than 100 levels"},
      {"doubling list, printed",
       "{% set n = namespace(s=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% endfor "
       "%}{{ n.s }}",
       "t.jinja:1: the template"},
      {"doubling list, compared",
       "{% set n = namespace(s=[1], t=[1]) %}{% for i in range(60) %}{% set n.s = [n.s, n.s] %}{% "
       "set n.t = [n.t, n.t] %}{% endfor %}{{ n.s == n.t }}",
       "steps: does it end?"},
      {"huge output", "{% for a in range(100000) %}{{ 'x' * 1000 }}{% endfor %}",
       "t.jinja:1: the template writes more than 64 MiB"},
      {"huge replacement", "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
       "t.jinja:1: the template makes more than 512 MiB of values"},
      {"huge join", "{{ ('x' * 10000000).join(['a'] * 1000) }}",
       "t.jinja:1: the template makes more than 512 MiB of values"},
      {"empty loops in loops",
       "{% set l = range(9000) %}{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}",
       "t.jinja:1: the template"},
      {"slow search", "{% set a = 'a' * 1000000 %}{{ ('a' * 500000 + 'b') in a }}",
       "steps: does it end?"},
      {"many variables",
       [] {
         std::string source;
         for (int i = 0; i < 60'000; ++i) source += "{%set a" + std::to_string(i) + "=1%}";
         return source;
       }(),
       "steps: does it end?"},
      {"many arguments", "{{ f(" + repeated("1,", 2000) + "1) }}",
       "t.jinja:1: a call has more than 1000 arguments"},
      {"huge width", "{{ '%999999999d' % 1 }}",
       "t.jinja:1: a width or precision of a format is above 9999"},
      {"huge indent", "{{ 'a' | indent(999999999, true) }}",
       "t.jinja:1: indent: the width is above 10000"},
      {"huge padding", "{{ 'a'.center(999999999) }}", "t.jinja:1: a width is above 100000"},
      {"huge power", "{{ 10 ** 99 }}", "t.jinja:1: an integer grows beyond 64 bits"},
      {"self-containing namespace", "{% set ns = namespace() %}{% set ns.me = [ns] %}{{ ns.me }}",
       "t.jinja:1: a Namespace cannot be printed"},
      {"raise_exception", "{{ raise_exception('only user and assistant') }}",
       "t.jinja:1: the template refuses this conversation: only user and assistant"},
  };
}

TEST(ChatTemplate, MalformedAndHostileTemplatesAreRefusedWithTheLine) {
  for (const Malformed& row : malformed()) {
    SCOPED_TRACE(row.name);
    EXPECT_ERROR(DataError, render(row.source), row.message);
  }
}

TEST(ChatTemplate, NamedTemplates) {
  const ChatTemplate chat({{"default", "plain"}, {"tool_use", "tools"}, {"rag", "documents"}}, "t",
                          Json::object());
  ChatOptions options;
  EXPECT_EQ(chat.render(kHello).text, "plain");
  options.tools = Json::array();
  EXPECT_EQ(chat.render(kHello, options).text, "tools");
  options.template_name = "rag";
  EXPECT_EQ(chat.render(kHello, options).text, "documents");
  options.template_name = "nope";
  EXPECT_ERROR(DataError, chat.render(kHello, options),
               "t: there is no template \"nope\"; there are: default, rag, tool_use");
}

class ChatTemplateFolder : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::string hello() { return load_chat_template(folder_.path())->render(kHello).text; }
  TempFolder folder_;
};

TEST_F(ChatTemplateFolder, ReadsTheFilesInTheirOrder) {
  EXPECT_EQ(load_chat_template(folder_.path()), nullptr);
  write("chat_template.json", R"({"chat_template": "processor"})");
  EXPECT_EQ(hello(), "processor");
  write(
      "tokenizer_config.json",
      R"({"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "unk_token": null,
      "extra_special_tokens": {"image_token": "<img>"},
      "chat_template": [{"name": "default", "template": "{{ bos_token }}{{ eos_token }}{{ image_token }}{{ unk_token is defined }}"}]})");
  EXPECT_EQ(hello(), "<s></s><img>False");
  write("special_tokens_map.json", R"({"eos_token": {"content": "<end>"}})");
  EXPECT_EQ(hello(), "<s><end><img>False");
  write("chat_template.jinja", "{{ bos_token }}file\n");
  EXPECT_EQ(hello(), "<s>file");
  write("additional_chat_templates/tool_use.jinja", "with tools");
  ChatOptions options;
  options.tools = Json::array();
  EXPECT_EQ(load_chat_template(folder_.path())->render(kHello, options).text, "with tools");
}

TEST_F(ChatTemplateFolder, ErrorsNameTheFile) {
  write("chat_template.jinja", "\n{% if %}");
  EXPECT_ERROR(DataError, load_chat_template(folder_.path()),
               "chat_template.jinja:2: expected an expression");
  fs::remove(folder_ / "chat_template.jinja");
  write("tokenizer_config.json", R"({"chat_template": 5})");
  EXPECT_ERROR(DataError, load_chat_template(folder_.path()),
               "chat_template must be a text or a list of named templates");
}

}  // namespace
}  // namespace r1::model
