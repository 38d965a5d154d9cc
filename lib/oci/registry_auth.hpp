#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/secret.hpp>
#include <mlk/core/time.hpp>
#include <mlk/http/loop.hpp>
#include <mlk/oci/credentials.hpp>
#include <mlk/oci/registry.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mlk::oci {

/// What a 401 asks for. Source: RFC 7235 and the distribution project's token specification.
struct Challenge {
  enum class Scheme : std::uint8_t { none, basic, bearer };
  Scheme scheme = Scheme::none;
  std::string realm;
  std::string service;
  std::string scope;
};

/// The challenge that we can answer best: Bearer before Basic.
Challenge parse_challenge(const http::Headers& headers);

/// Which right on what a request needs.
struct Scope {
  std::string repository;
  bool is_write = false;

  std::string text() const { return "repository:" + repository + ":" + (is_write ? "pull,push" : "pull"); }
};

struct RegistryAuth::State {
  struct Token {
    Secret value;
    SteadyTime expires;
  };

  explicit State(CredentialStore s) : store(std::move(s)) {}

  std::mutex mutex;
  CredentialStore store;
  std::map<std::string, Challenge> challenges;    // by registry
  std::map<std::string, Credential> credentials;  // by registry and repository
  std::map<std::string, Token> tokens;            // by registry and scope
};

/// How one client proves who it is.
class Authorizer {
 public:
  Authorizer(std::string registry, std::string origin, RegistryAuth::State& state, Clock& clock)
      : m_registry(std::move(registry)), m_origin(std::move(origin)), m_state(state), m_clock(clock) {}

  /// The Authorization header for a request, or nothing while the registry hasn't asked for any.
  Result<std::optional<Secret>> header(const Scope& scope, http::Loop& loop, const http::Request& like,
                                       const std::stop_token& stop);
  /// Takes note of a 401. False when there is nothing more to try.
  Result<bool> challenged(const Scope& scope, const http::Headers& headers, const std::stop_token& stop);
  /// Where the credentials came from, or which files hold none: for the error.
  std::string why_refused(const Scope& scope);

 private:
  Result<Credential> credential(const Scope& scope, const std::stop_token& stop);
  Result<RegistryAuth::State::Token> fetch_token(const Scope& scope, const Challenge& challenge, http::Loop& loop,
                                                 const http::Request& like, const std::stop_token& stop);

  std::string m_registry;
  std::string m_origin;
  RegistryAuth::State& m_state;
  Clock& m_clock;
};

}  // namespace mlk::oci
