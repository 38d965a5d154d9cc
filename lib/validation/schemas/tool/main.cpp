// Makes distilled sources from what modules hold, and the pack from distilled sources. See schemas/README.md.
#include "../compile.hpp"
#include "../distill.hpp"
#include "../source.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>

namespace {

using namespace mlk;
using namespace mlk::validation::schema;
namespace fs = std::filesystem;

constexpr const char* k_usage =
    "usage: mlk-schemas crds     OUT NAME MODULE VERSION LICENCE FOLDER PATH...\n"
    "       mlk-schemas releases OUT NAME MODULE LICENCE VERSION=FOLDER...\n"
    "       mlk-schemas lives    OUT MODULE LICENCE VERSION=FOLDER...\n"
    "       mlk-schemas compile  OUT SOURCE...\n";

using Words = std::vector<std::string>;

Result<std::vector<fs::path>> manifests(const fs::path& at) {
  std::vector<fs::path> out;
  std::error_code failure;
  if (fs::is_regular_file(at, failure)) return std::vector<fs::path>{at};
  for (fs::recursive_directory_iterator each(at, failure), end; !failure && each != end; each.increment(failure)) {
    const auto extension = each->path().extension();
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") out.push_back(each->path());
  }
  if (failure) return system_error(fmt::format("reading folder '{}'", at.string()), failure.value());
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> write_system(Model& model, SystemDef system, const std::string& out) {
  sort_kinds(system);
  return write_file(out, write_source(model, system));
}

Result<void> crds(const Words& words) {
  Model model;
  SystemDef system;
  system.name = words[1];
  system.module = words[2] == "-" ? "" : words[2];
  system.versions = {words[3]};
  system.licence = words[4] == "-" ? "" : words[4];
  Words paths(words.begin() + 6, words.end());
  system.path = join(paths, " ");
  for (const std::string& path : paths) {
    MLK_TRY(const auto files, manifests(fs::path(words[5]) / path));
    for (const fs::path& file : files) {
      MLK_TRY(const std::string text, read_file(file));
      MLK_CHECK(distill_text(model, system, text, file.string()));
    }
  }
  if (system.kinds.empty()) return Error(ErrorKind::failed, fmt::format("there is no CRD in '{}'", words[5]));
  return write_system(model, std::move(system), words[0]);
}

Result<std::pair<std::string, std::string>> version_and_folder(const std::string& word) {
  const auto equals = word.find('=');
  if (equals == std::string::npos) return Error(ErrorKind::usage, fmt::format("'{}' isn't VERSION=FOLDER", word));
  return std::pair(word.substr(0, equals), word.substr(equals + 1));
}

// "v1.36.3" as 36; 0 when it isn't such a version.
unsigned minor_of(const std::string& version) {
  unsigned minor = 0;
  if (version.starts_with("v1.")) std::from_chars(version.data() + 3, version.data() + version.size(), minor);
  return minor < 255 ? minor : 0;
}

Result<void> releases(const Words& words) {
  Model model;
  SystemDef system;
  system.name = words[1];
  system.module = words[2];
  system.licence = words[3];
  system.path = "api/openapi-spec/v3";
  system.is_builtin = true;
  for (std::size_t i = 4; i < words.size(); ++i) {
    MLK_TRY(const auto pair, version_and_folder(words[i]));
    system.versions.push_back(pair.first);
    const unsigned minor = minor_of(pair.first);
    if (minor == 0) return Error(ErrorKind::usage, fmt::format("'{}' isn't a version of Kubernetes", pair.first));
    MLK_CHECK(distill_release(model, system, pair.second, minor));
  }
  return write_system(model, std::move(system), words[0]);
}

// Modules forget APIs that are long gone: what a later one doesn't say stays as an earlier one said it.
Result<void> lives(const Words& words) {
  std::map<std::pair<std::string, std::string>, LifecycleDef> merged;
  Words versions;
  for (std::size_t i = 3; i < words.size(); ++i) {
    MLK_TRY(const auto pair, version_and_folder(words[i]));
    versions.push_back(pair.first);
    MLK_TRY(auto found, distill_lifecycle(pair.second));
    for (LifecycleDef& life : found) {
      auto key = std::make_pair(life.api_version, life.kind);
      merged[std::move(key)] = std::move(life);
    }
  }
  std::vector<LifecycleDef> all;
  all.reserve(merged.size());
  for (auto& [key, life] : merged) all.push_back(std::move(life));
  return write_file(words[0], write_lifecycle(all, words[1], join(versions, ","), words[2]));
}

Result<void> compile_pack(const Words& words) {
  Model model;
  for (std::size_t i = 1; i < words.size(); ++i) {
    MLK_TRY(const std::string text, read_file(words[i]));
    MLK_CHECK(read_source(model, text, words[i]));
  }
  MLK_TRY(const std::string bytes, compile(model));
  return write_file(words[0], bytes);
}

Result<void> run(const std::string& verb, const Words& words) {
  if (verb == "crds" && words.size() >= 7) return crds(words);
  if (verb == "releases" && words.size() >= 5) return releases(words);
  if (verb == "lives" && words.size() >= 4) return lives(words);
  if (verb == "compile" && !words.empty()) return compile_pack(words);
  return Error(ErrorKind::usage, k_usage);
}

}  // namespace

int main(int count, char** words) {
  const Words all(words + 1, words + count);
  const auto done = run(all.empty() ? "" : all[0], all.empty() ? Words() : Words(all.begin() + 1, all.end()));
  if (done) return 0;
  const Error& error = done.error();
  fmt::print(stderr, "{}{}{}\n", error.what, error.why.empty() ? "" : ": ", error.why);
  for (const Diagnostic& each : error.diagnostics) fmt::print(stderr, "  {}\n", to_string(each));
  return error.kind == ErrorKind::usage ? 2 : 1;
}
