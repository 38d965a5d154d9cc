#include <mlk/kube/resource.hpp>
#include <mlk/platform/rights.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

namespace mlk::platform {

namespace {

namespace types = kube::types;
using document::Node;

constexpr std::array<std::string_view, 7> k_verbs = {"get", "list", "watch", "create", "update", "patch", "delete"};

/// Rights as they add up over the sections of a file.
class Collection {
 public:
  void add(const kube::ResourceType& type, std::initializer_list<std::string_view> verbs,
           std::string_view subresource = {}) {
    std::string resource = type.plural;
    if (!subresource.empty()) resource.append("/").append(subresource);
    auto& all = m_verbs[{type.group, std::move(resource)}];
    all.insert(verbs.begin(), verbs.end());
  }

  std::vector<Right> rights() const {
    std::vector<Right> out;
    for (const auto& [key, verbs] : m_verbs) {
      Right right{key.first, key.second, {}, false};
      for (const std::string_view verb : k_verbs) {
        if (verbs.contains(verb)) right.verbs.emplace_back(verb);
      }
      out.push_back(std::move(right));
    }
    return out;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::set<std::string_view>> m_verbs;
};

void add_job(const project::Job& job, Collection& rights) {
  rights.add(types::jobs, {"get", "list", "watch", "create", "delete"});
  rights.add(types::pods, {"list", "watch"});
  rights.add(types::pods, {"get"}, "log");
  rights.add(types::events, {"list", "watch"});
  // Deleting a run looks for the Service that a run of several nodes has.
  rights.add(types::services, {"list"});
  if (*job.nodes > 1) rights.add(types::services, {"get", "create", "delete"});
}

void add_service(const project::Service& service, Collection& rights) {
  rights.add(types::deployments, {"get", "list", "watch", "create", "patch", "delete"});
  rights.add(types::pods, {"list", "watch"});
  rights.add(types::pods, {"get"}, "log");
  for (const auto* type : {&types::services, &types::pod_disruption_budgets, &types::network_policies}) {
    rights.add(*type, {"get", "list", "create", "patch", "delete"});
  }
  // The journal, the lock of whoever drives the rollout, and the history.
  rights.add(types::configmaps, {"get", "list", "watch", "create", "patch", "delete"});
  rights.add(types::leases, {"get", "list", "create", "update", "delete"});
  rights.add(types::controller_revisions, {"list", "create", "patch", "delete"});
  // Looked for in any case: an earlier state of the file may have made them.
  for (const auto* type : {&types::horizontal_pod_autoscalers, &types::http_routes}) {
    rights.add(*type, {"get", "list"});
  }
  if (service.scale.max_or_min() > *service.scale.min) {
    rights.add(types::horizontal_pod_autoscalers, {"create", "patch", "delete"});
  }
  if (service.expose) rights.add(types::http_routes, {"create", "patch", "delete"});
}

Node strings(const std::vector<std::string>& texts) {
  Node out = Node::sequence();
  for (const std::string& text : texts) out.push_back(text);
  return out;
}

}  // namespace

std::string Right::name() const { return group.empty() ? resource : resource + "." + group; }

std::vector<Right> needed_rights(const project::Project& project) {
  Collection rights;
  for (const project::Job& job : project.jobs) add_job(job, rights);
  for (const project::Service& service : project.services) add_service(service, rights);
  return rights.rights();
}

std::vector<Right> helpful_rights() {
  return {{types::nodes.group, types::nodes.plural, {"list"}, true},
          {types::pods.group, types::pods.plural, {"list"}, true},
          {types::resource_quotas.group, types::resource_quotas.plural, {"list"}, false}};
}

Node smallest_role(const project::Project& project, std::string_view namespace_name) {
  struct Rule {
    std::string group;
    std::vector<std::string> resources;
    std::vector<std::string> verbs;
  };
  std::vector<Rule> rules;
  for (Right& right : needed_rights(project)) {
    const auto same = std::find_if(rules.begin(), rules.end(), [&](const Rule& rule) {
      return rule.group == right.group && rule.verbs == right.verbs;
    });
    if (same != rules.end()) {
      same->resources.push_back(std::move(right.resource));
    } else {
      rules.push_back({std::move(right.group), {std::move(right.resource)}, std::move(right.verbs)});
    }
  }
  Node list = Node::sequence();
  for (const Rule& rule : rules) {
    list.push_back(Node::mapping({{"apiGroups", strings({rule.group})},
                                  {"resources", strings(rule.resources)},
                                  {"verbs", strings(rule.verbs)}}));
  }
  return Node::mapping({{"apiVersion", "rbac.authorization.k8s.io/v1"},
                        {"kind", "Role"},
                        {"metadata", Node::mapping({{"name", "mlk-" + *project.name}, {"namespace", namespace_name}})},
                        {"rules", std::move(list)}});
}

}  // namespace mlk::platform
