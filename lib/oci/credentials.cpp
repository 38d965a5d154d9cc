#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/crypto/encoding.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/oci/credentials.hpp>
#include <mlk/process/process.hpp>

#include <utility>

namespace mlk::oci {

namespace fs = std::filesystem;
using document::Node;

namespace {

constexpr std::string_view k_docker_hub_key = "https://index.docker.io/v1/";

/// A key of "auths" as registry[/path]: no scheme, no API version, one name for Docker Hub.
std::string normal_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  }
  while (key.ends_with('/')) key.remove_suffix(1);
  for (const std::string_view version : {"/v1", "/v2"}) {
    if (key.ends_with(version)) key.remove_suffix(version.size());
  }
  const auto host = key.substr(0, key.find('/'));
  if (host == "index.docker.io" || host == "registry-1.docker.io") {
    return "docker.io" + std::string(key.substr(host.size()));
  }
  return std::string(key);
}

std::string helper_host(std::string_view registry) {
  return registry == "docker.io" ? std::string(k_docker_hub_key) : std::string(registry);
}

Result<Credential> ask_helper(const std::string& helper, std::string_view registry, const fs::path& file,
                              const std::stop_token& stop) {
  const auto program = "docker-credential-" + helper;
  const auto failed = [&](ErrorKind kind, std::string why) {
    return Error(kind,
                 "the credential helper '" + program + "' gave no credentials for '" + std::string(registry) + "'")
        .because(std::move(why))
        .fixed_by("install or repair it, or take it out of '" + file.string() + "'");
  };
  if (helper.find('/') != std::string::npos) return failed(ErrorKind::auth, "a helper's name can't hold a '/'");
  process::Command command;
  command.argv = {program, "get"};
  command.input = helper_host(registry);
  command.timeout = Milliseconds(30'000);
  auto outcome = process::run(command, stop);
  if (!outcome) {
    if (outcome.error().kind == ErrorKind::interrupted) return std::move(outcome).error();
    return failed(ErrorKind::auth, outcome.error().what);
  }
  if (!outcome->is_success()) {
    // The one message that all helpers share.
    if (outcome->out.find("credentials not found") != std::string::npos) return Credential{};
    return failed(ErrorKind::auth, "it " + process::describe_end(*outcome));
  }
  const auto root = document::read_json(outcome->out);
  if (!root || !root->is_mapping()) return failed(ErrorKind::auth, "it didn't answer with a JSON object");
  Credential out;
  out.origin = program;
  const auto user = (*root)["Username"].string_or();
  const auto secret = (*root)["Secret"].string_or();
  if (user == "<token>") {
    out.identity_token = Secret(secret);
  } else {
    out.user = user;
    out.password = Secret(secret);
  }
  return out;
}

Result<Credential> read_entry(const Node& entry, const fs::path& file) {
  Credential out;
  out.origin = file.string();
  out.identity_token = Secret(entry["identitytoken"].string_or());
  out.registry_token = Secret(entry["registrytoken"].string_or());
  out.user = entry["username"].string_or();
  out.password = Secret(entry["password"].string_or());
  const auto packed = entry["auth"].string_or();
  if (packed.empty()) return out;
  const auto plain = crypto::base64_decode(packed);
  const auto colon = plain ? plain->find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return Error(ErrorKind::auth, "an entry of '" + file.string() + "' can't be read")
        .because("its 'auth' is not user:password in base64")
        .fixed_by("log in again with 'docker login' or 'podman login'");
  }
  out.user = plain->substr(0, colon);
  auto password = plain->substr(colon + 1);
  while (password.ends_with('\0')) password.pop_back();  // docker pads some
  out.password = Secret(std::move(password));
  return out;
}

/// The entry whose key is the longest front of registry/repository.
const Node* find_entry(const Node& auths, const std::string& whole) {
  const Node* best = nullptr;
  std::size_t length = 0;
  for (const auto& entry : auths.entries()) {
    const auto key = normal_key(entry.key);
    const bool is_front = whole == key || whole.starts_with(key + "/");
    if (is_front && (best == nullptr || key.size() > length) && !entry.value.empty()) {
      best = &entry.value;
      length = key.size();
    }
  }
  return best;
}

Result<Credential> find_in_file(const fs::path& file, std::string_view registry, std::string_view repository,
                                const std::stop_token& stop) {
  MLK_TRY(const std::string text, read_file(file, std::size_t{4} << 20));
  const auto root = document::read_json(text);
  if (!root || !root->is_mapping()) {
    return Error(ErrorKind::auth, "'" + file.string() + "' can't be read")
        .because("it is no JSON object")
        .fixed_by("repair it, or remove it and log in again with 'docker login' or 'podman login'");
  }
  for (const auto& entry : (*root)["credHelpers"].entries()) {
    if (normal_key(entry.key) == registry) return ask_helper(entry.value.string_or(), registry, file, stop);
  }
  const auto general = (*root)["credsStore"].string_or();
  Result<Credential> stored =
      general.empty() ? Result<Credential>(Credential{}) : ask_helper(general, registry, file, stop);
  if (stored && !stored->empty()) return stored;
  if (!stored && stored.error().kind == ErrorKind::interrupted) return stored;
  const auto* entry = find_entry((*root)["auths"], std::string(registry) + "/" + std::string(repository));
  // A general helper that fails matters only where the file has nothing either.
  return entry != nullptr ? read_entry(*entry, file) : stored;
}

}  // namespace

CredentialStore::CredentialStore(Environment environment) : m_environment(std::move(environment)) {}

CredentialStore CredentialStore::from(const std::function<std::optional<std::string>(const std::string&)>& variable) {
  Environment environment;
  for (const char* name : {"REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "HOME"}) {
    if (auto value = variable(name)) environment[name] = *std::move(value);
  }
  return CredentialStore(std::move(environment));
}

std::vector<fs::path> CredentialStore::files() const {
  std::vector<fs::path> out;
  const auto add = [&](const char* variable, std::string_view below) {
    if (const auto found = m_environment.find(variable); found != m_environment.end()) {
      out.push_back(below.empty() ? fs::path(found->second) : fs::path(found->second) / below);
    }
  };
  // What is named on purpose comes first.
  add("REGISTRY_AUTH_FILE", "");
  add("DOCKER_CONFIG", "config.json");
  add("XDG_RUNTIME_DIR", "containers/auth.json");
  add(m_environment.contains("XDG_CONFIG_HOME") ? "XDG_CONFIG_HOME" : "HOME",
      m_environment.contains("XDG_CONFIG_HOME") ? "containers/auth.json" : ".config/containers/auth.json");
  if (!m_environment.contains("DOCKER_CONFIG")) add("HOME", ".docker/config.json");
  return out;
}

Result<Credential> CredentialStore::find(std::string_view registry, std::string_view repository,
                                         const std::stop_token& stop) const {
  for (const auto& file : files()) {
    std::error_code code;
    if (!fs::exists(file, code)) continue;
    MLK_TRY(auto found, find_in_file(file, registry, repository, stop));
    if (!found.empty()) return found;
  }
  return Credential{};
}

}  // namespace mlk::oci
