#include "registry_state.hpp"

#include <mlk/http/url.hpp>
#include <mlk/oci/registry.hpp>

#include <utility>

namespace mlk::oci {

namespace {

/// Hands a source's bytes to a request, hashing and counting them on the way.
class UploadBody final : public http::BodySource {
 public:
  UploadBody(BlobSource& source, const RegistryClient::Moved& moved) : m_source(source), m_moved(moved) {}

  std::optional<std::uint64_t> size() const override { return m_source.size(); }
  Result<std::optional<std::size_t>> read(std::span<std::byte> buffer) override {
    auto count = m_source.read(buffer);
    if (!count) {
      failure = count.error();
      return std::move(count).error();
    }
    digester.update(buffer.first(*count));
    m_sent += static_cast<std::int64_t>(*count);
    if (m_moved && *count > 0) m_moved(static_cast<std::int64_t>(*count));
    return std::optional(*count);
  }
  Result<void> rewind() override {
    if (m_moved && m_sent > 0) m_moved(-m_sent);
    m_sent = 0;
    digester = Digester();
    return m_source.rewind();
  }

  Digester digester;
  std::optional<Error> failure;  // of the source itself: sending again doesn't help

 private:
  BlobSource& m_source;
  const RegistryClient::Moved& m_moved;
  std::int64_t m_sent = 0;
};

/// How an attempt to upload ended.
struct Attempt {
  std::optional<Error> error;  // nothing: it is there
  bool may_help_again = false;
  bool is_method_refused = false;  // this way of uploading isn't known there
  std::optional<Milliseconds> wait;
};

Attempt failed(Error error, bool may_help_again = false) { return {std::move(error), may_help_again, false, {}}; }

/// One upload, attempt after attempt.
class Upload {
 public:
  Upload(RegistryClient::State& state, const std::string& repository, BlobSource& source,
         const RegistryClient::Moved& moved, const std::stop_token& stop)
      : m_state(state),
        m_scope{repository, true},
        m_asked{state.registry, repository, "pushing a layer", true, ""},
        m_body(std::make_shared<UploadBody>(source, moved)),
        m_stop(stop) {}

  /// With a digest: one PUT. Without: one PATCH, and a PUT that names what was learnt.
  Attempt run(const Digest* known) {
    std::string location;
    if (auto begun = begin(location); begun.error) return begun;
    auto request = m_state.request(known != nullptr ? "PUT" : "PATCH", location);
    if (known != nullptr) {
      auto named = with_digest(location, *known);
      if (!named) return failed(std::move(named).error());
      request.url = *std::move(named);
    }
    request.headers.set("Content-Type", "application/octet-stream");
    request.body = std::shared_ptr<http::BodySource>(m_body);
    if (auto ready = m_state.authorize(request, m_scope, m_stop); !ready) return failed(std::move(ready).error());
    auto answer = m_state.loop->fetch(std::move(request), m_stop);
    if (m_body->failure) return failed(*std::move(m_body->failure));
    if (!answer || !answer->is_success()) return judge(std::move(answer), known == nullptr);
    if (known != nullptr) return {};
    digest = m_body->digester.finish();
    return close(location, *answer);
  }

  /// Ready for another attempt.
  Result<void> rewind() { return m_body->rewind(); }

  Digest digest;  // what an upload without a known digest learnt

 private:
  Attempt begin(std::string& location) {
    auto request = m_state.request("POST", m_state.url(m_scope.repository, "/blobs/uploads/"));
    request.body = std::string();
    auto answer = m_state.send_authorized(std::move(request), m_scope, m_asked, m_stop);
    if (!answer || answer->status != 202) return judge(std::move(answer), false);
    auto found = next_location(answer->url, *answer);
    if (!found) return failed(std::move(found).error());
    location = *std::move(found);
    return {};
  }

  Attempt close(const std::string& location, const http::Response& patched) {
    auto next = patched.headers.has("Location") ? next_location(patched.url, patched) : Result<std::string>(location);
    if (!next) return failed(std::move(next).error());
    auto named = with_digest(*next, digest);
    if (!named) return failed(std::move(named).error());
    auto request = m_state.request("PUT", *std::move(named));
    request.body = std::string();
    auto answer = m_state.send_authorized(std::move(request), m_scope, m_asked, m_stop);
    if (!answer || !answer->is_success()) return judge(std::move(answer), true);
    return {};
  }

  Attempt judge(Result<http::Response> answer, bool may_be_unknown_method) {
    if (!answer) {
      const bool may_help = http::is_retryable(answer.error());
      if (answer.error().kind == ErrorKind::auth) return failed(std::move(answer).error());
      return failed(transport_error(std::move(answer).error(), m_asked, m_state.options), may_help);
    }
    if (answer->status == 401) {
      // A token that ran out while the bytes went: a new one, and from the start.
      auto is_worth_it = m_state.authorizer.challenged(m_scope, answer->headers, m_stop);
      if (!is_worth_it) return failed(std::move(is_worth_it).error());
      return failed(auth_error(m_asked, m_state.authorizer.why_refused(m_scope)), *is_worth_it);
    }
    Attempt out = failed(status_error(m_asked, *answer), http::is_retryable_status(answer->status));
    // An upload session that the registry forgot is a 404 too: it is begun anew.
    if (answer->status == 404 && may_be_unknown_method) out.may_help_again = true;
    out.wait = http::retry_after(answer->headers, m_state.clock.system());
    const int status = answer->status;
    out.is_method_refused = may_be_unknown_method && (status == 400 || status == 405 || status == 411 ||
                                                      status == 415 || status == 416 || status == 501);
    return out;
  }

  Result<std::string> next_location(const std::string& base, const http::Response& answer) const {
    const auto location = answer.headers.get("Location");
    if (!location) {
      return Error(ErrorKind::failed, "registry '" + m_state.registry + "' doesn't say where to upload to")
          .because("its answer has no Location");
    }
    MLK_TRY(const auto from, http::parse_url(base));
    MLK_TRY(const auto target, http::resolve(from, *location));
    return target.to_string();
  }

  static Result<std::string> with_digest(const std::string& location, const Digest& digest) {
    MLK_TRY(auto url, http::parse_url(location));
    http::append_query(url, {{"digest", digest.text()}});
    return url.to_string();
  }

  RegistryClient::State& m_state;
  Scope m_scope;
  Asked m_asked;
  std::shared_ptr<UploadBody> m_body;
  std::stop_token m_stop;
};

/// Attempts until one succeeds or nothing more can help. `is_refused`: the registry doesn't know this way.
Result<void> upload(RegistryClient::State& state, Upload& upload, const Digest* known, bool* is_refused,
                    const std::stop_token& stop) {
  http::Backoff backoff(state.policy());
  for (;;) {
    auto attempt = upload.run(known);
    if (!attempt.error) return {};
    if (is_refused != nullptr && attempt.is_method_refused) *is_refused = true;
    if (!attempt.may_help_again || attempt.is_method_refused) return *std::move(attempt.error);
    const auto wait = backoff.next(attempt.wait);
    if (!wait) {
      if (backoff.attempts() > 1) attempt.error->what += " (tried " + std::to_string(backoff.attempts()) + " times)";
      return *std::move(attempt.error);
    }
    if (!state.clock.sleep_for(*wait, stop)) return interrupted("pushing a layer");
    MLK_CHECK(upload.rewind());
  }
}

}  // namespace

Result<void> RegistryClient::push_blob(const std::string& repository, const Digest& digest, BlobSource& source,
                                       const Moved& moved, const std::stop_token& stop) {
  MLK_CHECK(m_state->prepare());
  Upload one(*m_state, repository, source, moved, stop);
  return upload(*m_state, one, &digest, nullptr, stop);
}

Result<Digest> RegistryClient::push_blob_hashing(const std::string& repository, BlobSource& source, const Moved& moved,
                                                 const std::stop_token& stop) {
  MLK_CHECK(m_state->prepare());
  bool is_refused = false;
  {
    Upload one(*m_state, repository, source, moved, stop);
    auto done = upload(*m_state, one, nullptr, &is_refused, stop);
    if (done) return one.digest;
    if (!is_refused) return std::move(done).error();
    MLK_CHECK(one.rewind());
  }
  Digester digester;
  std::vector<std::byte> buffer(k_piece);
  for (;;) {
    if (stop.stop_requested()) return interrupted("pushing a layer");
    MLK_TRY(const std::size_t count, source.read(buffer));
    if (count == 0) break;
    digester.update(std::span(buffer).first(count));
  }
  auto digest = digester.finish();
  MLK_CHECK(source.rewind());
  MLK_CHECK(push_blob(repository, digest, source, moved, stop));
  return digest;
}

}  // namespace mlk::oci
