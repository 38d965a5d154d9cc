#include <mlk/oci/blob.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace mlk::oci {

namespace {

class TextSource final : public BlobSource {
 public:
  explicit TextSource(std::string text) : m_text(std::move(text)) {}

  std::uint64_t size() const override { return m_text.size(); }
  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const auto count = std::min(buffer.size(), m_text.size() - m_at);
    std::memcpy(buffer.data(), m_text.data() + m_at, count);
    m_at += count;
    return count;
  }
  Result<void> rewind() override {
    m_at = 0;
    return {};
  }

 private:
  std::string m_text;
  std::size_t m_at = 0;
};

class FileSource final : public BlobSource {
 public:
  FileSource(int descriptor, std::uint64_t size, std::string name)
      : m_descriptor(descriptor), m_size(size), m_name(std::move(name)) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(m_descriptor); }

  std::uint64_t size() const override { return m_size; }
  Result<std::size_t> read(std::span<std::byte> buffer) override {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), m_size - m_at));
    std::size_t got = 0;
    while (got < want) {
      const auto count = ::read(m_descriptor, buffer.data() + got, want - got);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_error("reading '" + m_name + "'", errno);
      if (count == 0) {
        return Error(ErrorKind::failed, "'" + m_name + "' became shorter while it was read")
            .because("it had " + std::to_string(m_size) + " bytes and now ends after " + std::to_string(m_at + got));
      }
      got += static_cast<std::size_t>(count);
    }
    m_at += got;
    return got;
  }
  Result<void> rewind() override {
    if (::lseek(m_descriptor, 0, SEEK_SET) < 0) return system_error("reading '" + m_name + "' again", errno);
    m_at = 0;
    return {};
  }

 private:
  int m_descriptor;
  std::uint64_t m_size;
  std::uint64_t m_at = 0;
  std::string m_name;
};

class VerifiedSource final : public BlobSource {
 public:
  VerifiedSource(std::unique_ptr<BlobSource> source, Digest digest, std::uint64_t size)
      : m_source(std::move(source)), m_digest(std::move(digest)), m_size(size) {}

  std::uint64_t size() const override { return m_size; }
  Result<std::size_t> read(std::span<std::byte> buffer) override {
    if (m_source->size() != m_size) {
      return wrong("it has " + std::to_string(m_source->size()) + " bytes instead of " + std::to_string(m_size));
    }
    MLK_TRY(const std::size_t count, m_source->read(buffer));
    m_digester.update(buffer.first(count));
    m_at += count;
    if (m_at == m_size && !m_is_checked) {
      m_is_checked = true;
      if (const auto found = m_digester.finish(); found != m_digest) return wrong("its bytes have " + found.text());
    }
    return count;
  }
  Result<void> rewind() override {
    m_digester = Digester();
    m_at = 0;
    m_is_checked = false;
    return m_source->rewind();
  }

 private:
  Error wrong(std::string why) const {
    return Error(ErrorKind::failed, "blob " + m_digest.text() + " is damaged").because(std::move(why));
  }

  std::unique_ptr<BlobSource> m_source;
  Digest m_digest;
  std::uint64_t m_size;
  std::uint64_t m_at = 0;
  bool m_is_checked = false;
  Digester m_digester;
};

}  // namespace

std::unique_ptr<BlobSource> text_source(std::string text) { return std::make_unique<TextSource>(std::move(text)); }

Result<std::unique_ptr<BlobSource>> file_source(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error("opening '" + path.string() + "'", errno);
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    return Error(ErrorKind::failed, "'" + path.string() + "' is no file");
  }
  static_cast<void>(::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL));
  return std::unique_ptr<BlobSource>(
      std::make_unique<FileSource>(descriptor, static_cast<std::uint64_t>(status.st_size), path.string()));
}

std::unique_ptr<BlobSource> verified_source(std::unique_ptr<BlobSource> source, const Digest& digest,
                                            std::uint64_t size) {
  return std::make_unique<VerifiedSource>(std::move(source), digest, size);
}

}  // namespace mlk::oci
