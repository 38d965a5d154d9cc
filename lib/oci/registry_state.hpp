#pragma once

#include "registry_auth.hpp"
#include "registry_error.hpp"

#include <mlk/http/loop.hpp>
#include <mlk/http/retry.hpp>
#include <mlk/oci/registry.hpp>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace mlk::oci {

struct RegistryClient::State {
  State(std::string name, std::shared_ptr<RegistryAuth> shared, RegistryAuth::State& auth_state, Clock& c,
        RegistryOptions o);

  std::string registry;
  std::shared_ptr<RegistryAuth> auth;
  Clock& clock;
  RegistryOptions options;
  std::string origin;  // "https://registry-1.docker.io"
  Authorizer authorizer;
  std::unique_ptr<http::Loop> loop;
  std::shared_ptr<const http::Identity> identity;

  /// Loads what the first request needs.
  Result<void> prepare();
  http::Request request(std::string method, std::string url) const;
  std::string url(const std::string& repository, const std::string& rest) const;
  http::RetryPolicy policy() const;
  /// Whether a URL, such as an upload's location, is the registry's own: only then it gets credentials.
  bool is_ours(const std::string& url) const;

  /// Puts the credentials that the registry asked for onto a request to it.
  Result<void> authorize(http::Request& request, const Scope& scope, const std::stop_token& stop);
  /// Sends once, and once more after a 401 that can be answered.
  Result<http::Response> send_authorized(http::Request request, const Scope& scope, const Asked& asked,
                                         const std::stop_token& stop);
  /// The same with repeats for what may get better. For requests whose body, if any, is a text.
  Result<http::Response> send(const http::Request& request, const Scope& scope, const Asked& asked,
                              const std::stop_token& stop);
};

/// Says which registry it was about when a request couldn't be made at all.
Error transport_error(Error error, const Asked& asked, const RegistryOptions& options);

}  // namespace mlk::oci
