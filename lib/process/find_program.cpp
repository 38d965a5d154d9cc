#include <mlk/core/text.hpp>
#include <mlk/process/process.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

extern char** environ;

namespace mlk::process {
namespace {

enum class Standing { runnable, forbidden, missing };

Standing look_at(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) return Standing::missing;
  return ::access(path.c_str(), X_OK) == 0 ? Standing::runnable : Standing::forbidden;
}

Error not_runnable(const std::filesystem::path& path) {
  return Error(ErrorKind::failed, "can't run '" + path.string() + "'")
      .because("the file is there, but it may not be executed")
      .fixed_by("run 'chmod +x " + path.string() + "'");
}

}  // namespace

Environment environment_with(const std::vector<std::pair<std::string, std::string>>& extra) {
  std::map<std::string_view, std::string_view> given;
  for (const auto& [name, value] : extra) given[name] = value;
  Environment result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!given.contains(text.substr(0, text.find('=')))) result.emplace_back(text);
  }
  for (const auto& [name, value] : given) result.push_back(std::string(name) + '=' + std::string(value));
  return result;
}

Result<std::filesystem::path> find_program(std::string_view name, std::optional<std::string_view> path,
                                           const std::filesystem::path& directory) {
  if (name.empty()) return Error(ErrorKind::usage, "can't run a program without a name");
  if (name.find('/') != std::string_view::npos) {
    auto file = (directory / name).lexically_normal();
    switch (look_at(file)) {
      case Standing::runnable:
        return file;
      case Standing::forbidden:
        return not_runnable(file);
      case Standing::missing:
        break;
    }
    return Error(ErrorKind::not_found, "can't find the program '" + std::string(name) + "'")
        .because("there is no file '" + file.string() + "'");
  }

  const char* const own = std::getenv("PATH");
  const std::string searched(path ? *path : std::string_view(own != nullptr ? own : "/usr/local/bin:/usr/bin:/bin"));
  std::optional<std::filesystem::path> forbidden;
  for (const std::string& folder : split(searched, ':')) {
    if (folder.empty() || folder.front() != '/') continue;
    auto file = std::filesystem::path(folder) / name;
    const Standing standing = look_at(file);
    if (standing == Standing::runnable) return file;
    if (standing == Standing::forbidden && !forbidden) forbidden = std::move(file);
  }
  if (forbidden) return not_runnable(*forbidden);
  return Error(ErrorKind::not_found, "can't find the program '" + std::string(name) + "'")
      .because("it is in none of the folders of PATH (" + searched + ")")
      .fixed_by("install '" + std::string(name) + "', or add its folder to PATH");
}

}  // namespace mlk::process
