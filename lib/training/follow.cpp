#include "follower.hpp"
#include "words.hpp"

#include <mlk/core/text.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::training {

namespace {

Error gave_up(const Run& run, const Obstacle& obstacle) {
  const bool is_placement = obstacle.kind == ObstacleKind::unschedulable;
  Error error(is_placement ? ErrorKind::never_fits : ErrorKind::workload_failed,
              is_placement ? fmt::format("job '{}' can never be placed", run.name)
                           : fmt::format("job '{}' can't go on: {}", run.name, obstacle.reason));
  error.why = obstacle.message;
  if (!obstacle.pod.empty()) error.why += fmt::format(" (pod {})", obstacle.pod);
  const std::string remove = fmt::format("it stays as it is; take it away: mlk train delete {}", run.name);
  error.fix = obstacle.fix.empty() ? remove : fmt::format("{}; {}", obstacle.fix, remove);
  return error;
}

std::string fix_for(const Run& run, const Failure& failure) {
  if (failure.reason == "OOMKilled") {
    return fmt::format("raise 'jobs.{}.resources.memory' in mlk.yaml, or make the work of a rank smaller",
                       run.section.empty() ? "NAME" : run.section);
  }
  return fmt::format("read its log: mlk train logs {} --rank {}", run.name, failure.rank);
}

Error failed(const Run& run) {
  Error error(ErrorKind::workload_failed, fmt::format("job '{}' failed", run.name));
  if (run.first_failure) {
    const Failure& failure = *run.first_failure;
    error.what += ": " + describe(failure);
    if (failure.time) error.what += fmt::format(" at {}", format_rfc3339(*failure.time));
    error.why = failure.message;
    error.fix = fix_for(run, failure);
  }
  if (error.why.empty()) error.why = run.message.empty() ? run.reason : run.message;
  if (error.fix.empty()) error.fix = fmt::format("see why: mlk train explain {}", run.name);
  return error;
}

}  // namespace

bool LogChoice::has(std::int64_t rank) const noexcept {
  return all_ranks || std::find(ranks.begin(), ranks.end(), rank) != ranks.end();
}

std::string_view main_container(const kube::Pod& pod) noexcept {
  const kube::Container* first = nullptr;
  for (const kube::Container& container : pod.containers) {
    if (container.is_init) continue;
    if (container.name == workload::k_main_container) return container.name;
    if (first == nullptr) first = &container;
  }
  return first != nullptr ? std::string_view(first->name) : std::string_view();
}

Result<Ending> follow(kube::Client& client, const Clock& clock, const kube::Job& job, const FollowOptions& options,
                      const FollowHandlers& handlers) {
  return Follower(client, clock, job, options, handlers).go();
}

std::optional<Error> failure_of(const Ending& ending) {
  if (ending.obstacle) return gave_up(ending.run, *ending.obstacle);
  if (ending.run.state == RunState::failed) return failed(ending.run);
  return std::nullopt;
}

std::vector<std::string> read_tail(kube::Client& client, std::string_view namespace_name, std::string_view pod,
                                   std::string_view container, std::int64_t lines) {
  constexpr std::int64_t most_bytes = 64 * 1024;
  kube::LogOptions options;
  options.container = container;
  options.tail_lines = lines;
  options.limit_bytes = most_bytes;
  std::string text;
  const auto read = client.read_logs(namespace_name, pod, options, [&](std::string_view bytes) {
    text.append(bytes);
    return true;
  });
  if (!read) return {};
  std::vector<std::string> tail = split(text, '\n');
  if (!tail.empty() && tail.back().empty()) tail.pop_back();
  for (std::string& line : tail) line = printable(line);
  return tail;
}

}  // namespace mlk::training
