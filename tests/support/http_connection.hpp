#pragma once

#include "http_server.hpp"

#include <openssl/ssl.h>

#include <atomic>
#include <mutex>
#include <string>

namespace mlk::test {

/// What a connection asks its server.
struct HttpRules {
  virtual ~HttpRules() = default;
  /// The answer that goes out before the body is read, if there is one.
  virtual std::optional<HttpAnswer> answer_early(const HttpRequest& request) = 0;
  /// Keeps the request and answers it.
  virtual HttpAnswer answer(const HttpRequest& request) = 0;
};

/// One connection, served to its end in a thread of its own.
class HttpConnection final : private HttpStream {
 public:
  HttpConnection(int fd, int number, SSL_CTX* tls, HttpRules& rules);
  ~HttpConnection() override;

  void serve();
  /// From another thread: ends what the connection does.
  void stop();
  bool is_over() const { return m_is_over; }

 private:
  bool send(std::string_view bytes) override;
  bool wait(std::chrono::milliseconds duration) override;

  bool serve_one();
  bool read_more();
  std::optional<std::string> read_line();
  std::optional<HttpRequest> read_header();
  bool read_body(HttpRequest& request);
  bool read_exactly(std::uint64_t size, const std::function<void(std::string_view)>& take);
  bool write_all(std::string_view bytes);
  bool write_body(const HttpAnswer& answer, std::string_view bytes);
  bool write_answer(const HttpRequest& request, const HttpAnswer& answer);
  void write_stream(const HttpAnswer& answer);
  /// Says goodbye and reads what still comes: closing at once would reset the connection and lose what was written.
  void drain();
  void reset();
  void close();

  int m_fd;
  int m_number;
  HttpRules& m_rules;
  SSL* m_ssl = nullptr;
  std::string m_buffer;
  std::mutex m_closing;
  std::atomic<bool> m_is_stopped = false;
  std::atomic<bool> m_is_over = false;
};

}  // namespace mlk::test
