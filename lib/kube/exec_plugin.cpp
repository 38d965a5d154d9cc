#include "exec_plugin.hpp"

#include <mlk/core/text.hpp>
#include <mlk/crypto/encoding.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/process/process.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <utility>

namespace mlk::kube {
namespace {

using document::Node;

// A plugin that nobody can answer must come to an end by itself; with a terminal the user decides.
constexpr Milliseconds k_silent_timeout{60'000};
constexpr std::size_t k_hint_limit = 400;
constexpr std::size_t k_token_like = 32;

std::string_view mode_name(ExecPlugin::Interactive mode) {
  switch (mode) {
    case ExecPlugin::Interactive::never:
      return "Never";
    case ExecPlugin::Interactive::always:
      return "Always";
    case ExecPlugin::Interactive::if_available:
      break;
  }
  return "IfAvailable";
}

Error plugin_error(const ExecPlugin& plugin, std::string_view what) {
  return Error(ErrorKind::auth, fmt::format("credential plugin '{}' {}", printable(plugin.command), what))
      .coded("kube-plugin-failed");
}

/// What a plugin said on standard error, without anything that could be a credential.
std::string safe_excerpt(std::string_view text) {
  if (text.size() > k_hint_limit) text.remove_prefix(text.size() - k_hint_limit);
  std::string out;
  for (const auto& line : split(std::string(text), '\n')) {
    for (const auto& word : split(line, ' ')) {
      if (word.empty()) continue;
      const bool could_be_secret =
          word.size() >= k_token_like && std::all_of(word.begin(), word.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 ||
                   std::string_view("_.=+-\"',;").find(static_cast<char>(c)) != std::string_view::npos;
          });
      if (!out.empty()) out += ' ';
      out += could_be_secret ? "[hidden]" : printable(word);
    }
  }
  return out;
}

std::string install_fix(const ExecPlugin& plugin) {
  if (!plugin.install_hint.empty()) return plugin.install_hint;
  return fmt::format("install '{}', or correct the user's exec section in the kubeconfig", printable(plugin.command));
}

std::mutex& one_at_a_time() {
  static std::mutex mutex;
  return mutex;
}

Node cluster_info(const ExecPlugin& plugin, const Config& config) {
  Node cluster = Node::mapping({{"server", config.server}});
  if (!config.tls_server_name.empty()) cluster.set("tls-server-name", config.tls_server_name);
  if (config.insecure_skip_tls_verify) cluster.set("insecure-skip-tls-verify", true);
  if (!config.ca_pem.empty()) cluster.set("certificate-authority-data", crypto::base64_encode(config.ca_pem));
  if (!config.proxy_url.empty()) cluster.set("proxy-url", config.proxy_url);
  if (!plugin.cluster_config.is_null()) cluster.set("config", plugin.cluster_config);
  return cluster;
}

Result<PluginCredential> take_status(const Node& status, const ExecPlugin& plugin) {
  PluginCredential credential;
  credential.token = Secret(status["token"].string_or());
  credential.certificate_pem = status["clientCertificateData"].string_or();
  credential.key_pem = Secret(status["clientKeyData"].string_or());
  if (credential.certificate_pem.empty() != credential.key_pem.empty()) {
    return plugin_error(plugin, "answered with half of a certificate and key");
  }
  if (credential.token.empty() && credential.certificate_pem.empty()) {
    return plugin_error(plugin, "answered with neither a token nor a certificate");
  }
  if (const auto expiry = status["expirationTimestamp"].as_string()) {
    auto time = parse_rfc3339(*expiry);
    if (!time) return plugin_error(plugin, "answered with an expirationTimestamp that isn't a time");
    credential.expires = *time;
  }
  return credential;
}

}  // namespace

std::string exec_info(const ExecPlugin& plugin, const Config& config, bool interactive) {
  Node spec = Node::mapping({{"interactive", interactive}});
  if (plugin.provide_cluster_info) spec.set("cluster", cluster_info(plugin, config));
  return document::write_json(
      Node::mapping({{"apiVersion", plugin.api_version}, {"kind", "ExecCredential"}, {"spec", std::move(spec)}}), 0);
}

Result<PluginCredential> parse_exec_credential(std::string_view output, const ExecPlugin& plugin) {
  const auto json = document::read_json(output);
  if (!json || !json->is_mapping()) {
    return plugin_error(plugin, "didn't answer with JSON")
        .fixed_by("run it by hand and see what it prints: it must be an ExecCredential and nothing else");
  }
  const Node& root = *json;
  const std::string kind = root["kind"].string_or();
  if (kind != "ExecCredential") {
    return plugin_error(plugin, fmt::format("answered with kind '{}' instead of ExecCredential", printable(kind)));
  }
  const std::string version = root["apiVersion"].string_or();
  if (version != plugin.api_version) {
    return plugin_error(plugin, "answered in another version than the kubeconfig asks for")
        .because(fmt::format("got '{}', expected '{}'", printable(version), plugin.api_version))
        .fixed_by("renew the kubeconfig with the cluster's own tool");
  }
  if (!root["status"].is_mapping()) return plugin_error(plugin, "answered without a status");
  return take_status(root["status"], plugin);
}

Result<PluginCredential> run_plugin(const ExecPlugin& plugin, const Config& config, bool interactive,
                                    const std::stop_token& stop) {
  const bool may_ask = interactive && plugin.interactive != ExecPlugin::Interactive::never;
  if (plugin.interactive == ExecPlugin::Interactive::always && !interactive) {
    return plugin_error(plugin, "needs a terminal")
        .because(fmt::format("its interactiveMode is '{}' and standard input isn't a terminal",
                             mode_name(plugin.interactive)))
        .fixed_by("run the command in a terminal, or use another user in the kubeconfig");
  }
  const std::lock_guard lock(one_at_a_time());
  auto extra = plugin.env;
  extra.emplace_back("KUBERNETES_EXEC_INFO", exec_info(plugin, config, may_ask));
  process::Command command;
  command.argv.push_back(plugin.command);
  command.argv.insert(command.argv.end(), plugin.args.begin(), plugin.args.end());
  command.env = process::environment_with(extra);
  command.inherit_input = may_ask;
  command.err = may_ask ? process::Output::inherit : process::Output::capture;
  if (!may_ask) command.timeout = k_silent_timeout;
  const auto outcome = process::run(command, stop);
  if (!outcome) {
    const Error& cause = outcome.error();
    if (cause.kind == ErrorKind::interrupted) return cause;
    return plugin_error(plugin, cause.kind == ErrorKind::not_found ? "isn't installed" : "couldn't be run")
        .because(cause.what)
        .fixed_by(install_fix(plugin));
  }
  if (!outcome->is_success()) {
    return plugin_error(plugin, process::describe_end(*outcome))
        .because(safe_excerpt(outcome->err))
        .fixed_by(plugin.install_hint.empty() ? "log in again with the cluster's own tool" : plugin.install_hint);
  }
  return parse_exec_credential(outcome->out, plugin);
}

}  // namespace mlk::kube
