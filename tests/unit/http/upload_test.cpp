#include <mlk/http/loop.hpp>

#include <catch2/catch.hpp>
#include <http_server.hpp>
#include <openssl/sha.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>
#include <thread>

using namespace mlk;
using namespace mlk::http;
using namespace std::chrono_literals;
using test::Fault;
using test::HttpAnswer;
using test::HttpServer;

namespace {

/// Bytes that follow from their place, so that no copy of them is kept.
class GeneratedSource final : public BodySource {
 public:
  explicit GeneratedSource(std::uint64_t total, bool is_size_known = true)
      : m_total(total), m_is_size_known(is_size_known) {}
  std::optional<std::uint64_t> size() const override { return m_is_size_known ? std::optional(m_total) : std::nullopt; }
  Result<std::optional<std::size_t>> read(std::span<std::byte> buffer) override {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), m_total - m_at));
    fill(buffer.first(count), m_at);
    m_at += count;
    return std::optional(count);
  }
  Result<void> rewind() override {
    ++rewinds;
    m_at = 0;
    return {};
  }
  static void fill(std::span<std::byte> bytes, std::uint64_t at) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>((at + i) * 31 >> 3U);
  }
  static std::string sha256(std::uint64_t total) {
    std::vector<std::byte> bytes(static_cast<std::size_t>(total));
    fill(bytes, 0);
    unsigned char value[32];
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), value);
    std::string text;
    for (const unsigned char byte : value) {
      text += "0123456789abcdef"[byte >> 4U];
      text += "0123456789abcdef"[byte & 15U];
    }
    return text;
  }
  int rewinds = 0;

 private:
  std::uint64_t m_total;
  bool m_is_size_known;
  std::uint64_t m_at = 0;
};

/// Fed by another thread, which is slower than the network.
class FedSource final : public BodySource {
 public:
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  Result<std::optional<std::size_t>> read(std::span<std::byte> buffer) override {
    const std::scoped_lock lock(m_mutex);
    if (m_ready.empty()) {
      ++m_sleeps;
      return m_is_closed ? std::optional<std::size_t>(0) : std::nullopt;
    }
    const std::size_t count = std::min(buffer.size(), m_ready.size());
    std::copy_n(m_ready.data(), count, reinterpret_cast<char*>(buffer.data()));
    m_ready.erase(0, count);
    return std::optional(count);
  }
  Result<void> rewind() override { return Error(ErrorKind::failed, "can't be read twice"); }
  void attach(std::function<void()> resume) override { m_resume = std::move(resume); }

  void feed(const std::string& text) {
    {
      const std::scoped_lock lock(m_mutex);
      m_ready += text;
    }
    m_resume();
  }
  void close() {
    {
      const std::scoped_lock lock(m_mutex);
      m_is_closed = true;
    }
    m_resume();
  }
  int sleeps() const { return m_sleeps; }

 private:
  std::mutex m_mutex;
  std::string m_ready;
  bool m_is_closed = false;
  int m_sleeps = 0;
  std::function<void()> m_resume;
};

Request put(std::string url, std::shared_ptr<BodySource> source) {
  Request request;
  request.method = "PUT";
  request.url = std::move(url);
  request.body = std::move(source);
  return request;
}

std::size_t resident_kib() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace

TEST_CASE("http: 64 MiB stream up in flat memory, with their length or in chunks", "[http][upload]") {
  constexpr std::uint64_t total = std::uint64_t{64} << 20;
  const std::string expected = GeneratedSource::sha256(total);
  HttpServer server;
  server.on("PUT", "/*", HttpAnswer{.status = 201});
  auto loop = Loop::open();
  REQUIRE((*loop)->fetch(put(server.url("/warm"), std::make_shared<GeneratedSource>(1 << 20))));
  const std::size_t before = resident_kib();
  for (const bool is_size_known : {true, false}) {
    const auto answer =
        (*loop)->fetch(put(server.url("/blob"), std::make_shared<GeneratedSource>(total, is_size_known)));
    REQUIRE(answer);
    CHECK(answer->status == 201);
    const auto seen = server.requests().back();
    CHECK(seen.body_size == total);
    CHECK(seen.body_sha256 == expected);
    CHECK(seen.is_chunked != is_size_known);
  }
#ifndef __SANITIZE_ADDRESS__
  CHECK(resident_kib() < before + 16 * 1024);
#else
  static_cast<void>(before);
#endif
}

TEST_CASE("http: a body fed by a slower thread sleeps in between", "[http][upload]") {
  HttpServer server;
  server.on("POST", "/up", HttpAnswer{.status = 202});
  auto loop = Loop::open();
  const auto source = std::make_shared<FedSource>();
  auto request = put(server.url("/up"), source);
  request.method = "POST";
  request.timeouts.stall = 2s;
  Result<Done> outcome = Error();
  Handlers handlers;
  handlers.on_done = [&](Result<Done> done) { outcome = std::move(done); };
  const auto transfer = (*loop)->start(std::move(request), std::move(handlers));
  std::jthread feeder([source] {
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(20ms);
      source->feed("part" + std::to_string(i) + ";");
    }
    source->close();
  });
  REQUIRE((*loop)->run_until([&] { return !transfer.is_active(); }));
  REQUIRE(outcome);
  CHECK(outcome->status == 202);
  CHECK(server.requests().at(0).body == "part0;part1;part2;part3;part4;");
  CHECK(source->sleeps() < 20);
}

TEST_CASE("http: a source that fails ends the transfer with its own error", "[http][upload]") {
  class Broken final : public BodySource {
   public:
    std::optional<std::uint64_t> size() const override { return 1000; }
    Result<std::optional<std::size_t>> read(std::span<std::byte>) override {
      return Error(ErrorKind::failed, "reading 'model.safetensors'").because("Input/output error");
    }
    Result<void> rewind() override { return {}; }
  };
  HttpServer server;
  server.on("PUT", "/up", HttpAnswer{});
  auto loop = Loop::open();
  const auto answer = (*loop)->fetch(put(server.url("/up"), std::make_shared<Broken>()));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().what == "reading 'model.safetensors'");
  CHECK(answer.error().why == "Input/output error");
}

TEST_CASE("http: a body on a pooled connection that had died is read again from the start", "[http][upload]") {
  HttpServer server;
  server.on("PUT", "/up", HttpAnswer{.status = 201});
  server.on("GET", "/warm", HttpAnswer{.body = "x"});
  auto loop = Loop::open();
  Request warm;
  warm.url = server.url("/warm");
  REQUIRE((*loop)->fetch(warm));
  server.once("PUT", "/up", HttpAnswer{.fault = Fault::close});
  const auto source = std::make_shared<GeneratedSource>(100'000);
  const auto answer = (*loop)->fetch(put(server.url("/up"), source));
  if (!answer) FAIL(answer.error().what + ": " + answer.error().why);
  CHECK(answer->status == 201);
  CHECK(source->rewinds == 1);
  CHECK(server.requests_to("/up").at(1).body_sha256 == GeneratedSource::sha256(100'000));
}

TEST_CASE("http: an early refusal is heard before the body is sent", "[http][upload]") {
  HttpServer server;
  server.on_early("PUT", "/up", HttpAnswer{.status = 413, .body = "too large", .is_closing = true});
  auto loop = Loop::open();
  auto request = put(server.url("/up"), std::make_shared<GeneratedSource>(std::uint64_t{64} << 20));
  request.expect = Expect::always;
  const auto answer = (*loop)->fetch(request);
  REQUIRE(answer);
  CHECK(answer->status == 413);
  CHECK(answer->body == "too large");
  CHECK(server.requests().at(0).header("Expect") == "100-continue");
}

TEST_CASE("http: a refusal counts though the connection ends before it is complete", "[http][upload]") {
  HttpServer server;
  server.on("PUT", "/up", HttpAnswer{.status = 507, .body = "no space left", .fault = Fault::cut});
  auto loop = Loop::open();
  const auto answer = (*loop)->fetch(put(server.url("/up"), std::make_shared<GeneratedSource>(1000)));
  REQUIRE(answer);
  CHECK(answer->status == 507);
  CHECK(answer->body == "no spa");
}

TEST_CASE("http: whether the server is asked first is the caller's choice", "[http][upload]") {
  HttpServer server;
  server.on("PUT", "/up", HttpAnswer{});
  auto loop = Loop::open();
  const std::pair<Expect, std::uint64_t> cases[] = {
      {Expect::automatic, 1000}, {Expect::automatic, 2 << 20}, {Expect::never, 2 << 20}, {Expect::always, 1000}};
  for (const auto& [expect, size] : cases) {
    auto request = put(server.url("/up"), std::make_shared<GeneratedSource>(size));
    request.expect = expect;
    REQUIRE((*loop)->fetch(request));
    const bool is_asked = expect == Expect::always || (expect == Expect::automatic && size > (1 << 20));
    CHECK(server.requests().back().has_header("Expect") == is_asked);
    CHECK(server.requests().back().body_size == size);
  }
}

TEST_CASE("http: a connection lost in the middle of an upload is worth another try", "[http][upload]") {
  HttpServer server;
  server.on_early("PUT", "/up", HttpAnswer{.fault = Fault::reset});
  auto loop = Loop::open();
  auto request = put(server.url("/up"), std::make_shared<GeneratedSource>(std::uint64_t{64} << 20));
  request.expect = Expect::never;
  const auto answer = (*loop)->fetch(request);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unavailable);
}

TEST_CASE("http: a stop ends an upload that is under way", "[http][upload][stop]") {
  HttpServer server;
  server.on_early("PUT", "/up", HttpAnswer{.fault = Fault::hang});
  auto loop = Loop::open();
  std::stop_source source;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  });
  auto request = put(server.url("/up"), std::make_shared<GeneratedSource>(std::uint64_t{64} << 20));
  request.expect = Expect::never;
  const auto answer = (*loop)->fetch(request, source.get_token());
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::interrupted);
}
