#include <mlk/core/file.hpp>
#include <mlk/core/handle.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace mlk::inline v0 {

namespace {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : m_fd(fd) {}
  ~Descriptor() {
    if (m_fd >= 0) ::close(m_fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return m_fd; }
  bool is_open() const { return m_fd >= 0; }
  int close() {
    const int fd = m_fd;
    m_fd = -1;
    return ::close(fd);
  }

 private:
  int m_fd;
};

Result<void> write_all(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(fmt::format("can't write '{}'", name), errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  const std::string name = path.string();
  const Descriptor file(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return system_error(fmt::format("can't read '{}'", name), errno);
  struct stat info {};
  if (::fstat(file.get(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return system_error(fmt::format("can't read '{}'", name), EISDIR);
  }
  std::string text;
  const auto expected = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
  for (;;) {
    const std::size_t had = text.size();
    if (had > limit) {
      return Error(ErrorKind::failed, fmt::format("'{}' is larger than {} bytes", name, limit))
          .because("a file of this kind is small; this is probably not the file that was meant");
    }
    text.resize(had + (had < expected ? expected - had + 1 : std::size_t{16} << 10));
    const ssize_t got = ::read(file.get(), text.data() + had, text.size() - had);
    if (got < 0 && errno != EINTR) return system_error(fmt::format("can't read '{}'", name), errno);
    text.resize(had + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got == 0) return text;
  }
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text, unsigned mode) {
  const std::string name = path.string();
  std::string temporary = name + ".XXXXXX";
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!file.is_open()) return system_error(fmt::format("can't write '{}'", name), errno);
  Result<void> done = write_all(file.get(), text, name);
  struct stat old {};
  const mode_t bits = ::stat(name.c_str(), &old) == 0 ? (old.st_mode & 07777U) : mode;
  if (done && (::fchmod(file.get(), bits) != 0 || ::fsync(file.get()) != 0 || file.close() != 0 ||
               ::rename(temporary.c_str(), name.c_str()) != 0)) {
    done = system_error(fmt::format("can't write '{}'", name), errno);
  }
  if (!done) ::unlink(temporary.c_str());
  return done;
}

}  // namespace mlk::inline v0
