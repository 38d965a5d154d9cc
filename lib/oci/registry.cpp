#include "registry_state.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/http/url.hpp>
#include <mlk/oci/registry.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace mlk::oci {

namespace {

constexpr std::string_view k_accept =
    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

std::string image_name(const std::string& repository, const std::string& reference) {
  return repository + (reference.find(':') == std::string::npos ? ":" : "@") + reference;
}

bool is_digest(const std::string& reference) { return reference.find(':') != std::string::npos; }

std::string origin_of(const std::string& registry, const RegistryOptions& options) {
  const bool is_plain = options.plain_http.value_or(is_loopback(registry) && options.ca_file.empty());
  // Docker Hub's name in image names is not its API's.
  const auto host = registry == "docker.io" ? std::string("registry-1.docker.io") : registry;
  return (is_plain ? "http://" : "https://") + host;
}

}  // namespace

RegistryClient::State::State(std::string name, std::shared_ptr<RegistryAuth> shared, RegistryAuth::State& auth_state,
                             Clock& c, RegistryOptions o)
    : registry(std::move(name)),
      auth(std::move(shared)),
      clock(c),
      options(std::move(o)),
      origin(origin_of(registry, options)),
      authorizer(registry, origin, auth_state, clock) {}

Result<void> RegistryClient::State::prepare() {
  if (loop != nullptr) return {};
  http::Identity made;
  made.tls.skip_verify = !options.verify_tls;
  if (!options.ca_file.empty()) {
    MLK_TRY(made.tls.ca_pem, read_file(options.ca_file));
    made.tls.system_ca = false;
  }
  identity = std::make_shared<const http::Identity>(std::move(made));
  MLK_TRY(loop, http::Loop::open());
  return {};
}

http::Request RegistryClient::State::request(std::string method, std::string url) const {
  http::Request out;
  out.method = std::move(method);
  out.url = std::move(url);
  out.identity = identity;
  out.timeouts.stall = options.stall;
  return out;
}

std::string RegistryClient::State::url(const std::string& repository, const std::string& rest) const {
  return origin + "/v2/" + repository + rest;
}

http::RetryPolicy RegistryClient::State::policy() const {
  http::RetryPolicy out;
  out.max_attempts = options.attempts;
  out.first = options.first_wait;
  out.longest = options.longest_wait;
  out.longest_retry_after = options.longest_retry_after;
  return out;
}

bool RegistryClient::State::is_ours(const std::string& text) const {
  const auto ours = http::parse_url(origin);
  const auto theirs = http::parse_url(text);
  return ours && theirs && http::is_same_origin(*ours, *theirs);
}

Result<void> RegistryClient::State::authorize(http::Request& request, const Scope& scope, const std::stop_token& stop) {
  request.headers.remove("Authorization");
  if (!is_ours(request.url)) return {};
  MLK_TRY(const auto value, authorizer.header(scope, *loop, request, stop));
  if (value) request.headers.set("Authorization", value->reveal());
  return {};
}

Error transport_error(Error error, const Asked& asked, const RegistryOptions& options) {
  if (error.kind == ErrorKind::interrupted) return error;
  error.what = asked.doing + " at registry '" + asked.registry + "': " + error.what;
  if (error.fix.empty() && error.kind == ErrorKind::unavailable) {
    error.fix = "check the registry's name and that it can be reached from here; then try again";
  }
  if (error.kind == ErrorKind::auth && !options.plain_http && options.ca_file.empty()) {
    error.fix = "name the registry's certificate authority with --ca-file, or use --plain-http if it has no TLS";
  }
  return error;
}

Result<http::Response> RegistryClient::State::send_authorized(http::Request request, const Scope& scope,
                                                              const Asked& asked, const std::stop_token& stop) {
  MLK_CHECK(prepare());
  request.identity = identity;
  for (int round = 0;; ++round) {
    MLK_CHECK(authorize(request, scope, stop));
    auto answer = loop->fetch(request, stop);
    if (!answer || answer->status != 401) return answer;
    MLK_TRY(const bool is_worth_it, authorizer.challenged(scope, answer->headers, stop));
    if (round > 0 || !is_worth_it) return auth_error(asked, authorizer.why_refused(scope));
  }
}

Result<http::Response> RegistryClient::State::send(const http::Request& request, const Scope& scope, const Asked& asked,
                                                   const std::stop_token& stop) {
  auto answer =
      http::fetch_with_retry([&] { return send_authorized(request, scope, asked, stop); }, policy(), clock, stop);
  if (!answer && answer.error().kind != ErrorKind::auth) {
    return transport_error(std::move(answer).error(), asked, options);
  }
  return answer;
}

RegistryClient::RegistryClient(std::string registry, std::shared_ptr<RegistryAuth> auth, Clock& clock,
                               RegistryOptions options) {
  auto& shared = auth->state();
  m_state = std::make_unique<State>(std::move(registry), std::move(auth), shared, clock, std::move(options));
}
RegistryClient::~RegistryClient() = default;
RegistryClient::RegistryClient(RegistryClient&&) noexcept = default;
RegistryClient& RegistryClient::operator=(RegistryClient&&) noexcept = default;

const std::string& RegistryClient::registry() const noexcept { return m_state->registry; }

Result<std::optional<Descriptor>> RegistryClient::find_manifest(const std::string& repository,
                                                                const std::string& reference,
                                                                const std::stop_token& stop) {
  const Asked asked{m_state->registry, repository, "looking for a manifest", false,
                    "'" + image_name(repository, reference) + "'"};
  auto request = m_state->request("HEAD", m_state->url(repository, "/manifests/" + reference));
  request.headers.set("Accept", std::string(k_accept));
  request.max_redirects = 5;
  MLK_TRY(const auto answer, m_state->send(request, {repository, false}, asked, stop));
  if (answer.status == 404) return std::optional<Descriptor>();
  if (!answer.is_success()) return status_error(asked, answer);
  Descriptor out;
  out.media_type = answer.headers.content_type();
  out.size = answer.headers.content_length().value_or(0);
  const auto named = answer.headers.get("Docker-Content-Digest");
  auto digest = Digest::parse(named.value_or(reference));
  if (!digest) {
    // A registry that doesn't say: the content does.
    MLK_TRY(const auto document, fetch_manifest(repository, reference, stop));
    return std::optional(document.descriptor);
  }
  out.digest = *std::move(digest);
  return std::optional(std::move(out));
}

Result<Document> RegistryClient::fetch_manifest(const std::string& repository, const std::string& reference,
                                                const std::stop_token& stop) {
  const Asked asked{m_state->registry, repository, "fetching a manifest", false,
                    "'" + image_name(repository, reference) + "'"};
  auto request = m_state->request("GET", m_state->url(repository, "/manifests/" + reference));
  request.headers.set("Accept", std::string(k_accept));
  request.body_limit = k_manifest_limit;
  request.max_redirects = 5;
  MLK_TRY(auto answer, m_state->send(request, {repository, false}, asked, stop));
  if (!answer.is_success()) return status_error(asked, answer);
  Document out;
  out.descriptor.digest = Digest::of(answer.body);
  out.descriptor.size = answer.body.size();
  out.descriptor.media_type = answer.headers.content_type();
  if (is_digest(reference) && out.descriptor.digest.text() != reference) {
    return Error(ErrorKind::failed, "registry '" + m_state->registry + "' sent other content than '" + reference + "'")
        .because("the manifest's bytes have " + out.descriptor.digest.text())
        .fixed_by("try again; if it stays so, the registry or a proxy before it can't be trusted");
  }
  // The document's own word weighs more than a header that a proxy may have changed.
  if (const auto root = document::read_json(answer.body)) {
    if (const auto type = (*root)["mediaType"].as_string()) out.descriptor.media_type = std::string(*type);
  }
  out.bytes = std::move(answer.body);
  return out;
}

Result<void> RegistryClient::put_manifest(const std::string& repository, const std::string& reference,
                                          const Document& manifest, const std::stop_token& stop) {
  const Asked asked{m_state->registry, repository, "writing '" + image_name(repository, reference) + "'", true, ""};
  auto request = m_state->request("PUT", m_state->url(repository, "/manifests/" + reference));
  request.headers.set("Content-Type", manifest.descriptor.media_type);
  request.body = manifest.bytes;
  MLK_TRY(const auto answer, m_state->send(request, {repository, true}, asked, stop));
  if (!answer.is_success()) return status_error(asked, answer);
  const auto digest = answer.headers.get("Docker-Content-Digest");
  if (digest && *digest != manifest.descriptor.digest.text()) {
    return Error(ErrorKind::failed, "registry '" + m_state->registry + "' stored something else than was sent")
        .because("it says " + printable(std::string(digest->substr(0, 100))) + " for " +
                 manifest.descriptor.digest.text());
  }
  return {};
}

Result<bool> RegistryClient::has_blob(const std::string& repository, const Descriptor& blob,
                                      const std::stop_token& stop) {
  const Asked asked{m_state->registry, repository, "pushing", true, "layer " + blob.digest.text()};
  auto request = m_state->request("HEAD", m_state->url(repository, "/blobs/" + blob.digest.text()));
  request.max_redirects = 5;
  MLK_TRY(const auto answer, m_state->send(request, {repository, true}, asked, stop));
  if (answer.status == 404) return false;
  if (!answer.is_success()) return status_error(asked, answer);
  return true;
}

Result<std::string> RegistryClient::fetch_small_blob(const std::string& repository, const Descriptor& blob,
                                                     std::size_t limit, const std::stop_token& stop) {
  if (blob.size > limit) {
    return Error(ErrorKind::failed, "blob " + blob.digest.text() + " is too large to be read into memory")
        .because("it has " + std::to_string(blob.size) + " bytes, and " + std::to_string(limit) + " are allowed");
  }
  std::string out(static_cast<std::size_t>(blob.size), '\0');
  const auto source = open_blob(repository, blob, {}, stop);
  std::size_t at = 0;
  for (;;) {
    const auto rest = std::as_writable_bytes(std::span(out)).subspan(at);
    MLK_TRY(const std::size_t count, source->read(rest));
    if (count == 0) break;
    at += count;
  }
  return out;
}

Result<std::vector<std::string>> RegistryClient::tags(const std::string& repository, const std::stop_token& stop) {
  const Asked asked{m_state->registry, repository, "listing the tags", false, ""};
  auto url = m_state->url(repository, "/tags/list?n=1000");
  std::set<std::string> out;
  std::set<std::string> visited;
  while (visited.insert(url).second) {  // a registry that links back to a page must not keep us for ever
    auto request = m_state->request("GET", url);
    MLK_TRY(const auto answer, m_state->send(request, {repository, false}, asked, stop));
    if (!answer.is_success()) return status_error(asked, answer);
    const auto root = document::read_json(answer.body);
    if (!root) return Error(ErrorKind::failed, "registry '" + m_state->registry + "' sent a list that is no JSON");
    for (const auto& tag : (*root)["tags"].items()) {
      if (const auto text = tag.string_or(); is_tag(text)) out.insert(text);
    }
    const auto next = http::next_link(answer.headers);
    if (!next) break;
    MLK_TRY(const auto base, http::parse_url(url));
    MLK_TRY(const auto resolved, http::resolve(base, *next));
    url = resolved.to_string();
  }
  return std::vector<std::string>(out.begin(), out.end());
}

}  // namespace mlk::oci
