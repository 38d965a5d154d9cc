#include "cli/verb.hpp"
#include "commands/context.hpp"
#include "commands/serve/target.hpp"

#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::commands {
namespace {

using namespace std::chrono_literals;

struct LogsOptions {
  serve::TargetOptions target;
  bool follow = false;
  bool previous = false;
  std::optional<std::int64_t> tail;
  std::optional<Milliseconds> since;
  std::optional<std::int64_t> revision;
};

void add_logs(Flags& flags, LogsOptions& opt) {
  flags.about("Prints the logs of a service's pods, each line after its pod's name where there are several.");
  flags.example("mlk serve logs sentiment -f --tail 20", "follow, beginning with the last 20 lines of each pod");
  flags.example("mlk serve logs sentiment --revision 7 -p", "why revision 7 restarted");
  serve::add_target(flags, opt.target);
  flags.option(opt.follow, "-f,--follow", "go on until interrupted");
  flags.option(opt.previous, "-p,--previous", "the logs of the containers before their last restart");
  flags.option(opt.tail, "--tail", "LINES", "only the last lines of each pod");
  flags.option(opt.since, "--since", "DURATION", "only lines that are younger than this, such as 5m");
  flags.option(opt.revision, "--revision", "NUMBER", "only the pods of this revision");
}

/// Cuts a stream of bytes into lines; the last one may come without its end.
class Lines {
 public:
  explicit Lines(std::function<void(std::string_view)> sink) : m_sink(std::move(sink)) {}

  void feed(std::string_view bytes) {
    for (;;) {
      const auto end = bytes.find('\n');
      m_rest += bytes.substr(0, end);
      if (end == std::string_view::npos) return;
      m_sink(m_rest);
      m_rest.clear();
      bytes.remove_prefix(end + 1);
    }
  }
  void finish() {
    if (!m_rest.empty()) m_sink(m_rest);
    m_rest.clear();
  }

 private:
  std::function<void(std::string_view)> m_sink;
  std::string m_rest;
};

Result<std::vector<std::string>> find_pods(const serve::Target& target, const LogsOptions& opt) {
  kube::ListOptions options;
  options.label_selector = workload::service_selector(target.service);
  if (opt.revision) {
    MLK_TRY(const auto revision,
            serving::earlier_revision(*target.client, target.namespace_name, target.service, opt.revision));
    options.label_selector += fmt::format(",{}={}", workload::k_label_revision, revision.ref.hash);
  }
  std::vector<std::string> names;
  MLK_CHECK(
      target.client->list_metadata(kube::types::pods, target.namespace_name, options, [&](kube::ObjectMeta&& meta) {
        names.push_back(std::move(meta.name));
        return true;
      }));
  std::sort(names.begin(), names.end());
  if (names.empty()) {
    return Error(ErrorKind::not_found,
                 fmt::format("service '{}' has no pods in namespace '{}'", target.service, target.namespace_name))
        .fixed_by(fmt::format("run 'mlk serve status {}' to see why", target.service));
  }
  return names;
}

Result<Report> run_logs(Context& ctx, const LogsOptions& opt) {
  MLK_TRY(const serve::Target target, serve::find_target(ctx, opt.target));
  MLK_TRY(const auto pods, find_pods(target, opt));
  kube::LogOptions options;
  options.container = workload::k_main_container;
  options.follow = opt.follow;
  options.previous = opt.previous;
  options.tail_lines = opt.tail;
  if (opt.since) options.since_seconds = std::chrono::ceil<std::chrono::seconds>(*opt.since).count();

  auto& sink = ctx.events();
  std::size_t running = pods.size();
  std::optional<Error> failure;
  std::vector<kube::LogStream> streams;
  for (const auto& pod : pods) {
    auto lines = std::make_shared<Lines>([&sink, &pods, pod](std::string_view text) {
      sink.line("pod/" + pod, pods.size() > 1 ? fmt::format("{}  {}", pod, text) : std::string(text));
    });
    streams.push_back(target.client->follow_logs(
        target.namespace_name, pod, options, [lines](std::string_view bytes) { lines->feed(bytes); },
        [lines, &running, &failure](Result<void> ended) {
          lines->finish();
          --running;
          if (!ended && !failure) failure = std::move(ended).error();
        }));
  }
  MLK_CHECK(target.client->run_until([&] { return running == 0 || sink.is_closed(); }));
  // One pod that has no log yet doesn't hide those of the others.
  if (failure && pods.size() == 1) return *std::move(failure);
  if (failure) ctx.warn(failure->what);
  Report report;
  report.document = record("serve-logs");
  report.document.set("service", target.service).set("namespace", target.namespace_name);
  return report;
}

}  // namespace

MLK_VERB(serve_logs, LogsOptions, add_logs, run_logs);

}  // namespace mlk::commands
