#include "cli/verb.hpp"
#include "commands/context.hpp"

#include <mlk/core/text.hpp>
#include <mlk/project/lock.hpp>

namespace mlk::commands {
namespace {

namespace fs = std::filesystem;

struct ConfigPathOptions {
  options::Project project;
  options::Cluster cluster;
};

void add_config_path(Flags& flags, ConfigPathOptions& opt) {
  flags.about("Prints which files mlk reads and writes here, whether they exist or not.");
  flags.example("mlk config path", "every file, and whether it is there");
  flags.example("mlk config path -o jsonpath='{.lock.path}'", "the lock file's path alone");
  flags.option(opt.project.file, "--file", "FILE", "project file (default mlk.yaml)").completes(cli::Source::files);
  flags
      .option(opt.cluster.kubeconfig, "--kubeconfig", "FILE",
              "kubeconfig to use instead of $KUBECONFIG or ~/.kube/config")
      .completes(cli::Source::files);
}

/// Where a kubeconfig is looked for: the flag, else $KUBECONFIG, else the home folder.
std::vector<fs::path> kubeconfigs(Context& ctx, const ConfigPathOptions& opt) {
  if (!opt.cluster.kubeconfig.empty()) return {ctx.cwd() / opt.cluster.kubeconfig};
  std::vector<fs::path> files;
  for (const std::string& file : split(ctx.env("KUBECONFIG").value_or(""), ':')) {
    if (!file.empty()) files.push_back(ctx.cwd() / file);
  }
  if (files.empty()) {
    if (const auto home = ctx.env("HOME")) files.push_back(fs::path(*home) / ".kube" / "config");
  }
  return files;
}

document::Node describe(const fs::path& path) {
  std::error_code ignored;
  return document::Node::mapping({{"path", path.string()}, {"exists", fs::exists(path, ignored)}});
}

Result<Report> run_config_path(Context& ctx, const ConfigPathOptions& opt) {
  Report report;
  report.document = record("config-path");
  report.table = Table{{{"WHAT"}, {"PATH"}, {"EXISTS"}}, {}, ""};
  auto add = [&](const std::string& what, const fs::path& path) {
    document::Node entry = describe(path);
    const bool exists = entry["exists"].bool_or(false);
    report.table->rows.push_back(
        {what, path.string(), Cell(exists ? "yes" : "no", exists ? Style::plain : Style::dim)});
    report.names.push_back(path.string());
    return entry;
  };
  const fs::path file = ctx.cwd() / opt.project.file.value_or("mlk.yaml");
  report.document.set("project", add("project", file));
  report.document.set("lock", add("lock", project::lock_path(file)));
  document::Node files = document::Node::sequence();
  for (const fs::path& kubeconfig : kubeconfigs(ctx, opt)) files.push_back(add("kubeconfig", kubeconfig));
  report.document.set("kubeconfigs", std::move(files));
  const fs::path cache = ctx.cache_dir();
  report.document.set("cache", cache.empty() ? document::Node() : add("cache", cache));
  return report;
}

}  // namespace

MLK_VERB(config_path, ConfigPathOptions, add_config_path, run_config_path);

}  // namespace mlk::commands
