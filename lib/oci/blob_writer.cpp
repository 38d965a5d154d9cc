#include <mlk/core/quantity.hpp>
#include <mlk/oci/layout.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace mlk::oci {

namespace fs = std::filesystem;

namespace {

std::string temporary_name(const fs::path& folder) {
  static std::atomic<unsigned> counter{0};
  return (folder / (".mlk-" + std::to_string(::getpid()) + "-" + std::to_string(++counter))).string();
}

Error write_error(const fs::path& folder, int code, std::uint64_t needed) {
  if (code != ENOSPC && code != EDQUOT) return system_error("writing into '" + folder.string() + "'", code);
  struct statvfs status = {};
  std::string why = code == EDQUOT ? "your quota on this disk is used up" : "the disk is full";
  if (code == ENOSPC && needed > 0 && ::statvfs(folder.c_str(), &status) == 0) {
    const auto available = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
    why = format_bytes(Bytes(static_cast<std::int64_t>(needed))) + " are needed and " +
          format_bytes(Bytes(static_cast<std::int64_t>(available))) + " are free";
  }
  return Error(ErrorKind::failed, "there is no space left for '" + folder.string() + "'")
      .because(std::move(why))
      .fixed_by("free some space, or choose another place with -t oci:DIR:TAG; nothing was left half-written");
}

}  // namespace

struct BlobWriter::State {
  fs::path folder;
  int descriptor = -1;
  std::string temporary;  // empty while the file has no name at all
  std::uint64_t expected = 0;
  std::uint64_t written = 0;
  Digester digester;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (descriptor >= 0) ::close(descriptor);
    if (!temporary.empty()) ::unlink(temporary.c_str());
  }

  /// A file without a name goes by itself when the process is killed; where the file system can't, it gets one.
  Result<void> open() {
    const bool has_proc = ::access("/proc/self/fd", X_OK) == 0;
    if (has_proc) descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
    if (descriptor < 0 && (!has_proc || errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL)) {
      temporary = temporary_name(folder);
      descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
      if (descriptor < 0) temporary.clear();
    }
    if (descriptor < 0) return write_error(folder, errno, expected);
    if (expected > 0 && ::fallocate(descriptor, 0, 0, static_cast<off_t>(expected)) != 0 &&
        (errno == ENOSPC || errno == EDQUOT)) {
      return write_error(folder, errno, expected);
    }
    return {};
  }

  Result<void> publish(const fs::path& target) {
    struct stat status = {};
    if (::stat(target.c_str(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) == written) return {};
    if (temporary.empty()) {
      const auto self = "/proc/self/fd/" + std::to_string(descriptor);
      if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, target.c_str(), AT_SYMLINK_FOLLOW) == 0) return {};
      if (errno != EEXIST) return write_error(folder, errno, written);
      // A damaged blob stands there: take a name beside it, and replace it in one step.
      const auto name = temporary_name(folder);
      if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0) {
        return write_error(folder, errno, written);
      }
      temporary = name;
    }
    if (::rename(temporary.c_str(), target.c_str()) != 0) return write_error(folder, errno, written);
    temporary.clear();
    return {};
  }
};

BlobWriter::BlobWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}
BlobWriter::BlobWriter(BlobWriter&&) noexcept = default;
BlobWriter& BlobWriter::operator=(BlobWriter&&) noexcept = default;
BlobWriter::~BlobWriter() = default;

Result<BlobWriter> Layout::begin_blob(std::uint64_t expected_size) const {
  auto state = std::make_unique<BlobWriter::State>();
  state->folder = m_directory / "blobs" / "sha256";
  state->expected = expected_size;
  std::error_code code;
  fs::create_directories(state->folder, code);
  if (code) return system_error("making the folder '" + state->folder.string() + "'", code.value());
  MLK_CHECK(state->open());
  return BlobWriter(std::move(state));
}

Result<void> BlobWriter::write(std::span<const std::byte> piece) {
  m_state->digester.update(piece);
  while (!piece.empty()) {
    const auto count = ::write(m_state->descriptor, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return write_error(m_state->folder, errno, m_state->expected);
    m_state->written += static_cast<std::uint64_t>(count);
    piece = piece.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<Digest> BlobWriter::commit(const Digest* expected) {
  auto& s = *m_state;
  // Space that was reserved and not used.
  if (s.written != s.expected && ::ftruncate(s.descriptor, static_cast<off_t>(s.written)) != 0) {
    return write_error(s.folder, errno, s.written);
  }
  auto digest = s.digester.finish();
  if (expected != nullptr && digest != *expected) {
    return Error(ErrorKind::failed, "content for " + expected->text() + " is damaged")
        .because("its bytes have " + digest.text());
  }
  MLK_CHECK(s.publish(s.folder / std::string(digest.hex())));
  return digest;
}

std::uint64_t BlobWriter::written() const noexcept { return m_state->written; }

}  // namespace mlk::oci
