#pragma once

#include "cli/environment.hpp"
#include "cli/events.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/settings.hpp"
#include "commands/options/change.hpp"
#include "commands/options/cluster.hpp"
#include "commands/options/project.hpp"

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace mlk::commands {

using cli::Cell;
using cli::Column;
using cli::Flags;
using cli::record;
using cli::Report;
using cli::Style;
using cli::Table;

/// What a command may touch. It belongs to commands: a room's function takes exactly what it uses, never this.
/// What is costly is made when it is first asked for, and once.
class Context {
 public:
  Context(cli::Environment& environment, const cli::Settings& settings);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Requested by SIGINT, SIGTERM and SIGHUP. Ask for it before starting a thread: until then signals end the program.
  std::stop_token stop();
  Clock& clock() noexcept { return m_environment.clock; }
  /// An environment variable; set but empty counts as not set.
  std::optional<std::string> env(const std::string& name) const;
  const std::filesystem::path& cwd() const noexcept { return m_environment.cwd; }
  /// A path as the user typed it, against the working directory.
  std::filesystem::path resolve(const std::filesystem::path& path) const;
  /// "$XDG_CACHE_HOME/mlk" or "~/.cache/mlk"; empty when neither is known.
  std::filesystem::path cache_dir() const;
  const std::filesystem::path& program() const noexcept { return m_environment.program; }

  const cli::Settings& settings() const noexcept { return m_settings; }
  const cli::OutputChoice& output() const noexcept { return m_settings.output; }
  bool is_json() const noexcept { return m_settings.output.is_json(); }
  bool is_quiet() const noexcept { return m_settings.is_quiet; }
  int verbosity() const noexcept { return m_settings.verbosity; }

  cli::Input& in() noexcept { return m_environment.in; }
  /// For what is streamed while the command runs; results belong in the Report, and lines of events in events().
  cli::Stream& out() noexcept { return m_environment.out; }
  cli::Stream& err() noexcept { return m_environment.err; }
  bool out_has_colour() const;
  bool err_has_colour() const;

  /// Lines on standard error; -q leaves warnings only, detail needs -v (level 1) or -vv (level 2).
  void warn(std::string_view text);
  void note(std::string_view text);
  void detail(int level, std::string_view text);

  /// Bars of this run, on standard error.
  cli::Progress& progress();
  /// Turns this run into one that streams: with -o json the Report becomes the record {"type": "result", …}.
  cli::EventSink& events();

  /// Asks before something is destroyed. Without a terminal, at the end of input or with --no-input only --yes goes
  /// ahead; anything else is a usage error that says so. A "no" is an error too (failed).
  Result<void> confirm(std::string_view question, const options::Confirm& confirm);

  Result<http::Loop*> loop();
  /// The cluster that the flags name, else the project's, else the kubeconfig's current one. A context that the
  /// project's environment doesn't allow is refused before anything is read. Nothing is sent yet.
  /// The namespace is client->config().namespace_name; with -A list over "" (see options::Cluster::all_namespaces).
  Result<kube::Client*> cluster(const options::Cluster& cluster, const project::Project* project = nullptr);

  /// Loads mlk.yaml as the flags say; warnings in it go to standard error.
  Result<project::Project> load_project(const options::Project& project);
  /// The same where it need not be there: nothing when neither a file nor an environment was asked for and there is no
  /// mlk.yaml here.
  Result<std::optional<project::Project>> find_project(const options::Project& project);

  /// Whether events() was asked for.
  bool is_streaming() const noexcept { return m_events != nullptr; }
  /// Ends progress and live regions, so that the result can be printed.
  void settle();

 private:
  cli::Environment& m_environment;
  const cli::Settings& m_settings;
  std::unique_ptr<cli::Progress> m_progress;
  std::unique_ptr<cli::EventSink> m_events;
  std::unique_ptr<http::Loop> m_loop;
  std::unique_ptr<kube::Client> m_client;  // after the loop that it runs on: destroyed first
};

}  // namespace mlk::commands
