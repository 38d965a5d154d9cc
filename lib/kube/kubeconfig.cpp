#include "kubeconfig_file.hpp"
#include "kubeconfig_user.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/http/url.hpp>
#include <mlk/kube/kubeconfig.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

namespace mlk::kube {
namespace {

namespace fs = std::filesystem;
using document::Node;

constexpr std::string_view k_exec_extension = "client.authentication.k8s.io/exec";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const auto& name : names) quoted.push_back(fmt::format("'{}'", printable(name)));
  return join(quoted, ", ");
}

Error nothing_configured(const MergedKubeconfig& merged, const Sources& sources) {
  std::vector<std::string> looked;
  for (const auto& path : merged.looked_for) looked.push_back(path.string());
  if (!merged.files.empty()) {
    return Error(ErrorKind::usage, "the kubeconfig is empty")
        .because(fmt::format("{} defines no cluster, user or context", quoted_list(looked)))
        .fixed_by("write it with your cluster's own tool, or name another one with --kubeconfig");
  }
  return Error(ErrorKind::usage, "no cluster is configured")
      .because(looked.empty() ? "neither $KUBECONFIG nor $HOME is set, and this isn't a pod"
                              : fmt::format("{} doesn't exist{}", quoted_list(looked),
                                            sources.kubeconfig.empty() ? "" : " ($KUBECONFIG names it)"))
      .fixed_by("name a kubeconfig with --kubeconfig or $KUBECONFIG");
}

bool is_in_pod(const Sources& sources) {
  std::error_code ignored;
  return !sources.service_host.empty() && !sources.service_port.empty() &&
         fs::exists(sources.service_account / "token", ignored);
}

void apply_impersonation(Config& config, const Overrides& overrides) {
  if (overrides.as.empty() && overrides.as_groups.empty()) return;
  auto& impersonation = config.credentials.impersonation;
  if (!overrides.as.empty()) {
    // A whole new identity: what the kubeconfig adds to its own doesn't belong to this one.
    impersonation = Impersonation{};
    impersonation.user = overrides.as;
  }
  if (!overrides.as_groups.empty()) impersonation.groups = overrides.as_groups;
}

Result<void> check_impersonation(const Config& config) {
  const auto& who = config.credentials.impersonation;
  if (!who.user.empty() || (who.uid.empty() && who.groups.empty() && who.extra.empty())) return {};
  return Error(ErrorKind::usage, "groups are to be impersonated, but no user")
      .because("the API server refuses impersonated groups, uid or extra without a user")
      .fixed_by("add --as USER");
}

Result<Config> in_cluster_config(const Sources& sources, const Overrides& overrides) {
  Config config;
  config.in_cluster = true;
  const bool is_v6 = sources.service_host.find(':') != std::string::npos;
  config.server = is_v6 ? fmt::format("https://[{}]:{}", sources.service_host, sources.service_port)
                        : fmt::format("https://{}:{}", sources.service_host, sources.service_port);
  config.credentials.token_file = sources.service_account / "token";
  if (auto ca = read_file(sources.service_account / "ca.crt")) config.ca_pem = *std::move(ca);
  config.namespace_name = overrides.namespace_name;
  if (config.namespace_name.empty()) {
    if (const auto text = read_file(sources.service_account / "namespace")) config.namespace_name = trim(*text);
  }
  if (config.namespace_name.empty()) config.namespace_name = "default";
  apply_impersonation(config, overrides);
  MLK_CHECK(check_impersonation(config));
  return config;
}

Error undefined(std::string_view what, const std::string& name, const std::vector<Definition>& definitions,
                std::string fix) {
  const auto names = names_of(definitions);
  return Error(ErrorKind::not_found,
               fmt::format("{} '{}' isn't in the kubeconfig{}", what, printable(name), did_you_mean(name, names)))
      .because(names.empty() ? fmt::format("it defines no {}", what) : fmt::format("it defines {}", quoted_list(names)))
      .fixed_by(std::move(fix));
}

/// Takes the chosen context's names into `config`; overrides win.
Result<void> choose_context(const MergedKubeconfig& merged, const Overrides& overrides, Config& config) {
  config.context = overrides.context.empty() ? merged.current_context : overrides.context;
  config.cluster = overrides.cluster;
  config.user = overrides.user;
  config.namespace_name = overrides.namespace_name;
  if (config.context.empty()) {
    if (!overrides.cluster.empty() || !overrides.server.empty()) return {};
    return Error(ErrorKind::usage, "no context is selected")
        .because("the kubeconfig has no current-context")
        .fixed_by(merged.contexts.empty()
                      ? "write the kubeconfig with your cluster's own tool"
                      : fmt::format("choose one with --context: {}", quoted_list(names_of(merged.contexts))));
  }
  const Definition* context = find_definition(merged.contexts, config.context);
  if (context == nullptr) {
    return undefined("context", config.context, merged.contexts, "choose one of them with --context");
  }
  MLK_TRY(const std::string cluster, text_field(context->value, "cluster"));
  MLK_TRY(const std::string user, text_field(context->value, "user"));
  MLK_TRY(const std::string name_space, text_field(context->value, "namespace"));
  if (config.cluster.empty()) config.cluster = cluster;
  if (config.user.empty()) config.user = user;
  if (config.namespace_name.empty()) config.namespace_name = name_space;
  return {};
}

Result<void> read_proxy(const Node& cluster, Config& config) {
  MLK_TRY(config.proxy_url, text_field(cluster, "proxy-url"));
  if (config.proxy_url.empty()) return {};
  const auto url = http::parse_url(config.proxy_url);
  if (url && (url->scheme == "http" || url->scheme == "https" || url->scheme == "socks5")) return {};
  return Error(ErrorKind::usage, fmt::format("the proxy-url of cluster '{}' can't be used", printable(config.cluster)))
      .because("a proxy is http://, https:// or socks5:// with a host")
      .fixed_by("correct proxy-url in the kubeconfig");
}

Result<void> read_cluster(const Definition& definition, Config& config) {
  const Node& cluster = definition.value;
  MLK_TRY(config.server, text_field(cluster, "server"));
  MLK_TRY(config.ca_pem, file_or_data(definition, "certificate-authority"));
  MLK_TRY(config.tls_server_name, text_field(cluster, "tls-server-name"));
  MLK_TRY(config.insecure_skip_tls_verify, bool_field(cluster, "insecure-skip-tls-verify"));
  if (config.insecure_skip_tls_verify && !config.ca_pem.empty()) {
    return Error(ErrorKind::usage, fmt::format("cluster '{}' has both a certificate authority and "
                                               "insecure-skip-tls-verify",
                                               printable(config.cluster)))
        .because("a certificate is verified or it isn't")
        .fixed_by("remove insecure-skip-tls-verify from the kubeconfig");
  }
  return read_proxy(cluster, config);
}

/// The cluster's extension for credential plugins, handed on to them with provideClusterInfo.
Node exec_extension(const Definition* cluster) {
  if (cluster == nullptr) return {};
  for (const auto& extension : cluster->value["extensions"].items()) {
    if (extension["name"].string_or() == k_exec_extension) return extension["extension"];
  }
  return {};
}

Result<void> finish_server(Config& config, const Overrides& overrides) {
  if (!overrides.server.empty()) config.server = overrides.server;
  if (config.server.empty()) {
    return Error(ErrorKind::usage, fmt::format("cluster '{}' has no server", printable(config.cluster)))
        .fixed_by("add 'server: https://HOST:PORT' to it in the kubeconfig");
  }
  if (config.server.find("://") == std::string::npos) {
    const bool wants_tls =
        !config.ca_pem.empty() || config.insecure_skip_tls_verify || !config.credentials.client_certificate_pem.empty();
    config.server = (wants_tls ? "https://" : "http://") + config.server;
  }
  MLK_TRY(const http::Url url, http::parse_url(config.server));
  if (url.scheme != "http" && url.scheme != "https") {
    return Error(ErrorKind::usage, fmt::format("the server '{}' isn't an http or https address", url.redacted()))
        .fixed_by("correct 'server' in the kubeconfig");
  }
  while (!config.server.empty() && config.server.back() == '/') config.server.pop_back();
  if (url.scheme == "http") {
    // A token on an open wire is everybody's; the impersonated name is no secret and only ever narrows what is done.
    const Impersonation kept = config.credentials.impersonation;
    config.credentials = Credentials{};
    config.credentials.impersonation = kept;
  }
  return {};
}

Result<Config> config_from(const MergedKubeconfig& merged, const Overrides& overrides) {
  Config config;
  config.files = merged.files;
  MLK_CHECK(choose_context(merged, overrides, config));
  const Definition* cluster = find_definition(merged.clusters, config.cluster);
  if (cluster == nullptr && (overrides.server.empty() || !config.cluster.empty())) {
    return undefined("cluster", config.cluster, merged.clusters,
                     fmt::format("correct the context '{}' in the kubeconfig", printable(config.context)));
  }
  if (cluster != nullptr) MLK_CHECK(read_cluster(*cluster, config));
  if (!config.user.empty()) {
    const Definition* user = find_definition(merged.users, config.user);
    if (user == nullptr) {
      return undefined("user", config.user, merged.users,
                       fmt::format("correct the context '{}' in the kubeconfig", printable(config.context)));
    }
    auto credentials = read_user(*user);
    if (!credentials) {
      return std::move(credentials).error().within(fmt::format("user '{}'", printable(config.user)));
    }
    config.credentials = *std::move(credentials);
  }
  if (config.credentials.exec) config.credentials.exec->cluster_config = exec_extension(cluster);
  if (config.namespace_name.empty()) config.namespace_name = "default";
  apply_impersonation(config, overrides);
  MLK_CHECK(check_impersonation(config));
  MLK_CHECK(finish_server(config, overrides));
  return config;
}

}  // namespace

Sources Sources::from_environment(std::string flag) {
  Sources sources;
  sources.flag = std::move(flag);
  sources.kubeconfig = environment("KUBECONFIG");
  sources.home = environment("HOME");
  sources.service_host = environment("KUBERNETES_SERVICE_HOST");
  sources.service_port = environment("KUBERNETES_SERVICE_PORT");
  return sources;
}

std::string Config::describe() const {
  if (in_cluster) return fmt::format("this pod's cluster ({})", server);
  if (context.empty()) return server;
  return fmt::format("context '{}' ({})", printable(context), server);
}

Result<Config> load_config(const Sources& sources, const Overrides& overrides) {
  MLK_TRY(const MergedKubeconfig merged, read_kubeconfigs(sources));
  if (!merged.is_empty() || !overrides.server.empty()) return config_from(merged, overrides);
  // A file that the user named is meant, even when it is empty: another identity must not take its place.
  if (sources.flag.empty() && is_in_pod(sources)) return in_cluster_config(sources, overrides);
  return nothing_configured(merged, sources);
}

Result<std::vector<ContextInfo>> list_contexts(const Sources& sources) {
  MLK_TRY(const MergedKubeconfig merged, read_kubeconfigs(sources));
  std::vector<ContextInfo> contexts;
  for (const auto& definition : merged.contexts) {
    ContextInfo info;
    info.name = definition.name;
    info.cluster = definition.value["cluster"].string_or();
    info.user = definition.value["user"].string_or();
    info.namespace_name = definition.value["namespace"].string_or();
    if (const Definition* cluster = find_definition(merged.clusters, info.cluster)) {
      info.server = cluster->value["server"].string_or();
    }
    info.is_current = info.name == merged.current_context;
    contexts.push_back(std::move(info));
  }
  return contexts;
}

}  // namespace mlk::kube
