#include "cli/layout.hpp"
#include "cli/verb.hpp"
#include "commands/context.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/project/load.hpp>

#include <algorithm>

namespace mlk::commands {
namespace {

constexpr std::size_t k_widest_value = 60;  // comments of longer lines stand right behind them

struct ConfigShowOptions {
  options::Project project;
};

void add_config_show(Flags& flags, ConfigShowOptions& opt) {
  flags.about(
      "Prints mlk.yaml as mlk sees it: the environment and --set laid over it, ${env:…} expanded, defaults filled in, "
      "and "
      "behind each value where it came from.");
  flags.example("mlk config show -e prod", "what holds in the environment 'prod'");
  flags.example("mlk config show --set services.sentiment.scale.min=4", "the same with a value put over it");
  options::add_project(flags, opt.project);
}

std::string_view name_of(project::Source source) {
  switch (source) {
    case project::Source::file:
      return "file";
    case project::Source::environment:
      return "environment";
    case project::Source::set:
      return "set";
    case project::Source::set_file:
      return "set-file";
    case project::Source::defaults:
      return "default";
  }
  return "";
}

/// Writes a tree as YAML with a comment behind each value. Origins come in the order of the tree's leaves.
class AnnotatedYaml {
 public:
  AnnotatedYaml(const std::vector<project::Origin>& origins, bool with_colour)
      : m_origins(origins), m_with_colour(with_colour) {}

  std::string write(const document::Node& root) {
    put_children(root, "");
    std::size_t column = 0;
    for (const Line& line : m_lines) {
      if (line.text.size() <= k_widest_value) column = std::max(column, display_width(line.text));
    }
    std::string text;
    for (const Line& line : m_lines) {
      if (!text.empty()) text += '\n';
      text += printable(line.text);
      if (line.origin.empty()) continue;
      const std::size_t used = display_width(line.text);
      text.append(used < column ? column - used : 0, ' ');
      text += cli::paint("  # " + printable(line.origin), Style::dim, m_with_colour);
    }
    return text;
  }

 private:
  struct Line {
    std::string text;
    std::string origin;
  };

  static std::string scalar(const document::Node& node) {
    // A text of several lines stands on one, in quotes: YAML and JSON agree on those.
    if (node.string_or().find('\n') != std::string::npos) return document::write_json(node, 0);
    return std::string(trim(document::write_yaml(node)));
  }

  void put(const document::Node& node, const std::string& indent, std::string lead) {
    if (!node.empty()) {
      m_lines.push_back({std::move(lead), ""});
      put_children(node, indent);
      return;
    }
    const std::string value = node.is_mapping() ? "{}" : node.is_sequence() ? "[]" : scalar(node);
    m_lines.push_back({lead + " " + value, m_next < m_origins.size() ? m_origins[m_next].label : ""});
    ++m_next;
  }

  void put_children(const document::Node& node, const std::string& indent) {
    for (const document::Entry& entry : node.entries()) {
      put(entry.value, indent + "  ", indent + scalar(document::Node(entry.key)) + ":");
    }
    for (const document::Node& item : node.items()) {
      if (item.empty()) {
        put(item, indent, indent + "-");
        continue;
      }
      const std::size_t first = m_lines.size();
      put_children(item, indent + "  ");
      m_lines[first].text.replace(indent.size(), 1, "-");
    }
  }

  const std::vector<project::Origin>& m_origins;
  bool m_with_colour;
  std::size_t m_next = 0;
  std::vector<Line> m_lines;
};

Result<Report> run_config_show(Context& ctx, const ConfigShowOptions& opt) {
  MLK_TRY(const project::Project project, ctx.load_project(opt.project));
  document::Node origins = document::Node::sequence();
  for (const project::Origin& origin : project.origins) {
    origins.push_back(
        document::Node::mapping({{"path", origin.path}, {"source", name_of(origin.source)}, {"origin", origin.label}}));
  }
  Report report;
  report.document = record("config-show");
  report.document.set("file", project.file.string()).set("environment", cli::or_null(project.environment));
  report.document.set("project", project.merged).set("origins", std::move(origins));
  for (const project::SectionRef& section : project::sections(project)) report.names.push_back(to_string(section));
  report.prose = AnnotatedYaml(project.origins, ctx.out_has_colour()).write(project.merged);
  return report;
}

}  // namespace

MLK_VERB(config_show, ConfigShowOptions, add_config_show, run_config_show);

}  // namespace mlk::commands
