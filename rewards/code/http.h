// HTTP requests with libcurl, which reads the proxy variables of the environment and checks
// certificates.
#pragma once

#include <atomic>
#include <memory>
#include <string>

namespace r1::rewards::code {

struct HttpAnswer {
  int64_t status = 0;  // 0: there is no answer, `problem` says why
  std::string body;
  double retry_after_s = 0;  // what the server asks for (429, 503); 0: nothing
  std::string problem;
};

// One request at a time, over a connection that is kept. Redirections are answers.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  HttpAnswer post_json(const std::string& url, const std::string& body, double timeout_s);
  // From any thread: ends the request under way at once, and every later one.
  void stop();

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace r1::rewards::code
