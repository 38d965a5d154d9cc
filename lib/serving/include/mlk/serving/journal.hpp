#pragma once

#include <mlk/core/quantity.hpp>
#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/document/node.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::serving {

/// How traffic is shared between two revisions.
enum class Sharing : std::uint8_t {
  replicas,  ///< one Service over both: the share follows the numbers of pods
  route,     ///< an HTTPRoute's weights over two Services
  swap,      ///< all or nothing: the stable Service's selector moves
};

/// Where a rollout stands. The order is the order of a life; undone, finished and failed are ends.
enum class Phase : std::uint8_t {
  preparing,  ///< objects are made, the new revision without pods
  stepping,   ///< the step's pods come up, then its share of the traffic is set
  pausing,    ///< the step's share holds for its pause
  promoting,  ///< everything moves to the new revision
  finished,
  undoing,  ///< everything moves back to the stable revision
  undone,
  failed,  ///< a first rollout that came to nothing: there is nothing to go back to
};

/// What somebody who doesn't drive asks the driver for.
enum class Request : std::uint8_t { none, pause, resume, promote, promote_full, abort };

std::string_view to_string(Sharing sharing) noexcept;
std::string_view to_string(Phase phase) noexcept;
std::string_view to_string(Request request) noexcept;
bool is_end(Phase phase) noexcept;

struct JournalStep {
  Percent weight;         ///< of the new revision
  Milliseconds pause{0};  ///< how long the share holds
  bool waits_for_promote = false;
};

/// One revision as the journal names it: the hash in its objects' names, and its number in the history.
struct RevisionRef {
  std::string hash;  ///< empty: there is none
  std::int64_t number = 0;

  bool is_there() const noexcept { return !hash.empty(); }
  friend bool operator==(const RevisionRef&, const RevisionRef&) = default;
};

/// The state of a service's rollout, kept in a ConfigMap: references and numbers only. Whoever holds the Lease carries
/// it on from wherever it stands; nothing else about a rollout is remembered anywhere.
struct Journal {
  RevisionRef stable;  ///< takes the traffic when nothing is under way; absent before the first success
  RevisionRef target;
  Sharing sharing = Sharing::replicas;
  std::string strategy;       ///< "canary": for people
  std::int64_t replicas = 1;  ///< of the service as a whole while the rollout runs
  std::vector<JournalStep> steps;
  std::size_t step = 0;
  Phase phase = Phase::preparing;
  Milliseconds paused_for{0};  ///< of this step's pause; counted by the driver, so that no two clocks are compared
  bool is_held = false;        ///< somebody asked for a pause
  bool undoes_on_failure = true;
  Milliseconds progress_deadline{600'000};
  Request request = Request::none;
  std::string reason;  ///< why it is undone or failed, for people

  friend bool operator==(const Journal&, const Journal&);
};

/// Name of the ConfigMap, of the Lease and in messages.
std::string journal_name(std::string_view service);

/// The ConfigMap that holds it. `resource_version` is the one that the change was decided on; empty for a new one.
document::Node to_config_map(const Journal& journal, std::string_view service, std::string_view namespace_name,
                             std::string_view resource_version);

/// Reads it back. Whatever mlk wouldn't have written is refused: a newer format, unknown words, numbers out of range.
Result<Journal> read_journal(const document::Node& config_map);

}  // namespace mlk::serving
