// The verb chat: a conversation in the terminal.
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <memory>

#include "base/json.h"
#include "base/progress.h"
#include "model/streaming_decoder.h"
#include "recipes/cli.h"
#include "recipes/cli_model.h"

namespace r1::recipes {
namespace {

volatile sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

// Thrown through the engine when Ctrl-C ends an answer.
struct AnswerStopped {};

// Ctrl-C only sets `interrupted` while this lives.
class InterruptGuard {
 public:
  InterruptGuard() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;  // without SA_RESTART: a read of the terminal comes back
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, &before_);
  }
  ~InterruptGuard() { ::sigaction(SIGINT, &before_, nullptr); }

 private:
  struct sigaction before_ {};
};

struct ChatVerbOptions {
  ModelOptions model;
  std::string system;
};

class Conversation {
 public:
  explicit Conversation(const ChatVerbOptions& options)
      : options_(options),
        chat_template_(require_chat_template(options.model.folder)),
        loaded_(load_model(options.model)),
        engine_(*loaded_.policy, loaded_.tokenizer.get(), options.model.engine),
        draws_(options.model.seed, "chat", Purpose::kSample) {}

  void reset() { messages_ = Json::array(); }

  // Prints the answer to a message while it is written, and remembers both.
  void answer(const std::string& text) {
    messages_.push_back({{"role", "user"}, {"content", text}});
    try {
      messages_.push_back({{"role", "assistant"}, {"content", stream_answer()}});
    } catch (const DataError& error) {  // the template refuses, or the context is full
      messages_.erase(messages_.size() - 1);
      say(fmt::format("{}\n/reset begins a new conversation", error.what()));
    }
  }

 private:
  std::string stream_answer() {
    rollout::GenerationConfig config;
    config.num_generations = 1;
    config.max_completion_length = options_.model.max_new_tokens;
    config.sampling = options_.model.sampling;
    const RenderedPrompt prompt = render_chat(*chat_template_, messages_, options_.system, {});
    const std::vector<rollout::Prompt> prompts = {
        {0, prompt_ids(prompt, *loaded_.tokenizer, false)}};
    model::StreamingDecoder decoder(*loaded_.tokenizer);
    std::string written;
    const auto print = [&](const std::string& text) {
      written += text;
      fmt::print("{}", text);
      std::fflush(stdout);
    };
    const auto on_token = [&](int64_t, int64_t, int64_t id) {
      print(decoder.push(id));
      if (interrupted) throw AnswerStopped{};
    };
    try {
      engine_.generate(prompts, config, draws_, ++turn_, {}, {}, on_token);
      print(decoder.finish());
    } catch (const AnswerStopped&) {
      interrupted = 0;
      say(" [stopped]");
    }
    fmt::print("\n");
    std::fflush(stdout);
    return written;
  }

  const ChatVerbOptions& options_;
  std::unique_ptr<model::ChatTemplate> chat_template_;
  LoadedModel loaded_;
  rollout::Engine engine_;
  RandomStream draws_;
  Json messages_ = Json::array();
  uint64_t turn_ = 0;
};

// The next line of standard input; false at its end. Ctrl-C drops what was typed and asks again.
bool read_line(bool terminal, std::string& line) {
  while (true) {
    if (terminal) std::fputs("> ", stderr);
    if (std::getline(std::cin, line)) return true;
    if (!interrupted) return false;
    interrupted = 0;
    std::cin.clear();
    std::clearerr(stdin);
    std::fputs("\n", stderr);
  }
}

void chat(const ChatVerbOptions& options) {
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  Conversation conversation(options);
  std::unique_ptr<InterruptGuard> guard;
  if (terminal) {
    guard = std::make_unique<InterruptGuard>();
    say("Ctrl-C stops an answer, /reset begins a new conversation, Ctrl-D leaves");
  }
  for (std::string line; read_line(terminal, line);) {
    if (line == "/reset") {
      conversation.reset();
    } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
      conversation.answer(line);
    }
  }
  if (terminal) std::fputs("\n", stderr);
}

}  // namespace

void add_chat_verb(CommandLine& program) {
  const auto options = std::make_shared<ChatVerbOptions>();
  options->model.sampling.temperature = 0.7;
  Verb verb = program.add_verb("chat", "Talk to a model; reads one message a line when piped");
  verb.option("--system", &options->system, "message of the system in front").type_name("TEXT");
  add_model_options(verb, options->model);
  verb.callback([options] { chat(*options); });
}

}  // namespace r1::recipes
