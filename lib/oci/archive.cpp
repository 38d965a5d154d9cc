#include "archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <vector>

namespace mlk::oci {

namespace {

/// libarchive's functions, typed from its headers.
struct Library {
  decltype(&archive_read_new) read_new = nullptr;
  decltype(&archive_read_free) read_free = nullptr;
  decltype(&archive_read_support_format_tar) support_tar = nullptr;
  decltype(&archive_read_support_filter_gzip) support_gzip = nullptr;
  decltype(&archive_read_support_filter_zstd) support_zstd = nullptr;
  decltype(&archive_read_open) read_open = nullptr;
  decltype(&archive_read_next_header) next_header = nullptr;
  decltype(&archive_read_data_block) data_block = nullptr;
  decltype(&archive_error_string) error_string = nullptr;
  decltype(&archive_set_error) set_error = nullptr;
  decltype(&archive_entry_pathname) pathname = nullptr;
  decltype(&archive_entry_pathname_utf8) pathname_utf8 = nullptr;
  decltype(&archive_entry_filetype) filetype = nullptr;
  decltype(&archive_entry_size) size = nullptr;
  decltype(&archive_entry_hardlink) hardlink = nullptr;
  std::string missing;  // why it can't be used, or empty
};

template <class T>
void find(void* handle, const char* name, T& function, std::string& missing) {
  function = reinterpret_cast<T>(::dlsym(handle, name));
  if (function == nullptr && missing.empty()) missing = std::string("libarchive.so.13 has no function '") + name + "'";
}

Library load() {
  Library lib;
  void* handle = ::dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    lib.missing = ::dlerror();
    return lib;
  }
  find(handle, "archive_read_new", lib.read_new, lib.missing);
  find(handle, "archive_read_free", lib.read_free, lib.missing);
  find(handle, "archive_read_support_format_tar", lib.support_tar, lib.missing);
  find(handle, "archive_read_support_filter_gzip", lib.support_gzip, lib.missing);
  find(handle, "archive_read_support_filter_zstd", lib.support_zstd, lib.missing);
  find(handle, "archive_read_open", lib.read_open, lib.missing);
  find(handle, "archive_read_next_header", lib.next_header, lib.missing);
  find(handle, "archive_read_data_block", lib.data_block, lib.missing);
  find(handle, "archive_error_string", lib.error_string, lib.missing);
  find(handle, "archive_set_error", lib.set_error, lib.missing);
  find(handle, "archive_entry_pathname", lib.pathname, lib.missing);
  find(handle, "archive_entry_pathname_utf8", lib.pathname_utf8, lib.missing);
  find(handle, "archive_entry_filetype", lib.filetype, lib.missing);
  find(handle, "archive_entry_size", lib.size, lib.missing);
  find(handle, "archive_entry_hardlink", lib.hardlink, lib.missing);
  return lib;
}

const Library& library() {
  static const Library lib = load();
  return lib;
}

}  // namespace

struct ArchiveReader::State {
  BlobSource* source = nullptr;
  struct ::archive* handle = nullptr;
  std::vector<std::byte> buffer = std::vector<std::byte>(k_piece);
  std::optional<Error> failure;  // of the source: what the library says about it is less

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (handle != nullptr) library().read_free(handle);
  }

  static la_ssize_t pull(struct ::archive* handle, void* self, const void** piece) {
    auto& state = *static_cast<State*>(self);
    auto count = state.source->read(state.buffer);
    if (!count) {
      state.failure = std::move(count).error();
      library().set_error(handle, EIO, "%s", "reading failed");
      return -1;
    }
    *piece = state.buffer.data();
    return static_cast<la_ssize_t>(*count);
  }

  Error error() {
    if (failure) return *failure;
    const char* text = library().error_string(handle);
    return Error(ErrorKind::failed, "the layer can't be unpacked").because(text != nullptr ? text : "it is no tar");
  }
};

ArchiveReader::ArchiveReader(std::unique_ptr<State> state) : m_state(std::move(state)) {}
ArchiveReader::ArchiveReader(ArchiveReader&&) noexcept = default;
ArchiveReader::~ArchiveReader() = default;

Result<ArchiveReader> ArchiveReader::open(BlobSource& source) {
  const auto& lib = library();
  if (!lib.missing.empty()) {
    return Error(ErrorKind::failed, "layers can't be unpacked on this machine")
        .because(lib.missing)
        .fixed_by("install libarchive (Debian: libarchive13)");
  }
  auto state = std::make_unique<State>();
  state->source = &source;
  state->handle = lib.read_new();
  lib.support_tar(state->handle);
  lib.support_gzip(state->handle);
  lib.support_zstd(state->handle);
  if (lib.read_open(state->handle, state.get(), nullptr, &State::pull, nullptr) != ARCHIVE_OK) return state->error();
  return ArchiveReader(std::move(state));
}

Result<bool> ArchiveReader::next(ArchiveEntry& entry) {
  const auto& lib = library();
  struct ::archive_entry* found = nullptr;
  const int code = lib.next_header(m_state->handle, &found);
  if (code == ARCHIVE_EOF) return false;
  // A warning is about a name that this locale can't show; the UTF-8 one below is right all the same.
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return m_state->error();
  const char* name = lib.pathname_utf8(found);
  if (name == nullptr) name = lib.pathname(found);
  if (name == nullptr) return Error(ErrorKind::failed, "the layer can't be unpacked").because("an entry has no name");
  entry.name = name;
  entry.size = static_cast<std::uint64_t>(std::max<la_int64_t>(lib.size(found), 0));
  const auto type = lib.filetype(found);
  if (lib.hardlink(found) != nullptr || type == AE_IFLNK) {
    entry.type = ArchiveEntry::Type::link;
  } else if (type == AE_IFREG) {
    entry.type = ArchiveEntry::Type::file;
  } else {
    entry.type = type == AE_IFDIR ? ArchiveEntry::Type::folder : ArchiveEntry::Type::other;
  }
  return true;
}

Result<std::span<const std::byte>> ArchiveReader::piece() {
  const void* data = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int code = library().data_block(m_state->handle, &data, &size, &offset);
  if (code == ARCHIVE_EOF) return std::span<const std::byte>();
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return m_state->error();
  return std::span(static_cast<const std::byte*>(data), size);
}

}  // namespace mlk::oci
