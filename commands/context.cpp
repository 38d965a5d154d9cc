#include "commands/context.hpp"

#include <mlk/core/text.hpp>
#include <mlk/http/loop.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/project/load.hpp>

namespace mlk::commands {
namespace {

namespace fs = std::filesystem;

bool is_dumb(const Context& context) { return context.env("TERM").value_or("dumb") == "dumb"; }

bool has_colour(const Context& context, const cli::Stream& stream) {
  switch (context.settings().colour) {
    case cli::ColourMode::always:
      return true;
    case cli::ColourMode::never:
      return false;
    case cli::ColourMode::automatic:
      break;
  }
  return stream.is_terminal() && !context.env("NO_COLOR") && !is_dumb(context);
}

}  // namespace

Context::Context(cli::Environment& environment, const cli::Settings& settings)
    : m_environment(environment), m_settings(settings) {}

Context::~Context() = default;

std::stop_token Context::stop() { return m_environment.stop.token(); }

std::optional<std::string> Context::env(const std::string& name) const {
  std::optional<std::string> value = m_environment.variable(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

fs::path Context::resolve(const fs::path& path) const {
  std::error_code ignored;
  // Names stay as the user typed them where that means the same.
  if (path.is_absolute() || m_environment.cwd == fs::current_path(ignored)) return path;
  return m_environment.cwd / path;
}

fs::path Context::cache_dir() const {
  if (const auto dir = env("XDG_CACHE_HOME"); dir && fs::path(*dir).is_absolute()) return fs::path(*dir) / "mlk";
  if (const auto home = env("HOME")) return fs::path(*home) / ".cache" / "mlk";
  return {};
}

bool Context::out_has_colour() const { return has_colour(*this, m_environment.out); }

bool Context::err_has_colour() const { return has_colour(*this, m_environment.err); }

void Context::warn(std::string_view text) {
  err().write(cli::paint("warning:", Style::warning, err_has_colour()) + " " + printable(text) + "\n");
  static_cast<void>(err().flush());
}

void Context::note(std::string_view text) {
  if (is_quiet()) return;
  err().write(printable(text) + "\n");
  static_cast<void>(err().flush());
}

void Context::detail(int level, std::string_view text) {
  if (verbosity() < level) return;
  err().write(cli::paint(printable(text), Style::dim, err_has_colour()) + "\n");
  static_cast<void>(err().flush());
}

cli::Progress& Context::progress() {
  if (m_progress == nullptr) {
    using Mode = cli::Progress::Mode;
    const Mode mode = is_quiet() ? Mode::quiet : err().is_terminal() && !is_dumb(*this) ? Mode::bars : Mode::lines;
    m_progress = std::make_unique<cli::Progress>(err(), clock(), mode, err_has_colour());
  }
  return *m_progress;
}

cli::EventSink& Context::events() {
  if (m_events == nullptr) {
    using Mode = cli::EventSink::Mode;
    const Mode mode = is_json()                                ? Mode::json
                      : is_quiet()                             ? Mode::quiet
                      : err().is_terminal() && !is_dumb(*this) ? Mode::live
                                                               : Mode::lines;
    m_events = std::make_unique<cli::EventSink>(out(), err(), clock(), mode, err_has_colour());
  }
  return *m_events;
}

Result<void> Context::confirm(std::string_view question, const options::Confirm& confirm) {
  if (confirm.yes) return {};
  const Error unanswered = Error(ErrorKind::usage, "nobody can answer: " + printable(question))
                               .because(settings().no_input ? "--no-input was given" : "standard input is no terminal")
                               .fixed_by("add --yes to go ahead without asking");
  if (settings().no_input || !in().is_terminal() || !err().is_terminal()) return unanswered;
  settle();
  err().write(cli::paint(printable(question), Style::bold, err_has_colour()) + " [y/N] ");
  static_cast<void>(err().flush());
  const std::optional<std::string> answer = in().read_line();
  if (!answer) {
    err().write("\n");
    return Error(unanswered).because("standard input ended");
  }
  const std::string_view word = trim(*answer);
  if (word == "y" || word == "Y" || word == "yes") return {};
  return Error(ErrorKind::failed, "not done: the answer was no");
}

Result<http::Loop*> Context::loop() {
  if (m_loop == nullptr) {
    // Signals are taken over before the first thread that a library may start.
    static_cast<void>(stop());
    MLK_TRY(m_loop, m_environment.wiring.loop(*this));
  }
  return m_loop.get();
}

Result<kube::Client*> Context::cluster(const options::Cluster& cluster, const project::Project* project) {
  if (m_client == nullptr) {
    MLK_TRY(http::Loop* const transport, loop());
    MLK_TRY(m_client, m_environment.wiring.cluster(*this, *transport, cluster, project));
  }
  return m_client.get();
}

Result<project::Project> Context::load_project(const options::Project& project) {
  project::LoadOptions load;
  load.file = resolve(project.file.value_or("mlk.yaml"));
  if (std::error_code ignored; project.file || !fs::exists(load.file, ignored)) {
    MLK_TRY(load.file, project::find_file(project.file ? std::optional(load.file) : std::nullopt));
  }
  load.environment = project.environment;
  load.sets = project.sets;
  for (const std::string& set : project.set_files) {
    const std::size_t equals = set.find('=');
    load.set_files.push_back(
        equals == std::string::npos ? set : set.substr(0, equals + 1) + resolve(set.substr(equals + 1)).string());
  }
  for (const std::string& file : project.env_files) load.env_files.push_back(resolve(file));
  load.env = [this](const std::string& name) { return m_environment.variable(name); };
  auto loaded = project::load(load);
  if (loaded && !is_quiet()) {
    for (const Diagnostic& warning : loaded->warnings) {
      err().write(cli::paint(printable(to_string(warning)), Style::warning, err_has_colour()) + "\n");
    }
    static_cast<void>(err().flush());
  }
  return loaded;
}

Result<std::optional<project::Project>> Context::find_project(const options::Project& project) {
  auto loaded = load_project(project);
  if (loaded) return std::optional(*std::move(loaded));
  const bool is_optional = !project.file && !project.environment && loaded.error().kind == ErrorKind::not_found;
  if (is_optional) return std::optional<project::Project>();
  return std::move(loaded).error();
}

void Context::settle() {
  m_progress.reset();
  if (m_events != nullptr) m_events->finish();
}

}  // namespace mlk::commands
