#include "cli/verb.hpp"
#include "commands/catalogue.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::commands {
namespace {

namespace fs = std::filesystem;
namespace schema = validation::schema;
using document::Node;

constexpr std::size_t k_largest_input = std::size_t{256} << 20;

struct SchemaImportOptions {
  std::vector<std::string> targets;
  std::optional<std::string> name;
  bool is_dry_run = false;
};

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

void add_schema_import(Flags& flags, SchemaImportOptions& opt) {
  flags.about(
      "Takes the schemas of CustomResourceDefinitions in, so that 'mlk validate' knows their kinds. What is imported "
      "stands over what mlk comes with, and a later import over an earlier one. Importing under the same name again "
      "replaces what was imported before.");
  flags.example("mlk schema import crds/ --name widgets", "every CRD in a folder, as the system 'widgets'");
  flags.example("kubectl get crds -o yaml | mlk schema import - --name cluster", "what a cluster has");
  flags.arguments(opt.targets, "FILE", "file or folder with CRDs; '-' is standard input").completes(cli::Source::files);
  flags.option(opt.name, "--name", "NAME", "what to call them (default: the name of the first file or folder)");
  flags.option(opt.is_dry_run, "--dry-run", "say what would be imported and write nothing");
  flags.check([&opt]() -> Result<void> {
    if (opt.targets.empty()) {
      return Error(ErrorKind::usage, "nothing to import was named").fixed_by("name a file, a folder, or '-'");
    }
    if (!opt.name || is_name(*opt.name)) return {};
    return Error(ErrorKind::usage, fmt::format("'{}' is no name for schemas", *opt.name))
        .because("small letters, digits and '-' are allowed, at most 63, not '-' first");
  });
}

Result<void> read_folder(const fs::path& folder, const std::string& named, std::vector<schema::CrdText>& texts) {
  std::vector<fs::path> files;
  std::error_code failure;
  fs::recursive_directory_iterator at(folder, failure);
  for (const fs::recursive_directory_iterator end; !failure && at != end; at.increment(failure)) {
    const std::string extension = at->path().extension().string();
    std::error_code ignored;
    if ((extension == ".yaml" || extension == ".yml" || extension == ".json") && at->is_regular_file(ignored)) {
      files.push_back(at->path());
    }
  }
  if (failure) return system_error(fmt::format("reading folder '{}'", named), failure.value());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    MLK_TRY(std::string text, read_file(file, k_largest_input));
    texts.push_back({(fs::path(named) / file.lexically_relative(folder)).lexically_normal().string(), std::move(text)});
  }
  return {};
}

Result<std::vector<schema::CrdText>> read_targets(Context& ctx, const std::vector<std::string>& targets) {
  std::vector<schema::CrdText> texts;
  for (const std::string& target : targets) {
    if (target == "-") {
      MLK_TRY(std::string text, ctx.in().read_all(k_largest_input));
      texts.push_back({"-", std::move(text)});
      continue;
    }
    const fs::path path = ctx.resolve(target);
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      MLK_CHECK(read_folder(path, target, texts));
      continue;
    }
    MLK_TRY(std::string text, read_file(path, k_largest_input));
    texts.push_back({target, std::move(text)});
  }
  return texts;
}

// "crds/Widgets.yaml" as "widgets".
Result<std::string> name_of(const SchemaImportOptions& opt) {
  if (opt.name) return *opt.name;
  fs::path path = fs::path(opt.targets.front()).lexically_normal();
  if (path.filename().empty()) path = path.parent_path();
  std::string name;
  for (const char c : path.stem().string()) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const char small = is_upper ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_allowed = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
    if (is_allowed || !name.empty()) name += is_allowed ? small : '-';
  }
  if (is_name(name)) return name;
  return Error(ErrorKind::usage, "what to call the schemas isn't known")
      .because(fmt::format("'{}' gives no name", opt.targets.front()))
      .fixed_by("give one with --name");
}

Report describe(const std::string& name, const fs::path& path, const schema::Pack& pack, bool is_dry_run) {
  Report report;
  Node kinds = Node::sequence();
  Table table{{{"APIVERSION"}, {"KIND"}, {"SERVED"}}, {}, ""};
  for (const schema::KindInfo& kind : pack.kinds()) {
    kinds.push_back(
        Node::mapping({{"apiVersion", kind.api_version()}, {"kind", kind.kind}, {"served", kind.is_served}}));
    table.rows.push_back({kind.api_version(), std::string(kind.kind), kind.is_served ? "yes" : "no"});
    report.names.push_back(fmt::format("{}/{}", kind.api_version(), kind.kind));
  }
  report.document = record("schema-import");
  report.document.set("name", name)
      .set("path", path.string())
      .set("sizeBytes", static_cast<std::int64_t>(pack.size()))
      .set("dryRun", is_dry_run)
      .set("kinds", std::move(kinds));
  report.prose = is_dry_run ? fmt::format("would be imported as '{}'", name) : fmt::format("imported as '{}'", name);
  report.table = std::move(table);
  return report;
}

Result<Report> run_schema_import(Context& ctx, const SchemaImportOptions& opt) {
  MLK_TRY(const std::string name, name_of(opt));
  const fs::path folder = schema::import_folder(environment_of(ctx));
  if (folder.empty()) {
    return Error(ErrorKind::usage, "where imported schemas are kept isn't known")
        .because("neither XDG_DATA_HOME nor HOME is set");
  }
  MLK_TRY(const auto texts, read_targets(ctx, opt.targets));
  MLK_TRY(const std::string bytes, schema::compile_crds(texts, name));
  MLK_TRY(const schema::Pack pack, schema::Pack::from_bytes(bytes));
  const fs::path path = folder / (name + ".mlkpack");
  if (!opt.is_dry_run) {
    std::error_code failure;
    fs::create_directories(folder, failure);
    if (failure) return system_error(fmt::format("making folder '{}'", folder.string()), failure.value());
    MLK_CHECK(write_file(path, bytes));
  }
  return describe(name, path, pack, opt.is_dry_run);
}

}  // namespace

MLK_VERB(schema_import, SchemaImportOptions, add_schema_import, run_schema_import);

}  // namespace mlk::commands
