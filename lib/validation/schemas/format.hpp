#pragma once

#include <mlk/validation/schema.hpp>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// How a pack lies in its file. Little-endian 32-bit words, no pointers; every reference is an offset into one of three
/// sections, and 0 is no reference (each section begins with a word that nothing refers to).
///
///   header   what is below in Header, 64 bytes
///   strings  length and bytes of each text, once; those of the index come first
///   types    Type records, and the lists and field tables that they refer to
///   index    kinds, systems, lives of built-in APIs, and the hash tables to find them
///
/// Opening reads the header and the index and compares their checksum. Strings and types have a checksum of their own
/// that Pack::verify compares; every reference into them is checked against the section's size when it is followed.
namespace mlk::inline v0::validation::schema {

static_assert(std::endian::native == std::endian::little, "packs are little-endian: readers would have to swap bytes");

constexpr std::string_view k_magic = "mlkpack\n";
constexpr std::uint32_t k_format_version = 1;

struct Section {
  std::uint32_t at = 0;
  std::uint32_t size = 0;
};

struct Header {
  char magic[8];
  std::uint32_t format_version;
  std::uint32_t file_size;
  Section strings;
  Section types;
  Section index;
  std::uint64_t index_checksum;  ///< of the header with this field as zero, then of the index
  std::uint64_t body_checksum;   ///< of strings and types
  std::uint32_t reserved[2];
};
static_assert(sizeof(Header) == 64);

/// Words at the beginning of the index.
enum class IndexWord : std::uint32_t {
  unused,
  minors,  ///< first | last << 8
  type_count,
  systems,     ///< list of k_system_words
  kinds,       ///< list of k_kind_words
  kind_slots,  ///< hash table over kinds
  lives,       ///< list of k_life_words
  life_slots,  ///< hash table over lives
  named,       ///< list of k_named_words
  count
};

/// A list: its length, then its items one after the other.
constexpr std::uint32_t k_system_words = 6;  // name, module, versions, path, licence, flags
constexpr std::uint32_t k_kind_words =
    10;  // apiVersion, kind, list, plural, short, warning, system, flags, served, life
constexpr std::uint32_t k_life_words =
    4;  // apiVersion, kind, introduced | deprecated << 8 | removed << 16, replacement
constexpr std::uint32_t k_named_words = 2;   // name, served
constexpr std::uint32_t k_served_words = 2;  // first | last << 8, type

constexpr std::uint32_t k_system_is_builtin = 1;
constexpr std::uint32_t k_kind_is_namespaced = 1;
constexpr std::uint32_t k_kind_is_deprecated = 2;
constexpr std::uint32_t k_kind_is_storage = 4;

/// A Type record: a word of base and flags, a word that says which slots there are, then those slots.
enum class Slot : std::uint32_t {
  format,
  pattern,
  enum_values,
  minimum,
  maximum,
  multiple_of,
  min_length,
  max_length,
  min_items,
  max_items,
  min_properties,
  max_properties,
  items,
  additional,
  negated,
  fields,
  required,
  list_keys,
  all_of,
  any_of,
  one_of,
  rules
};

constexpr std::uint32_t k_base_mask = 0xf;
constexpr std::uint32_t k_list_type_shift = 4;
constexpr std::uint32_t k_is_nullable = 1U << 8;
constexpr std::uint32_t k_preserves_unknown = 1U << 9;
constexpr std::uint32_t k_is_embedded_resource = 1U << 10;
constexpr std::uint32_t k_has_unique_items = 1U << 11;
constexpr std::uint32_t k_is_map_atomic = 1U << 12;
constexpr std::uint32_t k_is_minimum_exclusive = 1U << 13;
constexpr std::uint32_t k_is_maximum_exclusive = 1U << 14;

/// A field table: count, log2 of the number of slots, the fields sorted by name, then the slots (number + 1, or 0).
constexpr std::uint32_t k_field_words = 4;  // name, type, default, flags
constexpr std::uint32_t k_rule_words = 6;   // rule, message, messageExpression, fieldPath, reason, flags
constexpr std::uint32_t k_field_is_required = 1;

constexpr std::size_t k_largest_pack = std::size_t{1} << 30;
constexpr std::int64_t k_largest_size = (std::int64_t{1} << 31) - 2;

/// Eight bytes at a time, the last ones overlapping: no loop over bytes, and no call for the few that field names have.
inline std::uint32_t hash_name(std::string_view text) noexcept {
  constexpr std::uint64_t k_factor = 0x9fb21c651e98df25ULL;
  const auto load = [](const char* at, auto chunk) {
    std::memcpy(&chunk, at, sizeof chunk);
    return std::uint64_t{chunk};
  };
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL ^ text.size();
  const char* at = text.data();
  const std::size_t size = text.size();
  std::uint64_t tail = 0;
  if (size >= 8) {
    for (std::size_t done = 0; done + 8 < size; done += 8) {
      hash = std::rotl((hash ^ load(at + done, std::uint64_t{0})) * k_factor, 29);
    }
    tail = load(at + size - 8, std::uint64_t{0});
  } else if (size >= 4) {
    tail = load(at, std::uint32_t{0}) | load(at + size - 4, std::uint32_t{0}) << 32;
  } else if (size > 0) {
    tail = load(at, std::uint8_t{0}) | load(at + size / 2, std::uint8_t{0}) << 8 |
           load(at + size - 1, std::uint8_t{0}) << 16;
  }
  hash = (hash ^ tail) * k_factor;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

inline std::uint32_t hash_kind(std::string_view api_version, std::string_view kind) noexcept {
  return hash_name(api_version) * 31 ^ hash_name(kind);
}

/// Any change of a byte changes it; no protection against somebody who means harm. Four lanes, because one waits for
/// its multiplications.
inline std::uint64_t checksum(std::string_view bytes, std::uint64_t seed) noexcept {
  constexpr std::uint64_t k_factor = 0x9fb21c651e98df25ULL;
  std::uint64_t lanes[4] = {seed ^ bytes.size(), seed + 1, seed + 2, seed + 3};
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  const auto mix = [](std::uint64_t hash, std::uint64_t chunk) { return std::rotl((hash ^ chunk) * k_factor, 31); };
  for (; left >= 32; left -= 32, at += 32) {
    std::uint64_t chunks[4];
    std::memcpy(chunks, at, sizeof chunks);
    for (int lane = 0; lane < 4; ++lane) lanes[lane] = mix(lanes[lane], chunks[lane]);
  }
  std::uint64_t hash = lanes[0];
  for (int lane = 1; lane < 4; ++lane) hash = mix(hash, lanes[lane]);
  for (; left > 0;) {
    const std::size_t length = left < 8 ? left : 8;
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, at, length);
    hash = mix(hash, chunk);
    at += length;
    left -= length;
  }
  return hash;
}

/// The checksum of the header and the index.
std::uint64_t index_checksum(Header header, std::string_view index) noexcept;

/// An opened pack: where its bytes are. Reads that lead out of a section give 0 or nothing.
struct PackData {
  const char* bytes = nullptr;
  std::size_t size = 0;
  Header header{};
  std::string owned;  ///< the bytes, when they aren't mapped
  bool is_mapped = false;
  bool is_imported = false;

  PackData() = default;
  PackData(const PackData&) = delete;
  PackData& operator=(const PackData&) = delete;
  ~PackData();

  static std::uint32_t load(const char* at) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
  }
  bool holds(const Section& section, std::uint32_t at, std::uint64_t length) const noexcept {
    return at <= section.size && length <= section.size - at;
  }
  std::uint32_t word(const Section& section, std::uint64_t at) const noexcept {
    return at + 4 <= section.size ? load(bytes + section.at + at) : 0;
  }
  std::uint32_t type_word(std::uint64_t at) const noexcept { return word(header.types, at); }
  std::uint32_t index_word(std::uint64_t at) const noexcept { return word(header.index, at); }
  std::uint32_t index_word(IndexWord which) const noexcept {
    return word(header.index, static_cast<std::uint64_t>(which) * 4);
  }
  std::string_view text(std::uint32_t at) const noexcept {
    if (at == 0 || !holds(header.strings, at, 4)) return {};
    const std::uint32_t length = load(bytes + header.strings.at + at);
    if (!holds(header.strings, at + 4, length)) return {};
    return {bytes + header.strings.at + at + 4, length};
  }
  /// Items of a list of the index, no more than there is room for.
  std::uint32_t index_count(std::uint32_t at, std::uint32_t words) const noexcept {
    if (at == 0) return 0;
    const std::uint64_t room = at + 4 <= header.index.size ? (header.index.size - at - 4) / (words * 4) : 0;
    const std::uint32_t count = index_word(at);
    return count <= room ? count : static_cast<std::uint32_t>(room);
  }
};

}  // namespace mlk::inline v0::validation::schema
