#include "cli/verb.hpp"
#include "commands/train/following.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace mlk::commands {
namespace {

struct LogsOptions {
  train::TargetOptions target;
  std::optional<std::int64_t> rank;
  bool is_all_ranks = false;
  bool follow = false;
  bool previous = false;
  std::optional<std::int64_t> tail;
  std::optional<Milliseconds> since;
  train::PatienceOptions patience;
};

void add_logs(Flags& flags, LogsOptions& opt) {
  flags.about(
      "Prints the log of a run: of the rank that failed first where one did, else of rank 0. With -f it stays until "
      "the run ends and ends with its outcome: 0 when it completed, 6 when it failed.");
  flags.example("mlk train logs finetune-x7k2 -f", "go on with a run that was submitted earlier");
  flags.example("mlk train logs --all-ranks --tail 5", "the last lines of each rank, marked with its number");
  train::add_target(flags, opt.target);
  flags.option(opt.rank, "--rank", "NUMBER", "the log of this rank");
  flags.option(opt.is_all_ranks, "--all-ranks", "the logs of all ranks, each line marked with its rank");
  flags.option(opt.follow, "-f,--follow", "stay until the run ends, and end with its outcome");
  flags.option(opt.previous, "-p,--previous", "the log of the attempt before the present one");
  flags.option(opt.tail, "--tail", "LINES", "only the last lines of each rank");
  flags.option(opt.since, "--since", "DURATION", "only lines that are younger than this, such as 5m");
  train::add_patience(flags, opt.patience);
  flags.check([&opt]() -> Result<void> {
    if (opt.rank && opt.is_all_ranks) {
      return Error(ErrorKind::usage, "--rank and --all-ranks exclude each other").fixed_by("leave one of the two out");
    }
    if (opt.follow && opt.previous) {
      return Error(ErrorKind::usage, "--follow and --previous exclude each other: an earlier attempt has ended")
          .fixed_by("leave one of the two out");
    }
    if (opt.rank && *opt.rank < 0) return Error(ErrorKind::usage, "--rank counts from 0");
    return {};
  });
}

/// Cuts bytes into lines; the last one may come without its end.
class LineCutter {
 public:
  explicit LineCutter(std::function<void(std::string_view)> sink) : m_sink(std::move(sink)) {}
  ~LineCutter() {
    if (!m_rest.empty()) m_sink(m_rest);
  }
  LineCutter(const LineCutter&) = delete;
  LineCutter& operator=(const LineCutter&) = delete;

  void feed(std::string_view bytes) {
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      m_rest += bytes.substr(0, end);
      m_sink(m_rest);
      m_rest.clear();
      bytes.remove_prefix(end + 1);
    }
    m_rest += bytes;
  }

 private:
  std::function<void(std::string_view)> m_sink;
  std::string m_rest;
};

/// The pods of a rank, the newest first.
std::vector<const kube::Pod*> attempts_of(const std::vector<kube::Pod>& pods, std::int64_t rank) {
  std::vector<const kube::Pod*> attempts;
  for (const kube::Pod& pod : pods) {
    if (training::rank_of(pod).value_or(0) == rank) attempts.push_back(&pod);
  }
  std::stable_sort(attempts.begin(), attempts.end(),
                   [](const auto* a, const auto* b) { return a->meta.created > b->meta.created; });
  return attempts;
}

Error no_pod(const std::string& job, std::int64_t rank, std::int64_t nodes) {
  if (rank >= nodes) {
    return Error(ErrorKind::usage, fmt::format("job '{}' has no rank {}", job, rank))
        .because(fmt::format("its ranks are 0 to {}", nodes - 1));
  }
  return Error(ErrorKind::not_found, fmt::format("rank {} of job '{}' has no pod", rank, job))
      .because("it wasn't created yet, or was taken away when another rank failed")
      .fixed_by(fmt::format("see why: mlk train explain {}", job));
}

Result<void> print_log(Context& ctx, const train::Target& target, const std::vector<kube::Pod>& pods, std::int64_t rank,
                       const LogsOptions& opt, std::int64_t nodes) {
  const auto attempts = attempts_of(pods, rank);
  if (attempts.empty()) return no_pod(target.job.meta.name, rank, nodes);
  // A failed pod of a Job isn't restarted but replaced, so the attempt before is mostly another pod.
  const bool is_other_pod = opt.previous && attempts.size() > 1;
  const kube::Pod& pod = *attempts[is_other_pod ? 1 : 0];
  kube::LogOptions options;
  options.container = std::string(training::main_container(pod));
  options.previous = opt.previous && !is_other_pod;
  options.tail_lines = opt.tail;
  if (opt.since) options.since_seconds = std::chrono::ceil<std::chrono::seconds>(*opt.since).count();
  cli::EventSink& sink = ctx.events();
  const std::size_t width = std::to_string(nodes - 1).size();
  LineCutter lines([&](std::string_view line) {
    sink.line("pod/" + pod.meta.name,
              opt.is_all_ranks ? fmt::format("[{:>{}}] {}", rank, width, line) : std::string(line));
  });
  return target.client->read_logs(target.namespace_name, pod.meta.name, options, [&](std::string_view bytes) {
    lines.feed(bytes);
    return !sink.is_closed();
  });
}

std::vector<std::int64_t> choose_ranks(const LogsOptions& opt, const training::Run& run) {
  if (opt.rank) return {*opt.rank};
  if (!opt.is_all_ranks) return {run.first_failure ? run.first_failure->rank : 0};
  std::vector<std::int64_t> all(static_cast<std::size_t>(run.nodes));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

Result<Report> follow_logs(Context& ctx, const train::Target& target, const LogsOptions& opt,
                           std::vector<std::int64_t> ranks) {
  train::Following following = train::following_for(opt.patience);
  training::LogChoice& logs = following.options.logs;
  logs.all_ranks = opt.is_all_ranks;
  logs.ranks = std::move(ranks);
  logs.tail_lines = opt.tail;
  if (opt.since) logs.since_seconds = std::chrono::ceil<std::chrono::seconds>(*opt.since).count();
  return train::follow_run(ctx, target, following, "train-logs");
}

Result<Report> run_logs(Context& ctx, const LogsOptions& opt) {
  MLK_TRY(const train::Target target, train::find_target(ctx, opt.target));
  MLK_TRY(const auto pods, training::list_run_pods(*target.client, target.job));
  const training::Run run = training::derive_run(target.job, pods);
  const std::vector<std::int64_t> ranks = choose_ranks(opt, run);
  if (opt.rank && *opt.rank >= run.nodes) return no_pod(run.name, *opt.rank, run.nodes);
  if (opt.follow) return follow_logs(ctx, target, opt, ranks);
  for (const std::int64_t rank : ranks) {
    auto printed = print_log(ctx, target, pods, rank, opt, run.nodes);
    if (printed) continue;
    // One rank that has no log yet doesn't hide those of the others.
    if (!opt.is_all_ranks || printed.error().kind == ErrorKind::interrupted) return std::move(printed).error();
    ctx.warn(printed.error().what);
  }
  Report report;
  report.document = record("train-logs");
  report.document.set("name", run.name).set("namespace", run.namespace_name);
  return report;
}

}  // namespace

MLK_VERB(train_logs, LogsOptions, add_logs, run_logs);

}  // namespace mlk::commands
