#include "kubeconfig_user.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/crypto/encoding.hpp>

#include <fmt/format.h>

#include <utility>

namespace mlk::kube {
namespace {

namespace fs = std::filesystem;
using document::Node;

constexpr std::size_t k_pem_limit = std::size_t{4} << 20;

Error invalid(const Node& at, std::string what, std::string why, std::string fix) {
  const std::string place = to_string(at.place());
  return Error(ErrorKind::usage, place.empty() ? std::move(what) : fmt::format("{}: {}", place, what))
      .because(std::move(why))
      .fixed_by(std::move(fix));
}

Result<ExecPlugin::Interactive> interactive_mode(const Node& exec, std::string_view api_version) {
  MLK_TRY(const std::string mode, text_field(exec, "interactiveMode"));
  if (mode == "Never") return ExecPlugin::Interactive::never;
  if (mode == "IfAvailable") return ExecPlugin::Interactive::if_available;
  if (mode == "Always") return ExecPlugin::Interactive::always;
  if (mode.empty() && api_version != "client.authentication.k8s.io/v1") return ExecPlugin::Interactive::if_available;
  return invalid(exec,
                 mode.empty() ? std::string("the credential plugin declares no interactiveMode")
                              : fmt::format("interactiveMode '{}' is unknown", printable(mode)),
                 "client.authentication.k8s.io/v1 requires Never, IfAvailable or Always",
                 "add 'interactiveMode: IfAvailable' to the user's exec section");
}

Result<void> read_environment(const Node& exec, ExecPlugin& plugin) {
  for (const auto& item : exec["env"].items()) {
    MLK_TRY(std::string name, text_field(item, "name"));
    MLK_TRY(std::string value, text_field(item, "value"));
    if (name.empty()) {
      return invalid(item, "a variable of the credential plugin has no name", "", "give it a name, or remove it");
    }
    plugin.env.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

Result<ExecPlugin> read_plugin(const Node& exec, const fs::path& directory) {
  ExecPlugin plugin;
  MLK_TRY(plugin.api_version, text_field(exec, "apiVersion"));
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    return invalid(
        exec,
        plugin.api_version.empty()
            ? std::string("the credential plugin has no apiVersion")
            : fmt::format("the credential plugin's apiVersion '{}' is unknown", printable(plugin.api_version)),
        "client.authentication.k8s.io/v1 and v1beta1 are understood", "renew the kubeconfig with the cloud's own tool");
  }
  MLK_TRY(plugin.command, text_field(exec, "command"));
  if (plugin.command.empty()) {
    return invalid(exec, "the credential plugin has no command", "", "add 'command' to the user's exec section");
  }
  if (plugin.command.find('/') != std::string::npos) plugin.command = resolve_path(plugin.command, directory).string();
  MLK_TRY(plugin.args, list_field(exec, "args"));
  MLK_CHECK(read_environment(exec, plugin));
  MLK_TRY(const std::string hint, text_field(exec, "installHint"));
  plugin.install_hint = printable(hint);
  MLK_TRY(plugin.provide_cluster_info, bool_field(exec, "provideClusterInfo"));
  MLK_TRY(plugin.interactive, interactive_mode(exec, plugin.api_version));
  return plugin;
}

Result<void> read_impersonation(const Node& user, Impersonation& out) {
  MLK_TRY(out.user, text_field(user, "as"));
  MLK_TRY(out.uid, text_field(user, "as-uid"));
  MLK_TRY(out.groups, list_field(user, "as-groups"));
  for (const auto& entry : user["as-user-extra"].entries()) {
    MLK_TRY(auto values, list_field(user["as-user-extra"], entry.key));
    out.extra.emplace_back(entry.key, std::move(values));
  }
  return {};
}

Result<void> check_methods(const Node& user, const Credentials& out) {
  const bool has_token = !out.token.empty() || !out.token_file.empty();
  if (has_token && !out.username.empty()) {
    return invalid(user, "the user has both a token and a password", "one request can carry one of them",
                   "remove one of the two from the kubeconfig");
  }
  if (out.client_certificate_pem.empty() != out.client_key_pem.empty()) {
    const bool no_key = out.client_key_pem.empty();
    return invalid(user,
                   no_key ? "the user has a client certificate without its key"
                          : "the user has a client key without its certificate",
                   "",
                   no_key ? "add client-key or client-key-data" : "add client-certificate or client-certificate-data");
  }
  if (const Node* provider = user.find("auth-provider"); provider != nullptr && !provider->is_null()) {
    return invalid(user,
                   fmt::format("the auth-provider '{}' isn't supported", printable((*provider)["name"].string_or())),
                   "auth providers were replaced by credential plugins (exec)",
                   "renew the kubeconfig with the cloud's own tool, which writes an exec section");
  }
  return {};
}

}  // namespace

fs::path resolve_path(const std::string& path, const fs::path& directory) {
  const fs::path given(path);
  return given.is_absolute() ? given : (directory / given).lexically_normal();
}

Result<std::string> file_or_data(const Definition& definition, std::string_view key) {
  const Node& map = definition.value;
  const std::string data_key = fmt::format("{}-data", key);
  MLK_TRY(const std::string file, text_field(map, key));
  MLK_TRY(const std::string data, text_field(map, data_key));
  if (!file.empty() && !data.empty()) {
    return invalid(map, fmt::format("both '{}' and '{}' are set", key, data_key), "only one of them can count",
                   "remove one of the two");
  }
  if (!data.empty()) {
    auto text = crypto::base64_decode(data);
    if (!text) return invalid(map, fmt::format("'{}' isn't base64", data_key), "", "renew the kubeconfig");
    return *std::move(text);
  }
  if (file.empty()) return std::string();
  const fs::path path = resolve_path(file, definition.directory);
  auto text = read_file(path, k_pem_limit);
  if (!text) {
    return invalid(map, fmt::format("'{}' can't be read: {}", key, text.error().what), text.error().why,
                   fmt::format("put the file back at '{}', or renew the kubeconfig", path.string()));
  }
  return *std::move(text);
}

Result<Credentials> read_user(const Definition& definition) {
  const Node& user = definition.value;
  Credentials out;
  MLK_TRY(out.client_certificate_pem, file_or_data(definition, "client-certificate"));
  MLK_TRY(std::string key, file_or_data(definition, "client-key"));
  out.client_key_pem = Secret(std::move(key));
  MLK_TRY(std::string token, text_field(user, "token"));
  out.token = Secret(std::move(token));
  MLK_TRY(const std::string token_file, text_field(user, "tokenFile"));
  if (!token_file.empty()) out.token_file = resolve_path(token_file, definition.directory);
  MLK_TRY(out.username, text_field(user, "username"));
  MLK_TRY(std::string password, text_field(user, "password"));
  out.password = Secret(std::move(password));
  if (const Node* exec = user.find("exec"); exec != nullptr && !exec->is_null()) {
    MLK_TRY(out.exec, read_plugin(*exec, definition.directory));
  }
  MLK_CHECK(read_impersonation(user, out.impersonation));
  MLK_CHECK(check_methods(user, out));
  return out;
}

}  // namespace mlk::kube
