#include <mlk/oci/layer.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <utility>

// The tar is written by hand: an archive library would copy every byte through its own buffers and want to be driven
// from the other side, while an upload pulls. Format: POSIX.1-2017, pax, "ustar Interchange Format".

namespace mlk::oci {

namespace {

constexpr std::size_t k_block = 512;
constexpr std::uint64_t k_octal_limit = std::uint64_t{1} << 33;  // 11 octal digits

struct Entry {
  std::string name;  // folders end in '/'
  std::filesystem::path source;
  std::uint64_t size = 0;
};

void put(std::string& block, std::size_t at, std::string_view text) { block.replace(at, text.size(), text); }

void put_octal(std::string& block, std::size_t at, int digits, std::uint64_t value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%0*llo", digits, static_cast<unsigned long long>(value));
  put(block, at, text.data());
}

std::string header_block(std::string_view name, char type, unsigned mode, std::uint64_t size, std::int64_t mtime) {
  std::string block(k_block, '\0');
  put(block, 0, name.substr(0, 100));
  put_octal(block, 100, 7, mode);
  put_octal(block, 108, 7, 0);
  put_octal(block, 116, 7, 0);
  put_octal(block, 124, 11, size < k_octal_limit ? size : 0);
  put_octal(block, 136, 11, static_cast<std::uint64_t>(mtime));
  put(block, 148, "        ");
  block[156] = type;
  put(block, 257, std::string_view("ustar\00000", 8));
  put_octal(block, 329, 7, 0);
  put_octal(block, 337, 7, 0);
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put_octal(block, 148, 6, sum);
  block[154] = '\0';
  block[155] = ' ';
  return block;
}

/// "<length> key=value\n", where the length counts itself.
std::string pax_record(std::string_view key, std::string_view value) {
  const auto rest = key.size() + value.size() + 3;
  auto length = rest + 1;
  while (std::to_string(length).size() + rest != length) length = std::to_string(length).size() + rest;
  return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

std::uint64_t padding(std::uint64_t size) { return (k_block - size % k_block) % k_block; }

/// What stands before an entry's bytes.
std::string entry_head(const Entry& entry, std::int64_t mtime) {
  const bool is_folder = entry.name.ends_with('/');
  const bool is_ascii =
      std::all_of(entry.name.begin(), entry.name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::string records;
  if (entry.name.size() > 100 || !is_ascii) records += pax_record("path", entry.name);
  if (entry.size >= k_octal_limit) records += pax_record("size", std::to_string(entry.size));
  std::string out;
  if (!records.empty()) {
    out = header_block("PaxHeaders/entry", 'x', 0644, records.size(), mtime);
    records.resize(records.size() + padding(records.size()), '\0');
    out += records;
  }
  return out + header_block(entry.name, is_folder ? '5' : '0', is_folder ? 0755U : 0644U, entry.size, mtime);
}

}  // namespace

struct LayerStream::State {
  std::vector<Entry> entries;
  std::int64_t mtime = 0;
  std::uint64_t total = 0;

  std::size_t next = 0;  // the entry that comes next
  std::string memory;    // bytes to give before anything else
  std::size_t memory_at = 0;
  std::unique_ptr<BlobSource> file;  // the entry's bytes, while they last
  std::uint64_t file_left = 0;
  bool is_closed = false;  // the end blocks are in memory, or given

  void give(std::string text) {
    memory = std::move(text);
    memory_at = 0;
  }

  Result<void> open_next() {
    const auto& entry = entries[next++];
    give(entry_head(entry, mtime));
    if (entry.name.ends_with('/')) return {};
    MLK_TRY(file, file_source(entry.source));
    if (file->size() != entry.size) {
      return Error(ErrorKind::failed, "'" + entry.source.string() + "' changed while it was packed")
          .because("it had " + std::to_string(entry.size) + " bytes and now has " + std::to_string(file->size()))
          .fixed_by("wait until nothing writes to the folder and pack it again");
    }
    file_left = entry.size;
    return {};
  }
};

LayerStream::LayerStream(std::vector<LayerFile> files, std::int64_t mtime) : m_state(std::make_unique<State>()) {
  std::map<std::string, Entry> sorted;
  for (auto& file : files) {
    for (auto slash = file.name.find('/'); slash != std::string::npos; slash = file.name.find('/', slash + 1)) {
      const auto folder = file.name.substr(0, slash + 1);
      sorted.try_emplace(folder, Entry{folder, {}, 0});
    }
    sorted.insert_or_assign(file.name, Entry{file.name, std::move(file.source), file.size});
  }
  m_state->mtime = mtime;
  for (auto& [name, entry] : sorted) {
    m_state->total += entry_head(entry, mtime).size() + entry.size + padding(entry.size);
    m_state->entries.push_back(std::move(entry));
  }
  m_state->total += 2 * k_block;
}

LayerStream::~LayerStream() = default;

std::uint64_t LayerStream::size() const { return m_state->total; }

Result<std::size_t> LayerStream::read(std::span<std::byte> buffer) {
  auto& s = *m_state;
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const auto rest = buffer.subspan(filled);
    if (s.memory_at < s.memory.size()) {
      const auto count = std::min(rest.size(), s.memory.size() - s.memory_at);
      std::memcpy(rest.data(), s.memory.data() + s.memory_at, count);
      s.memory_at += count;
      filled += count;
    } else if (s.file != nullptr && s.file_left > 0) {
      MLK_TRY(const std::size_t count, s.file->read(rest));
      s.file_left -= count;
      filled += count;
    } else if (s.file != nullptr) {
      const auto pad = padding(s.file->size());
      s.file.reset();
      s.give(std::string(pad, '\0'));
    } else if (s.next < s.entries.size()) {
      MLK_CHECK(s.open_next());
    } else if (!s.is_closed) {
      s.is_closed = true;
      s.give(std::string(2 * k_block, '\0'));
    } else {
      break;
    }
  }
  return filled;
}

Result<void> LayerStream::rewind() {
  m_state->next = 0;
  m_state->give({});
  m_state->file.reset();
  m_state->file_left = 0;
  m_state->is_closed = false;
  return {};
}

}  // namespace mlk::oci
