#pragma once

#include <mlk/core/diagnostic.hpp>
#include <mlk/document/node.hpp>
#include <mlk/project/load.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::workload {

/// What an object is there for.
enum class Role : std::uint8_t {
  job,
  rendezvous_service,  ///< gives a job's pods their names
  network_policy,
  service,
  canary_service,
  deployment,
  autoscaler,
  disruption_budget,
  route,
};
std::string_view to_string(Role role) noexcept;

struct Object {
  Role role = Role::job;
  document::Node node;

  std::string_view kind() const noexcept;
  std::string_view name() const noexcept;
};

/// Something that was decided, not given: which backend, which image, and why.
struct Choice {
  std::string what;   ///< "backend"
  std::string value;  ///< "job"
  std::string why;
};

/// What one section of mlk.yaml became, in the order in which it is to be applied.
struct SectionObjects {
  project::SectionRef section;
  std::string name;     ///< of the workload in the cluster: "finetune-x7k2", "sentiment"
  std::string backend;  ///< "job", "deployment"
  std::vector<Choice> choices;
  std::vector<Object> objects;
};

struct Bundle {
  std::vector<SectionObjects> sections;
  std::vector<Diagnostic> warnings;

  /// All objects, section by section.
  std::vector<document::Node> nodes() const;
};

/// Where a block of an object comes from: a line of mlk.yaml, a flag, or a line of one of mlk's templates.
struct BlockOrigin {
  std::string object;  ///< "Deployment/sentiment-x7k2bq94zd"
  std::string path;    ///< "spec.template.spec.containers[0].resources"
  Place place;
  bool is_default = false;  ///< from a template, not from the user
};
/// One entry for each of the largest blocks that come wholly from one line, in the order of the objects; apiVersion,
/// kind and labels are left out.
std::vector<BlockOrigin> origins(const Bundle& bundle);

}  // namespace mlk::workload
