#pragma once

#include "test_certificates.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mlk::test {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// A request as it came in. Bodies over a mebibyte are counted and hashed, but not kept.
struct HttpRequest {
  std::string method;
  std::string target;  ///< as it was sent: path and query, or a whole URL where we are the proxy
  std::string path;
  std::string query;
  HeaderList headers;
  std::string body;
  std::uint64_t body_size = 0;
  std::string body_sha256;
  int connection = 0;  ///< counted from 1
  bool is_chunked = false;

  /// The field's value, or empty.
  std::string header(std::string_view name) const;
  bool has_header(std::string_view name) const;
};

/// Writes an answer piece by piece.
class HttpStream {
 public:
  virtual ~HttpStream() = default;
  /// False when the client is gone.
  virtual bool send(std::string_view bytes) = 0;
  /// Sleeps; false as soon as the client is gone or the server stops.
  virtual bool wait(std::chrono::milliseconds duration) = 0;
};

enum class Fault : std::uint8_t {
  none,
  hang,           ///< nothing is sent until the client goes
  close,          ///< closed without an answer
  reset,          ///< TCP reset without an answer
  cut,            ///< closed after half the body
  reset_in_body,  ///< TCP reset after half the body
  hang_in_body,   ///< nothing more after half the body
  garbage,        ///< not HTTP
};

struct HttpAnswer {
  int status = 200;
  std::string body;
  HeaderList headers;
  Fault fault = Fault::none;
  std::chrono::milliseconds delay{0};           ///< before the answer
  std::chrono::milliseconds pause_between{0};   ///< between pieces of `piece` bytes
  std::size_t piece = 0;                        ///< 0: all at once
  std::optional<std::uint64_t> claimed_length;  ///< Content-Length other than the body's
  bool is_closing = false;                      ///< "Connection: close"
  std::function<void(HttpStream&)> stream;      ///< a chunked body instead of `body`
};

using HttpHandler = std::function<HttpAnswer(const HttpRequest&)>;

struct HttpServerOptions {
  std::optional<IssuedCertificate> certificate;  ///< with TLS
  std::string client_ca_pem;                     ///< with TLS: clients need a certificate of this authority
};

/// A small HTTP/1.1 server on 127.0.0.1 that does what a test tells it to, faults included. A request nobody told it to
/// answer gets 599 and is kept in unexpected(). Thread-safe; stops, and drops its connections, when it goes.
class HttpServer {
 public:
  explicit HttpServer(HttpServerOptions options = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  /// "127.0.0.1:PORT".
  std::string authority() const;
  /// "http://127.0.0.1:PORT" (https with TLS) and the path.
  std::string url(std::string_view path = "") const;

  /// The next request of that method and path (without query) gets this; answers queue up, and come before on()'s.
  void once(std::string method, std::string path, HttpAnswer answer);
  /// Every request of that method and path; a path that ends in '*' matches what starts so; method "*" matches all. The
  /// rule given last wins.
  void on(std::string method, std::string path, HttpHandler handler);
  void on(std::string method, std::string path, HttpAnswer answer);
  /// As on(), but the answer goes out before the body is read, and the connection closes.
  void on_early(std::string method, std::string path, HttpAnswer answer);

  std::vector<HttpRequest> requests() const;
  std::vector<HttpRequest> requests_to(std::string_view path) const;
  /// "METHOD target" of what had no answer.
  std::vector<std::string> unexpected() const;
  int connections() const;
  /// Connections that are open now.
  int open_connections() const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace mlk::test
