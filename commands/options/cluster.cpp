#include "commands/options/cluster.hpp"

namespace mlk::commands::options {

void add_cluster(cli::Flags& flags, Cluster& into, Scope scope) {
  flags.group("Cluster");
  flags.option(into.kubeconfig, "--kubeconfig", "FILE", "kubeconfig to use instead of $KUBECONFIG or ~/.kube/config")
      .completes(cli::Source::files);
  flags.option(into.context, "--context", "NAME", "context of the kubeconfig").completes(cli::Source::contexts);
  if (scope != Scope::whole_cluster) {
    flags.option(into.namespace_name, "-n,--namespace", "NAME", "namespace, instead of that of mlk.yaml or the context")
        .completes(cli::Source::namespaces);
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
