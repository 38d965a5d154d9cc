#include "archive.hpp"

#include <mlk/core/text.hpp>
#include <mlk/oci/layer.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

namespace mlk::oci {

namespace {

/// An open descriptor.
class Descriptor final {
 public:
  explicit Descriptor(int value) : m_value(value) {}
  Descriptor(Descriptor&& other) noexcept : m_value(std::exchange(other.m_value, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(m_value, other.m_value);
    return *this;
  }
  ~Descriptor() {
    if (m_value >= 0) ::close(m_value);
  }
  int get() const noexcept { return m_value; }

 private:
  int m_value;
};

Error refused(const std::string& name, std::string why) {
  return Error(ErrorKind::failed, "the layer's entry '" + printable(name.substr(0, 200)) + "' is refused")
      .because(std::move(why))
      .fixed_by("don't use this image unless you know who made it");
}

/// The parts of an entry's name, without "." and empty ones; ".." is refused.
Result<std::vector<std::string>> parts_of(const std::string& name) {
  if (name.starts_with('/')) return refused(name, "its name is absolute");
  std::vector<std::string> out;
  for (auto& part : split(name, '/')) {
    if (part == "..") return refused(name, "its name leads out of the folder");
    if (!part.empty() && part != ".") out.push_back(std::move(part));
  }
  return out;
}

/// Opens, and makes, the folder that `parts` (without the last one) name below `root`; no link is followed.
Result<Descriptor> open_parent(int root, const std::vector<std::string>& parts, std::size_t depth) {
  Descriptor folder(::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return system_error("opening the folder to unpack into", errno);
  for (std::size_t i = 0; i < depth; ++i) {
    if (::mkdirat(folder.get(), parts[i].c_str(), 0755) != 0 && errno != EEXIST) {
      return system_error("making the folder '" + parts[i] + "'", errno);
    }
    Descriptor next(::openat(folder.get(), parts[i].c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (next.get() < 0) return system_error("opening the folder '" + parts[i] + "'", errno);
    folder = std::move(next);
  }
  return folder;
}

Result<void> write_all(int descriptor, std::span<const std::byte> piece, const std::string& name) {
  while (!piece.empty()) {
    const auto count = ::write(descriptor, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int code = errno;
      if (code != ENOSPC && code != EDQUOT) return system_error("writing '" + name + "'", code);
      return Error(ErrorKind::failed, "there is no space left for '" + name + "'")
          .because(code == ENOSPC ? "the disk is full" : "your quota on this disk is used up")
          .fixed_by("free some space, or pull into a folder on another disk; nothing was left half-written");
    }
    piece = piece.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::uint64_t> write_entry(ArchiveReader& archive, int root, const std::vector<std::string>& parts,
                                  const std::string& name, const std::stop_token& stop) {
  MLK_TRY(const Descriptor folder, open_parent(root, parts, parts.size() - 1));
  ::unlinkat(folder.get(), parts.back().c_str(), 0);
  const Descriptor file(
      ::openat(folder.get(), parts.back().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (file.get() < 0) return system_error("writing '" + name + "'", errno);
  std::uint64_t written = 0;
  for (;;) {
    if (stop.stop_requested()) return interrupted("unpacking '" + name + "'");
    MLK_TRY(const auto piece, archive.piece());
    if (piece.empty()) return written;
    MLK_CHECK(write_all(file.get(), piece, name));
    written += piece.size();
  }
}

/// What a whiteout takes away, or nothing. Source: OCI image specification, layer.md, "Whiteouts".
std::optional<std::string> whiteout(const std::vector<std::string>& parts) {
  constexpr std::string_view k_mark = ".wh.";
  if (parts.empty() || !parts.back().starts_with(k_mark)) return std::nullopt;
  auto kept = parts;
  if (kept.back() == ".wh..wh..opq") {
    kept.pop_back();
  } else {
    kept.back() = kept.back().substr(k_mark.size());
  }
  return join(kept, "/");
}

/// The name below the prefix, or nothing when the entry stands elsewhere.
std::optional<std::vector<std::string>> below(const std::vector<std::string>& parts, std::string_view prefix) {
  std::size_t at = 0;
  for (const auto& wanted : split(prefix, '/')) {
    if (wanted.empty()) continue;
    if (at >= parts.size() || parts[at] != wanted) return std::nullopt;
    ++at;
  }
  return std::vector<std::string>(parts.begin() + static_cast<std::ptrdiff_t>(at), parts.end());
}

Result<void> take_entry(ArchiveReader& archive, const ArchiveEntry& entry, int root, std::string_view prefix,
                        Extracted& out, const std::stop_token& stop) {
  MLK_TRY(const auto all, parts_of(entry.name));
  const auto parts = below(all, prefix);
  if (!parts || parts->empty()) return {};
  const auto name = join(*parts, "/");
  if (auto gone = whiteout(*parts)) {
    out.removed.push_back(*std::move(gone));
    return {};
  }
  switch (entry.type) {
    case ArchiveEntry::Type::file: {
      MLK_TRY(const auto written, write_entry(archive, root, *parts, name, stop));
      out.bytes += written;
      out.files.push_back(name);
      return {};
    }
    case ArchiveEntry::Type::folder: {
      MLK_TRY(const auto made, open_parent(root, *parts, parts->size()));
      return {};
    }
    case ArchiveEntry::Type::link:
      return refused(entry.name, "it is a link, and a model's files are plain files");
    case ArchiveEntry::Type::other:
      break;
  }
  return refused(entry.name, "it is a device, a pipe or a socket");
}

}  // namespace

Result<void> place_file(const std::filesystem::path& from, const std::filesystem::path& folder, const std::string& name,
                        bool overwrite) {
  const auto target = (folder / name).string();
  const Descriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return system_error("opening '" + folder.string() + "'", errno);
  MLK_TRY(const auto parts, parts_of(name));
  if (parts.empty()) return refused(name, "it has no name");
  MLK_TRY(const Descriptor parent, open_parent(root.get(), parts, parts.size() - 1));
  const unsigned flags = overwrite ? 0U : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, from.c_str(), parent.get(), parts.back().c_str(), flags) == 0) return {};
  if (errno != EEXIST) return system_error("writing '" + target + "'", errno);
  return Error(ErrorKind::conflict, "'" + target + "' is there already")
      .because("a file with other content has that name")
      .fixed_by("choose another folder, or run it again with --overwrite");
}

Result<Extracted> extract_layer(BlobSource& layer, const std::filesystem::path& folder, std::string_view prefix,
                                const std::stop_token& stop) {
  const Descriptor root(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (root.get() < 0) return system_error("opening '" + folder.string() + "'", errno);
  MLK_TRY(auto archive, ArchiveReader::open(layer));
  Extracted out;
  ArchiveEntry entry;
  for (;;) {
    if (stop.stop_requested()) return interrupted("unpacking a layer");
    MLK_TRY(const bool is_there, archive.next(entry));
    if (!is_there) break;
    MLK_CHECK(take_entry(archive, entry, root.get(), prefix, out, stop));
  }
  // The archive ends before the blob does; only its last byte tells whether the content is what its digest says.
  std::vector<std::byte> rest(64 << 10);
  for (;;) {
    MLK_TRY(const std::size_t count, layer.read(rest));
    if (count == 0) return out;
  }
}

}  // namespace mlk::oci
