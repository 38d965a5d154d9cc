#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/template/library.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::templates {
namespace {

const Embedded* find_embedded(std::string_view name) noexcept {
  const auto all = embedded();
  const auto found = std::lower_bound(all.begin(), all.end(), name,
                                      [](const Embedded& one, std::string_view wanted) { return one.name < wanted; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::string embedded_file(std::string_view name) { return fmt::format("mlk:{}.yaml", name); }

}  // namespace

Result<std::vector<Source>> read_folder(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::vector<Source> found;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return found;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() != ".yaml" || !entry->is_regular_file(error)) continue;
    MLK_TRY(std::string text, mlk::read_file(path));
    const fs::path relative = path.lexically_relative(folder);
    found.push_back({(relative.parent_path() / relative.stem()).generic_string(), path.string(), std::move(text)});
  }
  if (error) return system_error(fmt::format("reading '{}'", folder.string()), error.value());
  std::sort(found.begin(), found.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
  return found;
}

Library::Library(std::vector<Source> own) {
  for (Source& source : own) {
    std::string name = source.name;
    m_own.insert_or_assign(std::move(name), std::move(source));
  }
}

Result<const Template*> Library::find(std::string_view name) {
  if (const auto known = m_parsed.find(name); known != m_parsed.end()) return &known->second;
  const auto own = m_own.find(name);
  const Embedded* built_in = own == m_own.end() ? find_embedded(name) : nullptr;
  if (own == m_own.end() && built_in == nullptr) {
    std::vector<std::string> names;
    for (const Listed& listed : list()) names.push_back(listed.name);
    return Error(ErrorKind::not_found, fmt::format("no template is called '{}'{}", name, did_you_mean(name, names)))
        .fixed_by("run 'mlk template list'");
  }
  auto parsed = own != m_own.end() ? Template::parse(own->second.text, own->second.file)
                                   : Template::parse(built_in->text, embedded_file(name));
  if (!parsed) return std::move(parsed).error();
  return &m_parsed.emplace(name, *std::move(parsed)).first->second;
}

Result<document::Node> Library::render(std::string_view name, const document::Node& values) {
  MLK_TRY(const Template* found, find(name));
  return found->render(values);
}

std::vector<Library::Listed> Library::list() const {
  std::vector<Listed> all;
  for (const auto& [name, source] : m_own) all.push_back({name, source.file, true, find_embedded(name) != nullptr});
  for (const Embedded& one : embedded()) {
    if (!m_own.contains(one.name)) all.push_back({std::string(one.name), embedded_file(one.name), false, false});
  }
  std::sort(all.begin(), all.end(), [](const Listed& a, const Listed& b) { return a.name < b.name; });
  return all;
}

Result<std::string> Library::text(std::string_view name) const {
  if (const auto own = m_own.find(name); own != m_own.end()) return own->second.text;
  if (const Embedded* built_in = find_embedded(name)) return std::string(built_in->text);
  return Error(ErrorKind::not_found, fmt::format("no template is called '{}'", name))
      .fixed_by("run 'mlk template list'");
}

}  // namespace mlk::templates
