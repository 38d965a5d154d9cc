#include "format.hpp"

#include <mlk/core/text.hpp>
#include <mlk/validation/schema.hpp>

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mlk::inline v0::validation::schema {

namespace fs = std::filesystem;

namespace {

constexpr const char* k_pack_name = "schemas.mlkpack";

// The folder of libmlk.so, or of the program that it is linked into.
fs::path own_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code failure;
  const fs::path resolved = fs::canonical(info.dli_fname, failure);
  return failure ? fs::path() : resolved.parent_path();
}

}  // namespace

Result<fs::path> find_builtin_pack(const Environment& env) {
  std::vector<fs::path> places;
  if (const auto folder = env("MLK_DATA_DIR"); folder && !folder->empty()) {
    places.emplace_back(*folder);
  } else if (const fs::path own = own_folder(); !own.empty()) {
    // The build tree, bin or lib, and lib/x86_64-linux-gnu.
    for (const char* up : {"share/mlk", "../share/mlk", "../../share/mlk"})
      places.push_back((own / up).lexically_normal());
  }
  std::vector<std::string> looked;
  for (const fs::path& place : places) {
    std::error_code ignored;
    if (fs::is_regular_file(place / k_pack_name, ignored)) return place / k_pack_name;
    looked.push_back(place.string());
  }
  return Error(ErrorKind::not_found, fmt::format("the schemas of Kubernetes ('{}') aren't there", k_pack_name))
      .because(fmt::format("it was looked for in {}", join(looked, ", ")))
      .fixed_by("install mlk whole, or set MLK_DATA_DIR to the folder that holds it");
}

fs::path import_folder(const Environment& env) {
  if (const auto data = env("XDG_DATA_HOME"); data && fs::path(*data).is_absolute()) {
    return fs::path(*data) / "mlk" / "schemas";
  }
  if (const auto home = env("HOME"); home && !home->empty()) {
    return fs::path(*home) / ".local" / "share" / "mlk" / "schemas";
  }
  return {};
}

Result<Catalogue> load_catalogue(const Environment& env) {
  Catalogue out;
  MLK_TRY(const fs::path builtin, find_builtin_pack(env));
  MLK_TRY(Pack pack, Pack::open(builtin));
  out.add(std::move(pack));

  std::vector<std::pair<fs::file_time_type, fs::path>> imports;
  std::error_code failure;
  if (const fs::path folder = import_folder(env); !folder.empty()) {
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
      if (at->path().extension() != ".mlkpack") continue;
      std::error_code ignored;
      imports.emplace_back(at->last_write_time(ignored), at->path());
    }
  }
  std::sort(imports.begin(), imports.end());
  for (const auto& [time, path] : imports) {
    MLK_TRY(Pack import, Pack::open(path));
    import.mark_imported();
    out.add(std::move(import));
  }
  return out;
}

}  // namespace mlk::inline v0::validation::schema
