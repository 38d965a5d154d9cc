#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/secret.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::oci {

/// What a registry is told about who asks. Never printed.
struct Credential {
  std::string user;
  Secret password;
  Secret identity_token;  ///< a refresh token, instead of user and password
  Secret registry_token;  ///< a bearer token that is used as it is
  std::string origin;     ///< where it was found, for messages: a file or a helper's name

  bool empty() const noexcept { return password.empty() && identity_token.empty() && registry_token.empty(); }
};

/// Finds credentials where docker and podman keep them: ${REGISTRY_AUTH_FILE}, or
/// ${XDG_RUNTIME_DIR}/containers/auth.json, then ~/.config/containers/auth.json, then $DOCKER_CONFIG/config.json or
/// ~/.docker/config.json. In each: the host's helper, then the file's entry (the longest that matches
/// registry/repository), then the general helper.
class CredentialStore {
 public:
  /// Looks at these variables only; the files are read when they are asked for.
  using Environment = std::map<std::string, std::string>;
  explicit CredentialStore(Environment environment);
  /// With what a look-up gives for the variables that matter.
  static CredentialStore from(const std::function<std::optional<std::string>(const std::string&)>& variable);

  /// What is known for a registry and repository; an empty credential when nothing is. A file that can't be parsed and
  /// a helper that fails are errors, named; what a helper printed is not repeated.
  Result<Credential> find(std::string_view registry, std::string_view repository, const std::stop_token& stop) const;

  /// The files that are looked at, in order, for messages.
  std::vector<std::filesystem::path> files() const;

 private:
  Environment m_environment;
};

}  // namespace mlk::oci
