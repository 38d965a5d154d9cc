#include "http_server.hpp"

#include "http_connection.hpp"

#include <mlk/core/handle.hpp>
#include <mlk/core/pipe_signal.hpp>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <list>
#include <stdexcept>
#include <thread>

namespace mlk::test {
namespace {

struct Rule {
  std::string method;
  std::string path;
  HttpHandler handler;
  bool is_early = false;

  bool matches(const HttpRequest& request) const {
    if (method != "*" && method != request.method) return false;
    if (path.ends_with('*')) return request.path.starts_with(std::string_view(path).substr(0, path.size() - 1));
    return path == request.path;
  }
};

struct Once {
  std::string method;
  std::string path;
  HttpAnswer answer;
};

Handle<BIO, &BIO_free> bio_of(const std::string& text) {
  return Handle<BIO, &BIO_free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

SSL_CTX* make_tls(const HttpServerOptions& options) {
  if (!options.certificate) return nullptr;
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  const Handle<X509, &X509_free> certificate(
      PEM_read_bio_X509(bio_of(options.certificate->cert_pem).get(), nullptr, nullptr, nullptr));
  const Handle<EVP_PKEY, &EVP_PKEY_free> key(
      PEM_read_bio_PrivateKey(bio_of(options.certificate->key_pem).get(), nullptr, nullptr, nullptr));
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    throw std::runtime_error("the test server can't use its certificate");
  }
  // A client that goes without a goodbye is nothing special here.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  if (!options.client_ca_pem.empty()) {
    const Handle<X509, &X509_free> authority(
        PEM_read_bio_X509(bio_of(options.client_ca_pem).get(), nullptr, nullptr, nullptr));
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace

std::string HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
  }
  return "";
}

bool HttpRequest::has_header(std::string_view name) const {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& field) {
    return field.first.size() == name.size() && strncasecmp(field.first.data(), name.data(), name.size()) == 0;
  });
}

struct HttpServer::State final : HttpRules {
  explicit State(const HttpServerOptions& options) : tls(make_tls(options)) { listen(); }
  ~State() override {
    stop();
    SSL_CTX_free(tls);
  }

  void listen();
  void accept_all();
  void stop();
  std::optional<HttpAnswer> answer_early(const HttpRequest& request) override;
  HttpAnswer answer(const HttpRequest& request) override;

  struct Running {
    HttpConnection connection;
    std::thread thread;
    Running(int fd, int number, SSL_CTX* context, HttpRules& rules) : connection(fd, number, context, rules) {}
  };

  SSL_CTX* tls;
  int fd = -1;
  std::uint16_t port = 0;
  std::thread acceptor;
  mutable std::mutex mutex;
  bool is_stopped = false;
  int count = 0;
  std::list<Running> running;
  std::deque<Once> queued;
  std::vector<Rule> rules;
  std::vector<HttpRequest> seen;
  std::vector<std::string> strangers;
};

void HttpServer::State::listen() {
  fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, generic, size) != 0 || ::listen(fd, 128) != 0 || ::getsockname(fd, generic, &size) != 0) {
    throw std::runtime_error("the test server can't listen on 127.0.0.1");
  }
  port = ntohs(address.sin_port);
  acceptor = std::thread([this] { accept_all(); });
}

void HttpServer::State::accept_all() {
  while (true) {
    const int client = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
    const std::scoped_lock lock(mutex);
    if (client < 0 || is_stopped) {
      if (client >= 0) ::close(client);
      return;
    }
    const int yes = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Running& added = running.emplace_back(client, ++count, tls, *this);
    added.thread = std::thread([&added] {
      // A client may go at any moment; OpenSSL writes without MSG_NOSIGNAL.
      const PipeSignalHeld held;
      added.connection.serve();
    });
  }
}

void HttpServer::State::stop() {
  {
    const std::scoped_lock lock(mutex);
    is_stopped = true;
    for (Running& one : running) one.connection.stop();
  }
  ::shutdown(fd, SHUT_RDWR);
  acceptor.join();
  ::close(fd);
  for (Running& one : running) one.thread.join();
}

std::optional<HttpAnswer> HttpServer::State::answer_early(const HttpRequest& request) {
  const std::scoped_lock lock(mutex);
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (!rule->matches(request)) continue;
    if (!rule->is_early) return std::nullopt;
    seen.push_back(request);
    return rule->handler(request);
  }
  return std::nullopt;
}

HttpAnswer HttpServer::State::answer(const HttpRequest& request) {
  HttpHandler handler;
  {
    const std::scoped_lock lock(mutex);
    seen.push_back(request);
    const auto next = std::find_if(queued.begin(), queued.end(), [&](const Once& once) {
      return once.method == request.method && once.path == request.path;
    });
    if (next != queued.end()) {
      HttpAnswer found = std::move(next->answer);
      queued.erase(next);
      return found;
    }
    const auto rule = std::find_if(rules.rbegin(), rules.rend(), [&](const Rule& one) { return one.matches(request); });
    if (rule != rules.rend()) handler = rule->handler;
    if (!handler) strangers.push_back(request.method + " " + request.target);
  }
  if (handler) return handler(request);
  HttpAnswer answer;
  answer.status = 599;
  answer.body = fmt::format("unexpected: {} {}", request.method, request.target);
  return answer;
}

HttpServer::HttpServer(HttpServerOptions options) : m_state(std::make_unique<State>(options)) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return m_state->port; }

std::string HttpServer::authority() const { return fmt::format("127.0.0.1:{}", port()); }

std::string HttpServer::url(std::string_view path) const {
  return fmt::format("{}://{}{}", m_state->tls != nullptr ? "https" : "http", authority(), path);
}

void HttpServer::once(std::string method, std::string path, HttpAnswer answer) {
  const std::scoped_lock lock(m_state->mutex);
  m_state->queued.push_back({std::move(method), std::move(path), std::move(answer)});
}

void HttpServer::on(std::string method, std::string path, HttpHandler handler) {
  const std::scoped_lock lock(m_state->mutex);
  m_state->rules.push_back({std::move(method), std::move(path), std::move(handler)});
}

void HttpServer::on(std::string method, std::string path, HttpAnswer answer) {
  on(std::move(method), std::move(path), [answer = std::move(answer)](const HttpRequest&) { return answer; });
}

void HttpServer::on_early(std::string method, std::string path, HttpAnswer answer) {
  const std::scoped_lock lock(m_state->mutex);
  m_state->rules.push_back(
      {std::move(method), std::move(path), [answer = std::move(answer)](const HttpRequest&) { return answer; }, true});
}

std::vector<HttpRequest> HttpServer::requests() const {
  const std::scoped_lock lock(m_state->mutex);
  return m_state->seen;
}

std::vector<HttpRequest> HttpServer::requests_to(std::string_view path) const {
  auto all = requests();
  std::erase_if(all, [&](const HttpRequest& request) { return request.path != path; });
  return all;
}

std::vector<std::string> HttpServer::unexpected() const {
  const std::scoped_lock lock(m_state->mutex);
  return m_state->strangers;
}

int HttpServer::connections() const {
  const std::scoped_lock lock(m_state->mutex);
  return m_state->count;
}

int HttpServer::open_connections() const {
  const std::scoped_lock lock(m_state->mutex);
  return static_cast<int>(std::count_if(m_state->running.begin(), m_state->running.end(),
                                        [](const auto& one) { return !one.connection.is_over(); }));
}

}  // namespace mlk::test
