#include "commands/options/cluster.hpp"

#include <algorithm>

namespace mlk::commands::options {

namespace {

/// DNS-1123 label. Source: apimachinery, validation.IsDNS1123Label.
bool is_namespace_name(std::string_view text) {
  constexpr std::size_t k_longest = 63;
  const auto is_edge = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= k_longest && is_edge(text.front()) && is_edge(text.back()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_edge(c) || c == '-'; });
}

}  // namespace

void add_namespace(cli::Flags& flags, std::string& into, std::string_view help) {
  const auto set = [&into](std::string_view text) -> Result<void> {
    // A server lists an impossible namespace as an empty one, which would read as "nothing there".
    if (!text.empty() && !is_namespace_name(text)) {
      return Error(ErrorKind::usage, "'" + std::string(text) + "' is no name of a namespace")
          .fixed_by("lower case letters, digits and '-', 63 at most, with a letter or digit at both ends");
    }
    into = text;
    return {};
  };
  flags.option_of(set, "-n,--namespace", "NAME", help).completes(cli::Source::namespaces);
}

void add_cluster(cli::Flags& flags, Cluster& into, Scope scope) {
  flags.group("Cluster");
  flags.option(into.kubeconfig, "--kubeconfig", "FILE", "kubeconfig to use instead of $KUBECONFIG or ~/.kube/config")
      .completes(cli::Source::files);
  flags.option(into.context, "--context", "NAME", "context of the kubeconfig").completes(cli::Source::contexts);
  if (scope != Scope::whole_cluster) {
    add_namespace(flags, into.namespace_name, "namespace, instead of that of mlk.yaml or the context");
  }
  if (scope == Scope::any_namespace) {
    flags.option(into.all_namespaces, "-A,--all-namespaces", "all namespaces");
    flags.check([&into]() -> Result<void> {
      if (into.all_namespaces && !into.namespace_name.empty()) {
        return Error(ErrorKind::usage,
                     "--namespace '" + into.namespace_name + "' and --all-namespaces exclude each other")
            .fixed_by("leave one of the two out");
      }
      return {};
    });
  }
  flags.option(into.as, "--as", "USER", "act as this user (impersonation)");
  flags.option(into.as_groups, "--as-group", "GROUP", "act as a member of this group; repeatable");
  flags.option(into.request_timeout, "--request-timeout", "DURATION", "longest time for one request (default 30s)");
  flags.group("");
}

void add_selector(cli::Flags& flags, std::string& into) {
  flags.option(into, "-l,--selector", "SELECTOR", "only objects with these labels: key=value,key!=value,key");
}

}  // namespace mlk::commands::options
