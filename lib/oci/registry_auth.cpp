#include "registry_auth.hpp"

#include "registry_error.hpp"

#include <mlk/core/text.hpp>
#include <mlk/crypto/encoding.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/http/retry.hpp>
#include <mlk/http/url.hpp>

#include <algorithm>
#include <utility>

namespace mlk::oci {

namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// Reads `key=value, key="value"` from the front until something else stands there.
std::map<std::string, std::string> parse_parameters(std::string_view& text) {
  std::map<std::string, std::string> out;
  for (;;) {
    while (!text.empty() && (text.front() == ' ' || text.front() == ',')) text.remove_prefix(1);
    const auto equals = text.find_first_of("= ,");
    if (equals == std::string_view::npos || text[equals] != '=') return out;
    const auto key = std::string(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    std::string value;
    if (text.starts_with('"')) {
      text.remove_prefix(1);
      while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
        value += text.front();
        text.remove_prefix(1);
      }
      if (!text.empty()) text.remove_prefix(1);
    } else {
      const auto end = std::min(text.find_first_of(", "), text.size());
      value = std::string(text.substr(0, end));
      text.remove_prefix(end);
    }
    out[key] = value;
  }
}

std::string basic(const Credential& credential) {
  return "Basic " + crypto::base64_encode(credential.user + ":" + credential.password.reveal());
}

}  // namespace

Challenge parse_challenge(const http::Headers& headers) {
  Challenge best;
  for (auto text : headers.all("WWW-Authenticate")) {
    while (!text.empty()) {
      const auto space = std::min(text.find_first_of(" ,"), text.size());
      const auto scheme = text.substr(0, space);
      text.remove_prefix(space);
      auto parameters = parse_parameters(text);
      if (equals_ignoring_case(scheme, "bearer") && !parameters["realm"].empty()) {
        return {Challenge::Scheme::bearer, parameters["realm"], parameters["service"], parameters["scope"]};
      }
      if (equals_ignoring_case(scheme, "basic")) best.scheme = Challenge::Scheme::basic;
    }
  }
  return best;
}

Result<Credential> Authorizer::credential(const Scope& scope, const std::stop_token& stop) {
  const auto key = m_registry + "/" + scope.repository;
  if (const auto found = m_state.credentials.find(key); found != m_state.credentials.end()) return found->second;
  MLK_TRY(auto credential, m_state.store.find(m_registry, scope.repository, stop));
  return m_state.credentials[key] = std::move(credential);
}

Result<std::optional<Secret>> Authorizer::header(const Scope& scope, http::Loop& loop, const http::Request& like,
                                                 const std::stop_token& stop) {
  // Held while a token is fetched: the other threads want the same one.
  const std::scoped_lock lock(m_state.mutex);
  const auto challenge = m_state.challenges.find(m_registry);
  if (challenge == m_state.challenges.end()) return std::optional<Secret>();
  if (challenge->second.scheme == Challenge::Scheme::basic) {
    MLK_TRY(const auto known, credential(scope, stop));
    if (known.password.empty()) return std::optional<Secret>();
    return std::optional(Secret(basic(known)));
  }
  const auto key = m_registry + " " + scope.text();
  auto token = m_state.tokens.find(key);
  if (token == m_state.tokens.end() || token->second.expires <= m_clock.steady()) {
    MLK_TRY(auto fresh, fetch_token(scope, challenge->second, loop, like, stop));
    token = m_state.tokens.insert_or_assign(key, std::move(fresh)).first;
  }
  return std::optional(Secret("Bearer " + token->second.value.reveal()));
}

Result<bool> Authorizer::challenged(const Scope& scope, const http::Headers& headers, const std::stop_token& stop) {
  const std::scoped_lock lock(m_state.mutex);
  auto challenge = parse_challenge(headers);
  if (challenge.scheme == Challenge::Scheme::none) return false;
  m_state.tokens.erase(m_registry + " " + scope.text());
  const bool is_bearer = challenge.scheme == Challenge::Scheme::bearer;
  m_state.challenges[m_registry] = std::move(challenge);
  MLK_TRY(const auto known, credential(scope, stop));
  // A token may be had by nobody in particular; Basic without a password can only fail again.
  return is_bearer || !known.password.empty();
}

std::string Authorizer::why_refused(const Scope& scope) {
  const std::scoped_lock lock(m_state.mutex);
  const auto known = m_state.credentials.find(m_registry + "/" + scope.repository);
  if (known != m_state.credentials.end() && !known->second.empty()) {
    return "the credentials from '" + known->second.origin + "' aren't accepted" +
           (scope.is_write ? " for pushing there" : "");
  }
  std::vector<std::string> files;
  for (const auto& file : m_state.store.files()) files.push_back(file.string());
  return "there are no credentials for '" + m_registry + "' in " + join(files, ", ");
}

Result<RegistryAuth::State::Token> Authorizer::fetch_token(const Scope& scope, const Challenge& challenge,
                                                           http::Loop& loop, const http::Request& like,
                                                           const std::stop_token& stop) {
  MLK_TRY(const auto known, credential(scope, stop));
  if (!known.registry_token.empty()) {
    return RegistryAuth::State::Token{known.registry_token, m_clock.steady() + std::chrono::hours(1)};
  }
  const auto origin = http::parse_url(m_origin);
  auto realm = http::parse_url(challenge.realm);
  const auto refuse = [&](std::string why) {
    return Error(ErrorKind::auth, "registry '" + m_registry + "' names a token server that can't be used")
        .because(std::move(why));
  };
  if (!realm) return refuse(realm.error().what);
  if (origin && origin->scheme == "https" && realm->scheme != "https" && !known.empty()) {
    return refuse("'" + realm->redacted() + "' is not encrypted, and credentials would be sent there");
  }
  http::Request request;
  request.identity = like.identity;
  request.timeouts = like.timeouts;
  request.body_limit = std::size_t{1} << 20;
  if (!known.identity_token.empty()) {
    request.method = "POST";
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = http::encode_query({{"grant_type", "refresh_token"},
                                       {"service", challenge.service},
                                       {"client_id", "mlk"},
                                       {"scope", scope.text()},
                                       {"refresh_token", known.identity_token.reveal()}});
  } else {
    std::vector<std::pair<std::string, std::string>> query;
    if (!challenge.service.empty()) query.emplace_back("service", challenge.service);
    query.emplace_back("scope", scope.text());
    http::append_query(*realm, query);
    if (!known.password.empty()) request.headers.set("Authorization", basic(known));
  }
  request.url = realm->to_string();
  auto answer = http::fetch_with_retry([&] { return loop.fetch(request, stop); }, {}, m_clock, stop);
  if (!answer) return std::move(answer).error().within("asking '" + realm->redacted() + "' for a token");
  if (answer->status == 401 || answer->status == 403) {
    return Error(ErrorKind::auth, "registry '" + m_registry + "' gives no token for '" + scope.repository + "'")
        .because(known.empty() ? "it wants credentials, and none are known for it"
                               : "its token server refuses the credentials from '" + known.origin + "'")
        .fixed_by(login_hint(m_registry));
  }
  if (!answer->is_success())
    return status_error({m_registry, scope.repository, "asking for a token", scope.is_write, ""}, *answer);
  const auto root = document::read_json(answer->body);
  auto token = root ? (*root)["token"].string_or() : std::string();
  if (root && token.empty()) token = (*root)["access_token"].string_or();
  if (token.empty()) return refuse("'" + realm->redacted() + "' answered without a token");
  // 60 s where nothing is said; used up a little earlier, so that none expires on its way.
  const auto seconds = std::clamp<std::int64_t>((*root)["expires_in"].int_or(60), 1, 86'400);
  const auto margin = std::min<std::int64_t>(10, seconds / 4);
  return RegistryAuth::State::Token{Secret(std::move(token)),
                                    m_clock.steady() + std::chrono::seconds(seconds - margin)};
}

RegistryAuth::RegistryAuth(CredentialStore store) : m_state(std::make_unique<State>(std::move(store))) {}
RegistryAuth::~RegistryAuth() = default;

}  // namespace mlk::oci
