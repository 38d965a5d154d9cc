#include "http_connection.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

namespace mlk::test {
namespace {

constexpr std::size_t k_kept_body = std::size_t{1} << 20;

/// SHA-256 of a body that is not kept.
class BodyHash {
 public:
  BodyHash() { EVP_DigestInit_ex(m_context, EVP_sha256(), nullptr); }
  ~BodyHash() { EVP_MD_CTX_free(m_context); }
  BodyHash(const BodyHash&) = delete;
  BodyHash& operator=(const BodyHash&) = delete;

  void update(std::string_view bytes) { EVP_DigestUpdate(m_context, bytes.data(), bytes.size()); }
  std::string finish() {
    std::array<unsigned char, 32> value{};
    unsigned size = 0;
    EVP_DigestFinal_ex(m_context, value.data(), &size);
    std::string text;
    for (const unsigned char byte : value) text += fmt::format("{:02x}", byte);
    return text;
  }

 private:
  EVP_MD_CTX* m_context = EVP_MD_CTX_new();
};

}  // namespace

HttpConnection::HttpConnection(int fd, int number, SSL_CTX* tls, HttpRules& rules)
    : m_fd(fd), m_number(number), m_rules(rules) {
  if (tls != nullptr) {
    m_ssl = SSL_new(tls);
    SSL_set_fd(m_ssl, fd);
  }
}

HttpConnection::~HttpConnection() {
  close();
  SSL_free(m_ssl);
}

void HttpConnection::stop() {
  m_is_stopped = true;
  const std::scoped_lock lock(m_closing);
  if (m_fd >= 0) ::shutdown(m_fd, SHUT_RDWR);
}

void HttpConnection::serve() {
  if (m_ssl == nullptr || SSL_accept(m_ssl) == 1) {
    while (!m_is_stopped && serve_one()) {
    }
    if (m_ssl != nullptr && m_fd >= 0) SSL_shutdown(m_ssl);
  } else {
    drain();
  }
  close();
  m_is_over = true;
}

void HttpConnection::close() {
  const std::scoped_lock lock(m_closing);
  if (m_fd >= 0) ::close(std::exchange(m_fd, -1));
}

void HttpConnection::drain() {
  ::shutdown(m_fd, SHUT_WR);
  std::array<char, 65536> buffer;
  pollfd watched{m_fd, POLLIN, 0};
  while (!m_is_stopped && ::poll(&watched, 1, 500) > 0 && ::recv(m_fd, buffer.data(), buffer.size(), 0) > 0) {
  }
}

void HttpConnection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

bool HttpConnection::read_more() {
  std::array<char, 65536> buffer;
  const auto got = m_ssl != nullptr
                       ? static_cast<ssize_t>(SSL_read(m_ssl, buffer.data(), static_cast<int>(buffer.size())))
                       : ::recv(m_fd, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  m_buffer.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> HttpConnection::read_line() {
  auto end = m_buffer.find("\r\n");
  while (end == std::string::npos) {
    if (!read_more()) return std::nullopt;
    // A TLS greeting: it holds no lines, and real servers answer so.
    if (m_buffer.front() == '\x16') {
      write_all("HTTP/1.1 400 Bad Request\r\n\r\n");
      return std::nullopt;
    }
    end = m_buffer.find("\r\n");
  }
  std::string line = m_buffer.substr(0, end);
  m_buffer.erase(0, end + 2);
  return line;
}

std::optional<HttpRequest> HttpConnection::read_header() {
  auto line = read_line();
  if (!line) return std::nullopt;
  HttpRequest request;
  request.connection = m_number;
  const auto parts = split(*line, ' ');
  if (parts.size() != 3) return std::nullopt;
  request.method = parts[0];
  request.target = parts[1];
  const auto question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string::npos) request.query = request.target.substr(question + 1);
  while ((line = read_line()) && !line->empty()) {
    const auto colon = line->find(':');
    if (colon == std::string::npos) return std::nullopt;
    request.headers.emplace_back(line->substr(0, colon), std::string(trim(line->substr(colon + 1))));
  }
  if (!line) return std::nullopt;
  request.is_chunked = request.header("Transfer-Encoding") == "chunked";
  return request;
}

bool HttpConnection::read_exactly(std::uint64_t size, const std::function<void(std::string_view)>& take) {
  while (size > 0) {
    if (m_buffer.empty() && !read_more()) return false;
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, m_buffer.size()));
    take(std::string_view(m_buffer).substr(0, part));
    m_buffer.erase(0, part);
    size -= part;
  }
  return true;
}

bool HttpConnection::read_body(HttpRequest& request) {
  BodyHash hash;
  const auto take = [&](std::string_view bytes) {
    hash.update(bytes);
    request.body_size += bytes.size();
    if (request.body.size() < k_kept_body) request.body.append(bytes.substr(0, k_kept_body - request.body.size()));
  };
  bool is_whole = true;
  if (request.is_chunked) {
    while (is_whole) {
      const auto line = read_line();
      if (!line) return false;
      const std::uint64_t size = std::stoull(*line, nullptr, 16);
      is_whole = read_exactly(size, take) && read_line().has_value();
      if (size == 0) break;
    }
  } else if (request.has_header("Content-Length")) {
    is_whole = read_exactly(std::stoull(request.header("Content-Length")), take);
  }
  request.body_sha256 = hash.finish();
  return is_whole;
}

bool HttpConnection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto put = m_ssl != nullptr
                         ? static_cast<ssize_t>(SSL_write(
                               m_ssl, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U))))
                         : ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

bool HttpConnection::wait(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (!m_is_stopped) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return true;
    pollfd watched{m_fd, POLLRDHUP, 0};
    const int happened = ::poll(&watched, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 1000)));
    if (happened > 0) return false;
  }
  return false;
}

bool HttpConnection::send(std::string_view bytes) {
  return bytes.empty() || write_all(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
}

bool HttpConnection::write_body(const HttpAnswer& answer, std::string_view bytes) {
  if (answer.piece == 0) return write_all(bytes);
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, answer.piece);
    if (!write_all(part)) return false;
    bytes.remove_prefix(part.size());
    if (!bytes.empty() && !wait(answer.pause_between)) return false;
  }
  return true;
}

void HttpConnection::write_stream(const HttpAnswer& answer) {
  answer.stream(*this);
  write_all("0\r\n\r\n");
}

bool HttpConnection::write_answer(const HttpRequest& request, const HttpAnswer& answer) {
  if (answer.delay.count() > 0 && !wait(answer.delay)) return false;
  switch (answer.fault) {
    case Fault::hang:
      wait(std::chrono::hours(1));
      return false;
    case Fault::close:
      return false;
    case Fault::reset:
      reset();
      return false;
    case Fault::garbage:
      write_all("SSH-2.0-OpenSSH_9.2\r\n");
      return false;
    default:
      break;
  }
  std::string head = fmt::format("HTTP/1.1 {} Status\r\n", answer.status);
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  const bool has_body = request.method != "HEAD" && answer.status != 204 && answer.status != 304;
  if (answer.stream) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (answer.status != 204 && answer.status != 304) {
    head += fmt::format("Content-Length: {}\r\n", answer.claimed_length.value_or(answer.body.size()));
  }
  if (answer.is_closing) head += "Connection: close\r\n";
  if (!write_all(head + "\r\n")) return false;
  if (!has_body) return !answer.is_closing;
  if (answer.stream) {
    write_stream(answer);
    return !answer.is_closing;
  }
  const bool is_cut = answer.fault != Fault::none;
  const std::string_view body = answer.body;
  if (!write_body(answer, is_cut ? body.substr(0, body.size() / 2) : body)) return false;
  if (answer.fault == Fault::hang_in_body) wait(std::chrono::hours(1));
  if (answer.fault == Fault::reset_in_body) reset();
  return !is_cut && !answer.is_closing && answer.claimed_length.value_or(body.size()) == body.size();
}

bool HttpConnection::serve_one() {
  auto request = read_header();
  if (!request) return false;
  if (const auto early = m_rules.answer_early(*request)) {
    if (write_answer(*request, *early)) drain();
    return false;
  }
  if (strcasecmp(request->header("Expect").c_str(), "100-continue") == 0 &&
      !write_all("HTTP/1.1 100 Continue\r\n\r\n")) {
    return false;
  }
  if (!read_body(*request)) return false;
  const HttpAnswer answer = m_rules.answer(*request);
  return write_answer(*request, answer);
}

}  // namespace mlk::test
