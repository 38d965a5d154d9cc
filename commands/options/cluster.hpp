#pragma once

#include "cli/flags.hpp"

#include <mlk/core/time.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::commands::options {

/// Which cluster, which namespace, and as whom. Empty members: what the kubeconfig or mlk.yaml says.
struct Cluster {
  std::string kubeconfig;
  std::string context;
  std::string namespace_name;
  bool all_namespaces = false;
  std::string as;
  std::vector<std::string> as_groups;
  Milliseconds request_timeout{30'000};
};

enum class Scope : std::uint8_t {
  one_namespace,  ///< -n
  any_namespace,  ///< -n and -A
  whole_cluster,  ///< neither: the objects have no namespace
};

/// -n, --namespace. What no namespace can be called is a usage error.
void add_namespace(cli::Flags& flags, std::string& into, std::string_view help);

/// --kubeconfig --context -n --namespace -A --as --as-group --request-timeout
void add_cluster(cli::Flags& flags, Cluster& into, Scope scope = Scope::one_namespace);

/// -l, --selector: a label selector as Kubernetes writes it.
void add_selector(cli::Flags& flags, std::string& into);

}  // namespace mlk::commands::options
