#include "format.hpp"

#include <mlk/validation/schema.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace mlk::inline v0::validation::schema {

namespace {

std::string_view group_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

std::string_view version_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
}

// A record of a list in the index, by its words.
class Record {
 public:
  Record() = default;
  Record(const PackData* data, IndexWord list, std::uint32_t words, std::uint32_t number) noexcept
      : m_data(data), m_at(std::uint64_t{data->index_word(list)} + 4 + std::uint64_t{number} * words * 4) {}
  explicit operator bool() const noexcept { return m_data != nullptr; }
  std::uint32_t word(unsigned number) const noexcept { return m_data->index_word(m_at + number * 4ULL); }
  std::string_view text(unsigned number) const noexcept { return m_data->text(word(number)); }

 private:
  const PackData* m_data = nullptr;
  std::uint64_t m_at = 0;
};

enum KindWord : unsigned { api_version, kind, list_kind, plural, short_names, warning, system, flags, served, life };

// Looks an apiVersion and a kind up in one of the hash tables; both lists begin with these two words.
Record find_record(const PackData& data, IndexWord list, IndexWord table, std::uint32_t words, std::string_view version,
                   std::string_view name) noexcept {
  const std::uint32_t slots = data.index_word(table);
  const std::uint32_t size = data.index_count(slots, 1);
  const std::uint32_t count = data.index_count(data.index_word(list), words);
  if (!std::has_single_bit(size)) return {};
  std::uint32_t at = hash_kind(version, name) & (size - 1);
  for (std::uint32_t probe = 0; probe < size; ++probe, at = (at + 1) & (size - 1)) {
    const std::uint32_t number = data.index_word(std::uint64_t{slots} + 4 + at * 4ULL);
    if (number == 0 || number > count) return {};
    const Record record(&data, list, words, number - 1);
    if (record.text(0) == version && record.text(1) == name) return record;
  }
  return {};
}

Record find_kind(const PackData& data, std::string_view version, std::string_view name) noexcept {
  return find_record(data, IndexWord::kinds, IndexWord::kind_slots, k_kind_words, version, name);
}

Record find_life(const PackData& data, std::string_view version, std::string_view name) noexcept {
  return find_record(data, IndexWord::lives, IndexWord::life_slots, k_life_words, version, name);
}

std::uint32_t kind_count(const PackData& data) noexcept {
  return data.index_count(data.index_word(IndexWord::kinds), k_kind_words);
}

Record kind_at(const PackData& data, std::uint32_t number) noexcept {
  return {&data, IndexWord::kinds, k_kind_words, number};
}

SystemInfo system_at(const PackData& data, std::uint32_t number) {
  if (number >= data.index_count(data.index_word(IndexWord::systems), k_system_words)) return {};
  const Record record(&data, IndexWord::systems, k_system_words, number);
  return {record.text(0), record.text(1), record.text(2), record.text(3), record.text(4), data.is_imported};
}

bool is_builtin(const PackData& data, std::uint32_t number) {
  if (number >= data.index_count(data.index_word(IndexWord::systems), k_system_words)) return false;
  return (Record(&data, IndexWord::systems, k_system_words, number).word(5) & k_system_is_builtin) != 0;
}

struct Span {
  MinorRange minors;
  Type type;
};

std::uint32_t span_count(const PackData& data, std::uint32_t at) noexcept {
  return data.index_count(at, k_served_words);
}

Span span_at(const PackData& data, std::uint32_t at, std::uint32_t number) noexcept {
  const std::uint64_t where = std::uint64_t{at} + 4 + number * k_served_words * 4ULL;
  const std::uint32_t minors = data.index_word(where);
  return {{static_cast<std::uint8_t>(minors), static_cast<std::uint8_t>(minors >> 8)},
          Type(&data, data.index_word(where + 4))};
}

Type type_at(const PackData& data, std::uint32_t served, unsigned minor) noexcept {
  for (std::uint32_t i = 0; i < span_count(data, served); ++i) {
    const Span span = span_at(data, served, i);
    if (span.minors.holds(minor)) return span.type;
  }
  return {};
}

KindInfo describe(const PackData& data, const Record& record) {
  KindInfo out;
  const std::string_view version = record.text(KindWord::api_version);
  out.group = group_of(version);
  out.version = version_of(version);
  out.kind = record.text(KindWord::kind);
  out.list_kind = record.text(KindWord::list_kind);
  out.plural = record.text(KindWord::plural);
  out.short_names = record.text(KindWord::short_names);
  out.deprecation_warning = record.text(KindWord::warning);
  const std::uint32_t bits = record.word(KindWord::flags);
  out.is_namespaced = (bits & k_kind_is_namespaced) != 0;
  out.is_deprecated = (bits & k_kind_is_deprecated) != 0;
  out.is_storage = (bits & k_kind_is_storage) != 0;
  const std::uint32_t served = record.word(KindWord::served);
  const std::uint32_t spans = span_count(data, served);
  out.is_served = spans > 0;
  for (std::uint32_t i = 0; i < spans; ++i) {
    const MinorRange minors = span_at(data, served, i).minors;
    if (minors.last == 255) continue;
    if (!out.minors.empty() && out.minors.back().last + 1 == minors.first) {
      out.minors.back().last = minors.last;
    } else {
      out.minors.push_back(minors);
    }
  }
  out.system = system_at(data, record.word(KindWord::system));
  return out;
}

void take_life(Match& match, const Record& life, unsigned minor) {
  if (!life) return;
  const std::uint32_t word = life.word(2);
  match.introduced = word & 0xff;
  match.deprecated = word >> 8 & 0xff;
  match.removed = word >> 16 & 0xff;
  match.replacement = life.text(3);
  match.is_deprecated = match.deprecated != 0 && match.deprecated <= minor;
}

// What the served versions say beats what was planned: an API may stay longer.
void judge_builtin(Match& match, const PackData& data, std::uint32_t served, unsigned minor, MinorRange known) {
  const unsigned asked = std::clamp<unsigned>(minor, known.first, known.last);
  match.type = type_at(data, served, asked);
  const std::uint32_t spans = span_count(data, served);
  if (spans == 0) return;
  const unsigned first = span_at(data, served, 0).minors.first;
  const unsigned last = span_at(data, served, spans - 1).minors.last;
  if (first > known.first) match.introduced = first;
  if (last < known.last) {
    match.removed = last + 1;
  } else if (match.removed != 0 && match.removed <= last) {
    match.removed = 0;
  }
  match.status = Lookup::found;
  if (!known.holds(minor) || !match.type) {
    if (match.removed != 0 && match.removed <= minor) {
      match.status = Lookup::removed;
    } else if (match.introduced > minor || !match.type) {
      match.status = Lookup::not_served_yet;
    }
  }
  if (match.status != Lookup::found) match.type = {};
}

}  // namespace

std::string KindInfo::api_version() const {
  std::string out(group);
  if (!out.empty()) out += '/';
  out += version;
  return out;
}

std::vector<SystemInfo> Pack::systems() const {
  std::vector<SystemInfo> out;
  const std::uint32_t count = m_data->index_count(m_data->index_word(IndexWord::systems), k_system_words);
  for (std::uint32_t i = 0; i < count; ++i) out.push_back(system_at(*m_data, i));
  return out;
}

std::vector<KindInfo> Pack::kinds() const {
  std::vector<KindInfo> out;
  for (std::uint32_t i = 0; i < kind_count(*m_data); ++i) out.push_back(describe(*m_data, kind_at(*m_data, i)));
  return out;
}

void Catalogue::add(Pack pack) { m_packs.push_back(std::move(pack)); }

MinorRange Catalogue::minors() const noexcept {
  for (auto pack = m_packs.rbegin(); pack != m_packs.rend(); ++pack) {
    if (const MinorRange minors = pack->minors(); minors.last != 0) return minors;
  }
  return {};
}

Match Catalogue::find(std::string_view version, std::string_view name, unsigned minor) const {
  const MinorRange known = minors();
  if (minor == 0) minor = known.last;
  Match match;
  const auto take = [&](const PackData& data, const Record& record) {
    match.kind = describe(data, record);
    match.is_builtin = is_builtin(data, record.word(KindWord::system));
    const std::uint32_t served = record.word(KindWord::served);
    if (match.is_builtin) {
      if (const std::uint32_t life = record.word(KindWord::life);
          life != 0 && life <= data.index_count(data.index_word(IndexWord::lives), k_life_words)) {
        take_life(match, Record(&data, IndexWord::lives, k_life_words, life - 1), minor);
      }
      judge_builtin(match, data, served, minor, known);
      return;
    }
    match.is_deprecated = match.kind->is_deprecated;
    match.type = type_at(data, served, 0);
    match.status = match.type ? Lookup::found : Lookup::not_served;
  };
  for (auto pack = m_packs.rbegin(); pack != m_packs.rend(); ++pack) {
    const PackData& data = *pack->m_data;
    if (const Record record = find_kind(data, version, name)) {
      take(data, record);
      return match;
    }
    if (!name.ends_with("List")) continue;
    const Record record = find_kind(data, version, name.substr(0, name.size() - 4));
    if (record && record.text(KindWord::list_kind) == name) {
      take(data, record);
      match.is_list = true;
      return match;
    }
  }
  for (const Pack& pack : m_packs) {
    const Record life = find_life(*pack.m_data, version, name);
    if (!life) continue;
    take_life(match, life, minor);
    if (match.removed != 0 && match.removed <= minor) {
      match.status = Lookup::removed;
      match.is_builtin = true;
      return match;
    }
    match = {};
  }
  const std::string_view group = group_of(version);
  for (const Pack& pack : m_packs) {
    const PackData& data = *pack.m_data;
    for (std::uint32_t i = 0; i < kind_count(data); ++i) {
      const Record record = kind_at(data, i);
      if (group_of(record.text(KindWord::api_version)) != group) continue;
      match.status =
          std::max(match.status, record.text(KindWord::kind) == name ? Lookup::unknown_version : Lookup::unknown_kind);
    }
  }
  return match;
}

Type Catalogue::object_meta(unsigned minor) const noexcept {
  const MinorRange known = minors();
  const unsigned asked = minor == 0 ? known.last : std::clamp<unsigned>(minor, known.first, known.last);
  for (auto pack = m_packs.rbegin(); pack != m_packs.rend(); ++pack) {
    const PackData& data = *pack->m_data;
    const std::uint32_t count = data.index_count(data.index_word(IndexWord::named), k_named_words);
    for (std::uint32_t i = 0; i < count; ++i) {
      const Record record(&data, IndexWord::named, k_named_words, i);
      if (record.text(0) == "meta.v1.ObjectMeta") return type_at(data, record.word(1), asked);
    }
  }
  return {};
}

std::vector<KindInfo> Catalogue::kinds() const {
  std::vector<KindInfo> out;
  std::set<std::pair<std::string, std::string_view>> seen;
  for (auto pack = m_packs.rbegin(); pack != m_packs.rend(); ++pack) {
    for (KindInfo& kind : pack->kinds()) {
      if (seen.emplace(kind.api_version(), kind.kind).second) out.push_back(std::move(kind));
    }
  }
  return out;
}

std::vector<SystemInfo> Catalogue::systems() const {
  std::vector<SystemInfo> out;
  for (const Pack& pack : m_packs) {
    auto systems = pack.systems();
    out.insert(out.end(), systems.begin(), systems.end());
  }
  return out;
}

std::vector<std::string> Catalogue::versions_of(std::string_view group, std::string_view kind) const {
  std::vector<std::string> out;
  for (const KindInfo& each : kinds()) {
    if (each.group == group && each.kind == kind && each.is_served) out.emplace_back(each.version);
  }
  return out;
}

std::vector<std::string> Catalogue::kinds_of(std::string_view api_version) const {
  std::vector<std::string> out;
  for (const KindInfo& each : kinds()) {
    if (each.api_version() == api_version) out.emplace_back(each.kind);
  }
  return out;
}

std::vector<std::string> Catalogue::api_versions() const {
  std::set<std::string> out;
  for (const KindInfo& each : kinds()) out.insert(each.api_version());
  return {out.begin(), out.end()};
}

}  // namespace mlk::inline v0::validation::schema
