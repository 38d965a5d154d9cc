#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/oci/credentials.hpp>
#include <mlk/oci/registry.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

/// What a cluster, the registries and an account can and can't do for a file.
namespace mlk::platform {

enum class CheckState : std::uint8_t {
  ok,
  missing,  ///< something that is needed isn't there
  warning,  ///< works, with less than it could
  unknown,  ///< the caller's rights hide it, or nothing tells it
};
std::string_view to_string(CheckState state) noexcept;

struct Check {
  std::string area;     ///< "project", "cluster", "account", "gateway", "nodes", "registry"
  std::string subject;  ///< "mlk.lock", "deployments.apps", "infra/public"
  CheckState state = CheckState::ok;
  std::string finding;
  std::string fix;  ///< a command, or what to do; empty when all is well
};

/// Whether pods of this file mount images: a service its model, or a volume of kind image.
bool needs_image_volumes(const project::Project& project);

/// Whether a lock has what the services of a file need: the digest of each of their models.
std::vector<Check> check_lock(const project::Project& project, const Result<std::optional<project::Lock>>& lock);

/// Server version, namespace, rights, Gateway API and nodes; without a project, only what doesn't depend on one. What a
/// 403 hides is a check with `unknown`; a server that can't be asked is an error, `into` then holds what was found
/// before. Changes nothing.
Result<void> check_cluster(kube::Client& client, const project::Project* project, std::vector<Check>& into);

/// What the parts of check_cluster make of what they read.
Check judge_version(const kube::ServerVersion& version, bool needs_image_volumes);
Check judge_runtimes(const std::vector<kube::Node>& nodes, bool needs_image_volumes);
Check judge_gpus(const std::vector<kube::Node>& nodes, bool needs_gpus);
Check judge_gateway(const project::ObjectRef& gateway, const std::optional<document::Node>& object);

/// How registries are asked.
struct RegistryAccess {
  oci::CredentialStore credentials;
  oci::RegistryOptions options;
  Clock* clock = nullptr;
  std::stop_token stop;
};

/// Whether the registry of each model answers, with which credentials, and holds the model's image.
std::vector<Check> check_models(const project::Project& project, const std::optional<project::Lock>& lock,
                                const RegistryAccess& access);

}  // namespace mlk::platform
