#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/secret.hpp>
#include <mlk/document/node.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mlk::kube {

/// Where a kubeconfig is looked for. Empty members mean that the variable isn't set.
struct Sources {
  std::string flag;            ///< --kubeconfig: this file alone, which must exist
  std::string kubeconfig;      ///< $KUBECONFIG: files with ':' between them
  std::filesystem::path home;  ///< $HOME, for ~/.kube/config
  std::string service_host;    ///< $KUBERNETES_SERVICE_HOST
  std::string service_port;    ///< $KUBERNETES_SERVICE_PORT
  std::filesystem::path service_account = "/var/run/secrets/kubernetes.io/serviceaccount";

  /// What the environment of this process says.
  static Sources from_environment(std::string flag = {});
};

/// What the command line puts over the kubeconfig. Empty members change nothing.
struct Overrides {
  std::string context;
  std::string namespace_name;
  std::string cluster;
  std::string user;
  std::string server;
  std::string as;
  std::vector<std::string> as_groups;
};

/// A credential plugin as the kubeconfig names it.
struct ExecPlugin {
  enum class Interactive { never, if_available, always };

  std::string api_version;  ///< client.authentication.k8s.io/v1 or …/v1beta1
  std::string command;      ///< resolved against the file that names it, when it holds a separator
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string install_hint;  ///< without control characters
  Interactive interactive = Interactive::if_available;
  bool provide_cluster_info = false;
  document::Node cluster_config;  ///< the cluster's extension client.authentication.k8s.io/exec, for the plugin
};

struct Impersonation {
  std::string user;  ///< empty: nobody is impersonated
  std::string uid;
  std::vector<std::string> groups;
  std::vector<std::pair<std::string, std::vector<std::string>>> extra;
};

/// How to prove who asks.
struct Credentials {
  std::string client_certificate_pem;
  Secret client_key_pem;
  Secret token;
  std::filesystem::path token_file;  ///< read anew about each minute; wins over token
  std::string username;
  Secret password;
  std::optional<ExecPlugin> exec;
  Impersonation impersonation;
};

/// One cluster, one user and one namespace: everything that a client needs.
struct Config {
  std::string context;         ///< its name; empty inside a cluster
  std::string cluster;         ///< its name in the kubeconfig
  std::string user;            ///< its name in the kubeconfig
  std::string namespace_name;  ///< never empty: "default" when nothing names one
  std::string server;          ///< "https://host:port/prefix" without a trailing slash
  std::string ca_pem;          ///< empty: the system's authorities
  std::string tls_server_name;
  std::string proxy_url;
  bool insecure_skip_tls_verify = false;
  bool in_cluster = false;
  Credentials credentials;                   ///< dropped for a server without TLS
  std::vector<std::filesystem::path> files;  ///< the kubeconfigs read, in order

  /// "context 'prod' (https://…)" or "the cluster mlk runs in": for messages.
  std::string describe() const;
};

/// Loads what the sources name, merged as Kubernetes' own client does: the first file that defines a cluster, user or
/// context wins whole; relative paths stand against the file that holds them. Where no kubeconfig is usable, the
/// service account of the pod that mlk runs in is taken. Errors: a file that can't be parsed (usage), a context,
/// cluster or user that doesn't exist (not_found, with the nearest name), both `x` and `x-data`, no server (usage),
/// nothing configured at all (usage).
Result<Config> load_config(const Sources& sources, const Overrides& overrides = {});

/// What `mlk config`, completion and messages need of a kubeconfig without touching keys, plugins or the network.
struct ContextInfo {
  std::string name;
  std::string cluster;
  std::string server;
  std::string user;
  std::string namespace_name;
  bool is_current = false;
};
Result<std::vector<ContextInfo>> list_contexts(const Sources& sources);

}  // namespace mlk::kube
