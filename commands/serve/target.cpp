#include "commands/serve/target.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

namespace mlk::commands::serve {

namespace {

Result<std::string> only_live_service(kube::Client& client, const std::string& namespace_name) {
  MLK_TRY(const auto services, serving::list_services(client, namespace_name));
  if (services.size() == 1) return services.front().name;
  if (services.empty()) {
    return Error(ErrorKind::not_found, fmt::format("no service in namespace '{}'", namespace_name))
        .fixed_by("name another namespace with -n, or run 'mlk serve rollout' with an mlk.yaml");
  }
  std::vector<std::string> names;
  names.reserve(services.size());
  for (const auto& service : services) names.push_back(service.name);
  return Error(ErrorKind::usage, "which service? there are several")
      .because(fmt::format("namespace '{}' has {}", namespace_name, join(names, ", ")))
      .fixed_by("name one of them");
}

}  // namespace

void add_target(Flags& flags, TargetOptions& into) {
  flags.argument(into.name, "SERVICE", "the service; may be left out where there is only one")
      .completes(cli::Source::live_services);
  options::add_cluster(flags, into.cluster);
  options::add_project(flags, into.project);
}

Result<Target> find_target(Context& ctx, const TargetOptions& opt) {
  MLK_TRY(const auto project, ctx.find_project(opt.project));
  MLK_TRY(kube::Client * client, ctx.cluster(opt.cluster, project ? &*project : nullptr));
  Target target;
  target.client = client;
  target.namespace_name = client->config().namespace_name;
  if (opt.name) {
    target.service = opt.name->starts_with("service/") ? opt.name->substr(8) : *opt.name;
  } else if (project && project->services.size() == 1) {
    target.service = project->services.front().name.value;
  } else {
    MLK_TRY(target.service, only_live_service(*client, target.namespace_name));
  }
  return target;
}

serving::Tools tools_for(Context& ctx, const Target& target, std::function<void(const serving::View&)> on_view) {
  serving::Tools tools{*target.client,        ctx.clock(),    ctx.stop(),
                       target.namespace_name, target.service, std::move(on_view)};
  // Where drivers are known to die often, or clusters to be far away, the usual duration may be wrong.
  if (const auto text = ctx.env("MLK_LEASE_DURATION")) {
    if (const auto duration = parse_duration(*text); duration && *duration >= std::chrono::seconds(1)) {
      tools.lease_duration = std::chrono::ceil<std::chrono::seconds>(*duration);
    } else {
      ctx.warn(fmt::format("MLK_LEASE_DURATION='{}' is no duration of a second or more: it is left aside", *text));
    }
  }
  return tools;
}

}  // namespace mlk::commands::serve
