#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/training/run.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::training {

/// A run by its Job alone: a line of a list.
struct ListedRun {
  std::string name;
  std::string namespace_name;
  std::string section;
  RunState state = RunState::waiting;
  std::string reason;
  std::int64_t nodes = 1;
  std::int64_t ready = 0;
  std::optional<SystemTime> created;
  std::optional<SystemTime> started;
  std::optional<SystemTime> ended;
};

/// Every run of a namespace (empty: of all), as pages arrive. `selector` is the user's own, may be empty.
Result<void> list_runs(kube::Client& client, std::string_view namespace_name, std::string_view selector,
                       const std::function<void(ListedRun&&)>& each);

enum class NameMatch : std::uint8_t {
  exact,             ///< the run's own name
  exact_or_section,  ///< also a section's, where it has exactly one run
};

/// The Job of a run: by name, or the only one of the namespace where the name is left out. not_found names the nearest;
/// several without a name are a usage error that lists them; a Job that mlk didn't make is not_found too.
Result<kube::Job> find_run(kube::Client& client, std::string_view namespace_name,
                           const std::optional<std::string>& name, NameMatch match);

/// The pods of a Job, of all attempts.
Result<std::vector<kube::Pod>> list_run_pods(kube::Client& client, const kube::Job& job);

/// Job and pods at once.
Result<Run> look(kube::Client& client, const kube::Job& job);

struct RemoveOptions {
  bool dry_run = false;
  bool wait = true;  ///< until Job and pods are gone; otherwise the cluster clears up behind
  std::optional<Milliseconds> timeout;
};
/// Takes a run away with its pods and its Service. Returns what goes: "job/x", "pod/x-0-abcde", "service/x".
Result<std::vector<std::string>> remove_run(kube::Client& client, const kube::Job& job, const RemoveOptions& options);

}  // namespace mlk::training
