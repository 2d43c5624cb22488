#include "rewards/code/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace r1::rewards::code {
namespace {

constexpr int64_t kConnectMs = 10'000;
constexpr size_t kMostBody = size_t{32} << 20;

// Less than it was given stops the transfer.
size_t append(const char* data, size_t, size_t size, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + size > kMostBody) return 0;
  body.append(data, size);
  return size;
}

}  // namespace

struct HttpClient::Handles {
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi{nullptr, &curl_multi_cleanup};
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers{nullptr,
                                                                      &curl_slist_free_all};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{nullptr, &curl_easy_cleanup};
};

HttpClient::HttpClient() : handles_(std::make_unique<Handles>()) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  handles_->multi.reset(curl_multi_init());
  handles_->easy.reset(curl_easy_init());
  handles_->headers.reset(curl_slist_append(nullptr, "Content-Type: application/json"));
  // Large bodies would wait for a "100 Continue" that many servers never send.
  curl_slist_append(handles_->headers.get(), "Expect:");
  if (kReady != CURLE_OK || !handles_->multi || !handles_->easy)
    throw ConfigError("http: libcurl does not start");
  CURL* easy = handles_->easy.get();
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handles_->headers.get());
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectMs));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // no waiting for a name server that is silent
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &append);
}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::post_json(const std::string& url, const std::string& body,
                                 double timeout_s) {
  HttpAnswer answer;
  CURL* easy = handles_->easy.get();
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_s * 1e3));
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);

  CURLM* multi = handles_->multi.get();
  curl_multi_add_handle(multi, easy);
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
  for (int running = 1; running > 0 && !stopping_;) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) break;
    if (running > 0) curl_multi_poll(multi, nullptr, 0, 1000, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left))
    if (message->msg == CURLMSG_DONE) result = message->data.result;
  curl_multi_remove_handle(multi, easy);

  if (result == CURLE_OK) {
    long status = 0;
    curl_off_t retry_after = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    answer.status = status;
    answer.retry_after_s = static_cast<double>(retry_after);
  } else if (result == CURLE_WRITE_ERROR) {
    answer.problem = fmt::format("an answer of more than {} MB", kMostBody >> 20);
  } else {
    answer.problem = stopping_ ? "stopped" : *why ? why : curl_easy_strerror(result);
  }
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  return answer;
}

void HttpClient::stop() {
  stopping_ = true;
  curl_multi_wakeup(handles_->multi.get());
}

}  // namespace r1::rewards::code
