#include "cli/wiring.hpp"

#include "commands/context.hpp"

#include <mlk/http/loop.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/project/project.hpp>

namespace mlk::cli {
namespace {

Result<std::unique_ptr<http::Loop>> open_loop(commands::Context& context) {
  http::Trace trace;
  if (context.verbosity() >= 2) {
    trace = [&context](std::string_view line) { context.detail(2, line); };
  }
  return http::Loop::open(std::move(trace));
}

kube::Sources sources(const commands::Context& context, const commands::options::Cluster& cluster) {
  kube::Sources sources;
  sources.flag = cluster.kubeconfig;
  sources.kubeconfig = context.env("KUBECONFIG").value_or("");
  sources.home = context.env("HOME").value_or("");
  sources.service_host = context.env("KUBERNETES_SERVICE_HOST").value_or("");
  sources.service_port = context.env("KUBERNETES_SERVICE_PORT").value_or("");
  return sources;
}

/// The context that the flags or the project's environment name. An environment is bound to its context, so that a
/// slip of the flag never reaches another cluster.
Result<std::string> choose_context(const commands::options::Cluster& cluster, const project::Project* project) {
  if (project == nullptr || project->context->empty()) return cluster.context;
  const std::string& bound = *project->context;
  if (cluster.context.empty() || cluster.context == bound) return bound;
  return Error(ErrorKind::usage,
               "--context '" + cluster.context + "' isn't the cluster of environment '" + project->environment + "'")
      .because(to_string(project->context.place) + " binds it to context '" + bound + "'")
      .fixed_by("leave --context out, or choose another environment with -e");
}

Result<std::unique_ptr<kube::Client>> connect(commands::Context& context, http::Loop& loop,
                                              const commands::options::Cluster& cluster,
                                              const project::Project* project) {
  kube::Overrides overrides;
  MLK_TRY(overrides.context, choose_context(cluster, project));
  overrides.namespace_name = cluster.namespace_name;
  if (overrides.namespace_name.empty() && project != nullptr) overrides.namespace_name = *project->namespace_name;
  overrides.as = cluster.as;
  overrides.as_groups = cluster.as_groups;
  MLK_TRY(kube::Config config, kube::load_config(sources(context, cluster), overrides));

  kube::ClientOptions options;
  options.request_timeout = cluster.request_timeout;
  options.interactive = context.in().is_terminal() && !context.settings().no_input;
  options.cache_dir = context.cache_dir();
  options.stop = context.stop();
  options.on_warning = [&context](std::string_view text) { context.warn(text); };
  return kube::Client::connect(loop, std::move(config), std::move(options));
}

}  // namespace

Wiring real_wiring() { return {open_loop, connect}; }

}  // namespace mlk::cli
