#include "observe.hpp"

#include <mlk/serving/view.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace mlk::serving {

Percent View::target_share() const noexcept {
  if (!journal) return Percent(0);
  if (!has_way_back(*journal)) return Percent(snapshot.target.ready > 0 ? 100 : 0);
  if (journal->phase == Phase::undone) return Percent(0);
  const bool is_swapped = snapshot.service_revision == journal->target.hash;
  if (journal->sharing == Sharing::replicas) return Split{snapshot.target.ready, snapshot.stable.ready}.share();
  if (is_swapped) return Percent(100);
  if (journal->sharing == Sharing::route) return Percent(static_cast<double>(snapshot.canary_percent.value_or(0)));
  return Percent(0);
}

Result<View> look(kube::Client& client, const Clock& clock, std::string_view namespace_name, std::string_view service) {
  View view;
  view.service = service;
  view.namespace_name = namespace_name;
  MLK_TRY(const auto config_map, client.find(kube::types::configmaps, namespace_name, journal_name(service)));
  if (!config_map) {
    return Error(ErrorKind::not_found,
                 fmt::format("service '{}' was never rolled out in namespace '{}'", service, namespace_name))
        .because(fmt::format("there is no ConfigMap '{}'", journal_name(service)))
        .fixed_by(fmt::format("run 'mlk serve rollout {}', or name another namespace with -n", service));
  }
  MLK_TRY(view.journal, read_journal(*config_map));
  MLK_TRY(Observed seen, observe(client, namespace_name, service, *view.journal));
  view.snapshot = std::move(seen.snapshot);
  if (!view.is_under_way()) return view;

  MLK_TRY(const auto lease, client.find(kube::types::leases, namespace_name, journal_name(service)));
  if (lease) {
    const std::chrono::seconds duration((*lease)["spec"]["leaseDurationSeconds"].int_or(15));
    view.driver.identity = (*lease)["spec"]["holderIdentity"].string_or();
    if (const auto since = parse_rfc3339((*lease)["spec"]["acquireTime"].string_or())) view.driver.since = *since;
    // A glance can't watch the Lease for its duration, as a driver does before it takes over; its clock has to do.
    const auto renewed = parse_rfc3339((*lease)["spec"]["renewTime"].string_or());
    view.is_driven = !view.driver.identity.empty() && renewed && clock.system() - *renewed < 2 * duration;
  }
  const bool selects_revision = view.journal->sharing != Sharing::replicas;
  if (const auto next = decide(*view.journal, view.snapshot, selects_revision);
      const auto* wait = std::get_if<move::Wait>(&next)) {
    view.waits_for = wait->why;
    view.pause_left = wait->at_most;
  }
  return view;
}

Result<std::vector<ServiceLine>> list_services(kube::Client& client, std::string_view namespace_name) {
  kube::ListOptions options;
  options.label_selector = fmt::format("{}={},{}={}", workload::k_label_managed_by, workload::k_field_manager,
                                       workload::k_label_kind, workload::k_kind_service);
  std::map<std::pair<std::string, std::string>, ServiceLine> lines;
  const auto line_of = [&lines](const document::Node& object, std::string_view label) -> ServiceLine& {
    const auto& metadata = object["metadata"];
    const std::string name = metadata["labels"][label].string_or();
    const std::string space = metadata["namespace"].string_or();
    ServiceLine& line = lines[{space, name}];
    line.name = name;
    line.namespace_name = space;
    return line;
  };
  MLK_CHECK(client.list(kube::types::configmaps, namespace_name, options, [&](document::Node&& object) {
    if (auto journal = read_journal(object)) line_of(object, workload::k_label_section).journal = *std::move(journal);
    return true;
  }));
  MLK_CHECK(client.list(kube::types::deployments, namespace_name, options, [&](document::Node&& object) {
    ServiceLine& line = line_of(object, workload::k_label_section);
    line.wanted += object["spec"]["replicas"].int_or(0);
    line.ready += object["status"]["availableReplicas"].int_or(0);
    return true;
  }));
  std::vector<ServiceLine> sorted;
  sorted.reserve(lines.size());
  for (auto& [key, line] : lines) sorted.push_back(std::move(line));
  return sorted;
}

}  // namespace mlk::serving
