#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/secret.hpp>
#include <mlk/core/time.hpp>
#include <mlk/http/headers.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace mlk::http {

/// How servers are told apart from impostors, and who we say we are.
struct Tls {
  std::string ca_pem;  ///< the only certificates trusted, unless system_ca adds the system's
  bool system_ca =
      true;  ///< the system's hashed folder (SSL_CERT_FILE, SSL_CERT_DIR are honoured); set false with ca_pem
  std::string cert_pem;     ///< the client's certificate chain; empty for none
  Secret key_pem;           ///< its key; an encrypted one is refused, nobody is asked
  std::string server_name;  ///< the name to ask for and to verify instead of the URL's host; empty for that
  bool skip_verify = false;
};

struct Proxy {
  enum class From : std::uint8_t {
    environment,  ///< HTTP(S)_PROXY, ALL_PROXY, NO_PROXY in either case; never for this machine itself
    none,
    url,
  };
  From from = From::environment;
  std::string url;  ///< http, https, socks5 or socks5h; may hold user info, so it is never shown
};

/// One side's way to connect. Requests that share one Identity object share its connections; immutable, so any thread
/// may hold it.
struct Identity {
  Tls tls;
  Proxy proxy;
};

/// A body that is produced while it is sent. Called in the loop's thread.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Bytes from the start to the end; absent: not known, sent in chunks.
  virtual std::optional<std::uint64_t> size() const = 0;
  /// Fills the front of `buffer`: how many bytes, 0 at the end, and nothing (an empty optional) when none are ready
  /// yet: then the transfer sleeps until the function given to attach() is called.
  virtual Result<std::optional<std::size_t>> read(std::span<std::byte> buffer) = 0;
  /// Back to the first byte: called when a request has to be sent again (a pooled connection that had died, a
  /// redirect).
  virtual Result<void> rewind() = 0;
  /// Before the first read. The function given wakes a sleeping transfer; any thread may call it, at any time, also too
  /// late.
  virtual void attach(std::function<void()> /*resume*/) {}  // NOLINT(performance-unnecessary-value-param): it is kept
};

enum class Version : std::uint8_t { best, http1 };  ///< best: HTTP/2 where TLS negotiates it
enum class Expect : std::uint8_t {
  automatic,
  always,
  never
};  ///< "Expect: 100-continue"; automatic: bodies over 1 MiB

struct Timeouts {
  Milliseconds connect{10'000};  ///< name look-up, TCP and TLS; then the server counts as unavailable
  Milliseconds whole{0};         ///< everything; 0: no limit
  Milliseconds stall{0};         ///< no byte in either direction for so long, except while paused; 0: no limit
};

struct Request {
  std::string method = "GET";
  std::string url;  ///< absolute, http or https
  Headers headers;
  std::variant<std::monostate, std::string, std::shared_ptr<BodySource>> body;
  std::shared_ptr<const Identity> identity;  ///< null: the system's certificates, the environment's proxy
  Timeouts timeouts;
  /// Redirects followed; 0 shows the 3xx. Authorization, Cookie and the names in `private_headers` never reach another
  /// origin, and https never becomes http.
  int max_redirects = 0;
  std::vector<std::string> private_headers;
  Version version = Version::best;
  Expect expect = Expect::automatic;
  bool accept_compressed = false;                  ///< offer gzip; bodies arrive unpacked
  std::size_t body_limit = std::size_t{64} << 20;  ///< of what fetch() keeps in memory; more is an error
};

struct Response {
  int status = 0;
  Headers headers;
  std::string body;
  std::string url;  ///< after redirects, with its query

  bool is_success() const noexcept { return status >= 200 && status < 300; }
};

}  // namespace mlk::http
