#include "store.hpp"
#include "workers.hpp"

#include <mlk/core/text.hpp>
#include <mlk/oci/layer.hpp>
#include <mlk/packaging/image.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

namespace mlk::packaging {

namespace fs = std::filesystem;
using Kind = oci::TransferEvent::Kind;

namespace {

constexpr std::string_view k_staging = ".mlk-pull";

/// The folder that layers are unpacked into before anything gets its place: inside the target, so that moving is a
/// rename. It goes with everything in it, and the target with it when it was made for nothing.
class Staging {
 public:
  static Result<Staging> make(const fs::path& folder) {
    Staging out;
    std::error_code code;
    out.m_is_new = !fs::exists(folder, code);
    fs::create_directories(folder, code);
    if (code) return system_error("making the folder '" + folder.string() + "'", code.value());
    out.m_folder = folder;
    out.m_lock = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (out.m_lock < 0) return system_error("opening '" + folder.string() + "'", errno);
    if (::flock(out.m_lock, LOCK_EX | LOCK_NB) != 0) {
      return Error(ErrorKind::conflict, "'" + folder.string() + "' is in use")
          .because("another mlk is pulling into it")
          .fixed_by("wait for it, or choose another folder");
    }
    // What a killed run left behind; the lock says that nobody works in it.
    fs::remove_all(out.path(), code);
    if (!fs::create_directory(out.path(), code))
      return system_error("writing into '" + folder.string() + "'", code.value());
    return out;
  }
  Staging(Staging&& other) noexcept
      : m_folder(std::exchange(other.m_folder, {})),
        m_lock(std::exchange(other.m_lock, -1)),
        m_is_new(std::exchange(other.m_is_new, false)) {}
  Staging& operator=(Staging&&) = delete;
  ~Staging() {
    std::error_code code;
    if (m_lock >= 0) {
      fs::remove_all(path(), code);
      if (m_is_new) ::rmdir(m_folder.c_str());  // fails, rightly, when something was pulled into it
      ::close(m_lock);
    }
  }

  fs::path path() const { return m_folder / k_staging; }

 private:
  Staging() = default;
  fs::path m_folder;
  int m_lock = -1;
  bool m_is_new = false;
};

bool is_layer(const oci::Descriptor& blob) {
  return blob.media_type.starts_with("application/vnd.oci.image.layer.") ||
         blob.media_type.starts_with("application/vnd.docker.image.rootfs.");
}

Result<oci::Document> pick_manifest(Store& store) {
  MLK_TRY(auto document, store.fetch_manifest(""));
  if (!oci::is_index(document.descriptor.media_type)) return document;
  MLK_TRY(const auto index, oci::parse_index(document.bytes));
  if (index.manifests.empty())
    return Error(ErrorKind::failed, "the image has no content").because("its index is empty");
  // A model is the same for every platform; where it isn't, the one that servers have is the best guess.
  auto best = std::find_if(index.manifests.begin(), index.manifests.end(),
                           [](const auto& entry) { return entry.platform == "linux/amd64"; });
  if (best == index.manifests.end()) best = index.manifests.begin();
  return store.fetch_manifest(best->digest.text());
}

Result<oci::Extracted> unpack(Store& store, const oci::Descriptor& layer, const fs::path& folder, std::size_t item,
                              const Transport& transport, const std::stop_token& stop) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) return system_error("making the folder '" + folder.string() + "'", code.value());
  const auto title = layer.digest.short_hex();
  const auto told = [&](std::int64_t bytes) {
    if (transport.progress) transport.progress({Kind::moved, item, title, bytes, false});
  };
  MLK_TRY(const auto blob, store.open_blob(layer, told));
  auto out = oci::extract_layer(*blob, folder, k_model_prefix, stop);
  if (out && transport.progress) transport.progress({Kind::finished, item, title, 0, false});
  return out;
}

/// Which layer each file comes from in the end: upper layers replace and remove what lower ones hold.
std::map<std::string, std::size_t> merge(const std::vector<oci::Extracted>& layers) {
  std::map<std::string, std::size_t> out;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (const auto& gone : layers[i].removed) {
      std::erase_if(out, [&](const auto& file) {
        return gone.empty() || file.first == gone || file.first.starts_with(gone + "/");
      });
    }
    for (const auto& file : layers[i].files) out[file] = i;
  }
  return out;
}

Result<bool> is_same_content(const fs::path& a, const fs::path& b) {
  MLK_TRY(const auto one, oci::file_source(a));
  MLK_TRY(const auto other, oci::file_source(b));
  if (one->size() != other->size()) return false;
  std::vector<std::byte> left(oci::k_piece), right(oci::k_piece);
  for (;;) {
    MLK_TRY(const std::size_t count, one->read(left));
    MLK_TRY(const std::size_t same, other->read(right));
    if (count != same || !std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(count), right.begin())) {
      return false;
    }
    if (count == 0) return true;
  }
}

/// Which files are in the way; those with the same content already are not.
Result<std::vector<std::string>> find_conflicts(const std::map<std::string, std::size_t>& files,
                                                const fs::path& staging, const fs::path& folder) {
  std::vector<std::string> out;
  for (const auto& [name, layer] : files) {
    std::error_code code;
    const auto status = fs::symlink_status(folder / name, code);
    if (!fs::exists(status)) continue;
    bool is_same = false;
    if (fs::is_regular_file(status)) {
      MLK_TRY(is_same, is_same_content(staging / std::to_string(layer) / name, folder / name));
    }
    if (!is_same) out.push_back(name);
  }
  return out;
}

Error in_the_way(const fs::path& folder, std::vector<std::string> conflicts) {
  const auto count = conflicts.size();
  conflicts.resize(std::min<std::size_t>(count, 5));
  return Error(ErrorKind::conflict, "'" + folder.string() + "' holds other files of the same name")
      .because(join(conflicts, ", ") + (count > 5 ? ", … (" + std::to_string(count) + " in all)" : ""))
      .fixed_by("choose another folder, or run it again with --overwrite");
}

}  // namespace

Result<PulledFiles> pull_files(const oci::Reference& from, const fs::path& folder, bool overwrite,
                               const Transport& transport) {
  MLK_TRY(const auto store, open_store(from, transport, transport.stop, false));
  MLK_TRY(const auto document, pick_manifest(*store));
  MLK_TRY(const auto manifest, oci::parse_manifest(document.bytes));
  if (!std::all_of(manifest.layers.begin(), manifest.layers.end(), is_layer)) {
    return Error(ErrorKind::failed, "'" + from.text() + "' is no image with model files")
        .because("it has layers that are no file system: an artifact of another kind")
        .fixed_by("look at it with 'mlk model inspect " + from.text() + "'");
  }
  MLK_TRY(const Staging staging, Staging::make(folder));
  if (transport.progress) {
    for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
      const auto& layer = manifest.layers[i];
      const auto title = layer.annotations.find("dev.mlk.layer.title");
      transport.progress({Kind::planned, i, title != layer.annotations.end() ? title->second : layer.digest.short_hex(),
                          static_cast<std::int64_t>(layer.size), false});
    }
  }
  std::vector<oci::Extracted> layers(manifest.layers.size());
  const auto open = [&](const std::stop_token& stop) -> Result<Job> {
    MLK_TRY(auto opened, open_store(from, transport, stop, false));
    auto source = std::shared_ptr<Store>(std::move(opened));
    return Job([&, source, stop](std::size_t at) -> Result<void> {
      MLK_TRY(layers[at],
              unpack(*source, manifest.layers[at], staging.path() / std::to_string(at), at, transport, stop));
      return {};
    });
  };
  MLK_CHECK(do_in_parallel(manifest.layers.size(), transport.workers, open, transport.stop));

  const auto files = merge(layers);
  if (files.empty()) {
    return Error(ErrorKind::failed, "'" + from.text() + "' holds no model files")
        .because("nothing in it stands below " + std::string(k_model_prefix));
  }
  if (!overwrite) {
    MLK_TRY(auto conflicts, find_conflicts(files, staging.path(), folder));
    if (!conflicts.empty()) return in_the_way(folder, std::move(conflicts));
  }
  PulledFiles out;
  out.manifest = document.descriptor;
  for (const auto& [name, layer] : files) {
    const auto source = staging.path() / std::to_string(layer) / name;
    std::error_code code;
    out.size += fs::file_size(source, code);
    // Without `overwrite` what is there is the same by now.
    MLK_CHECK(oci::place_file(source, folder, name, true));
    out.files.push_back(name);
  }
  return out;
}

}  // namespace mlk::packaging
