#include "format.hpp"
#include "merge.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <map>

namespace mlk::project {

using document::Node;

namespace {

constexpr std::string_view k_open = "${env:";

class Expander {
 public:
  Expander(const EnvLookup& env, std::vector<Diagnostic>& diagnostics) : m_env(env), m_diagnostics(diagnostics) {}

  void walk(Node& node) {
    if (node.is_string()) expand(node);
    if (node.is_sequence()) {
      auto& items = node.items_mutable();
      for (std::size_t i = 0; i < items.size(); ++i) {
        m_path.emplace_back(i);
        walk(items[i]);
        m_path.pop_back();
      }
    }
    if (!node.is_mapping()) return;
    for (auto& entry : node.entries_mutable()) {
      m_path.emplace_back(entry.key);
      walk(entry.value);
      m_path.pop_back();
    }
  }

  Expanded take() { return std::move(m_expanded); }

 private:
  void report(const Place& place, std::string message, std::string fix) {
    Diagnostic problem;
    problem.code = "project-env";
    problem.place = place;
    problem.path = document::format_path(m_path);
    problem.message = std::move(message);
    problem.fix = std::move(fix);
    m_diagnostics.push_back(std::move(problem));
  }

  /// A text that can't be expanded stays as it is.
  void expand(Node& node) {
    const std::string text(*node.as_string());
    if (text.find(k_open) == std::string::npos) return;
    const std::size_t before = m_diagnostics.size();
    std::string out;
    std::size_t at = 0;
    for (auto begin = text.find(k_open); begin != std::string::npos; begin = text.find(k_open, at)) {
      out += text.substr(at, begin - at);
      const auto end = text.find('}', begin);
      if (end == std::string::npos) {
        report(node.place(), "'${env:' isn't closed by '}'", "write ${env:NAME} or ${env:NAME:-default}");
        return;
      }
      out += value_of(text.substr(begin + k_open.size(), end - begin - k_open.size()), node.place());
      at = end + 1;
    }
    out += text.substr(at);
    if (m_diagnostics.size() != before) return;
    m_expanded.emplace(document::format_path(m_path), text);
    const Place place = node.place();
    node = Node(std::move(out));
    node.set_place(place);
  }

  std::string value_of(const std::string& expression, const Place& place) {
    const auto separator = expression.find(":-");
    const std::string name = expression.substr(0, separator);
    if (mismatch(Format::env_name, name)) {
      report(place, fmt::format("'{}' is no name of an environment variable", printable(name)),
             "write ${env:NAME} or ${env:NAME:-default}");
      return {};
    }
    auto value = m_env(name);
    // As the shell's: ":-" stands in for an empty variable too.
    if (separator != std::string::npos) return value && !value->empty() ? *value : expression.substr(separator + 2);
    if (value) return *value;
    report(place, fmt::format("the environment variable '{}' isn't set", name),
           fmt::format("set it, give --env-file, or write ${{env:{}:-default}}", name));
    return {};
  }

  const EnvLookup& m_env;
  std::vector<Diagnostic>& m_diagnostics;
  document::Path m_path;
  Expanded m_expanded;
};

using Variables = std::map<std::string, std::string>;

/// The value of a line: without quotes around it; in double quotes `\n`, `\"` and `\\` mean what they mean elsewhere.
std::string unquote(std::string_view text) {
  if (text.size() < 2 || text.front() != text.back() || (text.front() != '"' && text.front() != '\'')) {
    return std::string(text);
  }
  const bool has_escapes = text.front() == '"';
  text = text.substr(1, text.size() - 2);
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (has_escapes && text[at] == '\\' && at + 1 < text.size()) {
      ++at;
      out += text[at] == 'n' ? '\n' : text[at];
    } else {
      out += text[at];
    }
  }
  return out;
}

void read_env_file(const std::filesystem::path& path, Variables& out, std::vector<Diagnostic>& diagnostics) {
  Diagnostic problem;
  problem.code = "project-env";
  const auto name = std::make_shared<const std::string>(path.string());
  auto text = read_file(path);
  if (!text) {
    problem.place.file = name;
    problem.message = fmt::format("{}: {}", text.error().what, text.error().why);
    diagnostics.push_back(std::move(problem));
    return;
  }
  std::uint32_t number = 0;
  for (const auto& line : split(*text, '\n')) {
    ++number;
    auto content = trim(line);
    if (content.empty() || content[0] == '#') continue;
    if (content.starts_with("export ")) content = trim(content.substr(7));
    const auto equals = content.find('=');
    const auto variable = trim(content.substr(0, equals));
    if (equals == std::string_view::npos || mismatch(Format::env_name, variable)) {
      // The line isn't quoted: it may hold a secret.
      problem.place = {name, number, 1, number, 1};
      problem.message = "this line is no NAME=value";
      diagnostics.push_back(problem);
      continue;
    }
    out[std::string(variable)] = unquote(trim(content.substr(equals + 1)));
  }
}

}  // namespace

Expanded expand(Node& root, const EnvLookup& env, std::vector<Diagnostic>& diagnostics) {
  Expander expander(env, diagnostics);
  expander.walk(root);
  return expander.take();
}

EnvLookup with_env_files(const EnvLookup& env, const std::vector<std::filesystem::path>& files,
                         std::vector<Diagnostic>& diagnostics) {
  if (files.empty()) return env;
  Variables variables;
  for (const auto& file : files) read_env_file(file, variables, diagnostics);
  return [env, variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found != variables.end()) return found->second;
    return env ? env(name) : std::nullopt;
  };
}

EnvLookup process_env() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return {};
    return std::string(value);
  };
}

}  // namespace mlk::project
