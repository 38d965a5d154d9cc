#include "format.hpp"

#include <mlk/core/file.hpp>
#include <mlk/validation/schema.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace mlk::inline v0::validation::schema {

namespace {

constexpr std::string_view k_remedy = "install mlk again, or, for an import, run 'mlk schema import' again";

Error damaged(std::string why) {
  return Error(ErrorKind::failed, "the schema pack can't be used")
      .because(std::move(why))
      .fixed_by(std::string(k_remedy));
}

bool is_inside(const Section& section, std::size_t size) {
  return section.at >= sizeof(Header) && section.at % 4 == 0 && section.at <= size &&
         section.size <= size - section.at && section.size >= 4;
}

// Everything that a reader relies on: after this, offsets are checked against the three sections alone.
Result<void> check(PackData& data) {
  if (data.size < sizeof(Header)) return damaged("it is shorter than a pack's header");
  std::memcpy(&data.header, data.bytes, sizeof(Header));
  const Header& header = data.header;
  if (std::string_view(header.magic, sizeof header.magic) != k_magic) return damaged("it isn't a schema pack");
  if (header.format_version != k_format_version) {
    return Error(ErrorKind::failed, "the schema pack can't be read")
        .because(fmt::format("it has format {}, and this version of mlk reads format {}", header.format_version,
                             k_format_version))
        .fixed_by(std::string(k_remedy));
  }
  if (header.file_size != data.size) {
    return damaged(fmt::format("it has {} bytes and should have {}", data.size, header.file_size));
  }
  for (const Section* section : {&header.strings, &header.types, &header.index}) {
    if (!is_inside(*section, data.size)) return damaged("a section lies outside of the file");
  }
  const std::string_view index(data.bytes + header.index.at, header.index.size);
  if (index_checksum(header, index) != header.index_checksum) return damaged("the checksum of its index is wrong");
  return {};
}

struct Closer {
  int descriptor;
  ~Closer() { ::close(descriptor); }
};

}  // namespace

PackData::~PackData() {
  if (is_mapped) ::munmap(const_cast<char*>(bytes), size);
}

Pack::Pack(std::unique_ptr<PackData> data) noexcept : m_data(std::move(data)) {}
Pack::Pack(Pack&&) noexcept = default;
Pack& Pack::operator=(Pack&&) noexcept = default;
Pack::~Pack() = default;

Result<Pack> Pack::open(const std::filesystem::path& path) {
  const auto doing = [&] { return fmt::format("reading '{}'", path.string()); };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error(doing(), errno);
  const Closer closer{descriptor};
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return system_error(doing(), errno);
  if (!S_ISREG(status.st_mode)) return damaged("it isn't a file").within(doing());
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size < sizeof(Header)) return damaged("it is shorter than a pack's header").within(doing());
  void* map = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  if (map == MAP_FAILED) return system_error(doing(), errno);
  auto data = std::make_unique<PackData>();
  data->bytes = static_cast<const char*>(map);
  data->size = size;
  data->is_mapped = true;
  if (auto checked = check(*data); !checked) return std::move(checked).error().within(doing());
  return Pack(std::move(data));
}

Result<Pack> Pack::from_bytes(std::string_view bytes) {
  auto data = std::make_unique<PackData>();
  data->owned = bytes;
  data->bytes = data->owned.data();
  data->size = data->owned.size();
  MLK_CHECK(check(*data));
  return Pack(std::move(data));
}

Result<void> Pack::verify() const {
  const Header& header = m_data->header;
  const auto bytes = [&](const Section& section) { return std::string_view(m_data->bytes + section.at, section.size); };
  const std::uint64_t sum = checksum(bytes(header.types), checksum(bytes(header.strings), k_format_version));
  if (sum != header.body_checksum) return damaged("the checksum of its contents is wrong");
  return {};
}

void Pack::mark_imported() noexcept { m_data->is_imported = true; }
std::size_t Pack::type_count() const noexcept { return m_data->index_word(IndexWord::type_count); }
std::size_t Pack::size() const noexcept { return m_data->size; }

MinorRange Pack::minors() const noexcept {
  const std::uint32_t word = m_data->index_word(IndexWord::minors);
  const MinorRange range{static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8)};
  return range.first <= range.last ? range : MinorRange{};
}

}  // namespace mlk::inline v0::validation::schema
