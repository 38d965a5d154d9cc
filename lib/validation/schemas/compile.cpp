#include "compile.hpp"

#include "format.hpp"

#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

namespace mlk::inline v0::validation::schema {

namespace {

// One section while it grows.
class Words {
 public:
  Words() { add(0); }
  std::uint32_t here() const noexcept { return static_cast<std::uint32_t>(m_bytes.size()); }
  void add(std::uint32_t word) { m_bytes.append(reinterpret_cast<const char*>(&word), sizeof word); }
  void add_double(double value) { m_bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void set(std::uint32_t at, std::uint32_t word) { std::memcpy(m_bytes.data() + at, &word, sizeof word); }
  void add_list(const std::vector<std::uint32_t>& words, std::size_t words_each = 1) {
    add(static_cast<std::uint32_t>(words.size() / words_each));
    for (const std::uint32_t word : words) add(word);
  }
  std::string& bytes() noexcept { return m_bytes; }

 private:
  std::string m_bytes;
};

class Strings {
 public:
  std::uint32_t add(const std::string& text) {
    if (text.empty()) return 0;
    const auto [at, is_new] = m_known.try_emplace(text, m_words.here());
    if (is_new) {
      m_words.add(static_cast<std::uint32_t>(text.size()));
      m_words.bytes() += text;
    }
    return at->second;
  }
  std::string& bytes() noexcept { return m_words.bytes(); }

 private:
  Words m_words;
  std::unordered_map<std::string, std::uint32_t> m_known;
};

// At most half full, so that probing ends soon.
std::uint32_t table_log2(std::size_t count) {
  std::uint32_t log2 = 1;
  while ((std::size_t{1} << log2) < 2 * count) ++log2;
  return log2;
}

std::vector<std::uint32_t> hash_table(const std::vector<std::uint32_t>& hashes) {
  const std::uint32_t mask = (1U << table_log2(hashes.size())) - 1;
  std::vector<std::uint32_t> slots(mask + std::size_t{1}, 0);
  for (std::size_t number = 0; number < hashes.size(); ++number) {
    std::uint32_t slot = hashes[number] & mask;
    while (slots[slot] != 0) slot = (slot + 1) & mask;
    slots[slot] = static_cast<std::uint32_t>(number + 1);
  }
  return slots;
}

class Types {
 public:
  Types(const TypePool& pool, Strings& strings) : m_pool(pool), m_strings(strings), m_at(pool.size(), 0) {}

  std::uint32_t add(TypeId id) {
    const TypeDef& type = m_pool[id];
    if (type.base == Base::recursive) {
      const TypeId bound = m_pool.bound(type.name);
      return bound == k_no_type ? 0 : add_bound(bound);
    }
    if (m_at[id] == 0) {
      m_is_open.insert(id);
      const std::uint32_t at = write(type);
      m_is_open.erase(id);
      m_at[id] = at;
      ++m_count;
    }
    return m_at[id];
  }

  // References to a type from inside itself can be filled in only when it is written.
  void finish() {
    for (const auto& [at, id] : m_patches) m_words.set(at, m_at[id]);
  }
  std::uint32_t count() const noexcept { return m_count; }
  std::string& bytes() noexcept { return m_words.bytes(); }

 private:
  // Offsets and sizes stay below this bit: with it, a word is the number of a type that is still open.
  static constexpr std::uint32_t k_open = 1U << 31;

  std::uint32_t add_bound(TypeId bound) { return m_is_open.contains(bound) ? k_open | bound : add(bound); }

  void link(std::uint32_t word) {
    if ((word & k_open) != 0) m_patches.emplace_back(m_words.here(), word & ~k_open);
    m_words.add(word);
  }

  std::uint32_t write_list(const std::vector<std::uint32_t>& items) {
    if (items.empty()) return 0;
    const std::uint32_t at = m_words.here();
    m_words.add(static_cast<std::uint32_t>(items.size()));
    for (const std::uint32_t item : items) link(item);
    return at;
  }

  std::uint32_t write_texts(const std::vector<std::string>& texts) {
    std::vector<std::uint32_t> items;
    items.reserve(texts.size());
    for (const std::string& text : texts) items.push_back(m_strings.add(text));
    return write_list(items);
  }

  std::uint32_t write_types(const std::vector<TypeId>& ids) {
    std::vector<std::uint32_t> items;
    items.reserve(ids.size());
    for (const TypeId id : ids) items.push_back(add(id));
    return write_list(items);
  }

  std::uint32_t write_double(const std::optional<double>& value) {
    if (!value) return 0;
    const std::uint32_t at = m_words.here();
    m_words.add_double(*value);
    return at;
  }

  std::uint32_t write_fields(const TypeDef& type) {
    if (type.fields.empty()) return 0;
    std::vector<std::uint32_t> types;
    std::vector<std::uint32_t> hashes;
    for (const FieldDef& field : type.fields) {
      types.push_back(add(field.type));
      hashes.push_back(hash_name(field.name));
    }
    const std::uint32_t at = m_words.here();
    m_words.add(static_cast<std::uint32_t>(type.fields.size()));
    m_words.add(table_log2(type.fields.size()));
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      m_words.add(m_strings.add(type.fields[i].name));
      link(types[i]);
      m_words.add(m_strings.add(type.fields[i].default_json));
      m_words.add(type.fields[i].is_required ? k_field_is_required : 0);
    }
    // Two slots a word: a field's number fits 16 bits.
    const auto slots = hash_table(hashes);
    for (std::size_t i = 0; i < slots.size(); i += 2) m_words.add(slots[i] | slots[i + 1] << 16);
    return at;
  }

  std::uint32_t write_rules(const std::vector<RuleDef>& rules) {
    if (rules.empty()) return 0;
    const std::uint32_t at = m_words.here();
    m_words.add(static_cast<std::uint32_t>(rules.size()));
    for (const RuleDef& rule : rules) {
      for (const auto* text : {&rule.rule, &rule.message, &rule.message_expression, &rule.field_path, &rule.reason}) {
        m_words.add(m_strings.add(*text));
      }
      m_words.add(rule.has_optional_old_self ? 1 : 0);
    }
    return at;
  }

  std::vector<std::string> required(const TypeDef& type) {
    std::vector<std::string> names = type.required;
    for (const FieldDef& field : type.fields) {
      if (field.is_required) names.push_back(field.name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::uint32_t write(const TypeDef& type) {
    std::vector<std::pair<Slot, std::uint32_t>> slots;
    const auto refer = [&](Slot slot, std::uint32_t at) {
      if (at != 0) slots.emplace_back(slot, at);
    };
    // Sizes are kept plus one, so that 0 can mean that there is none.
    const auto size = [&](Slot slot, const std::optional<std::int64_t>& value) {
      if (value && *value <= k_largest_size) {
        slots.emplace_back(slot, static_cast<std::uint32_t>(std::max<std::int64_t>(*value, 0)) + 1);
      }
    };
    const auto type_slot = [&](Slot slot, TypeId id) {
      if (id != k_no_type) slots.emplace_back(slot, add(id));
    };
    refer(Slot::format, m_strings.add(type.format));
    refer(Slot::pattern, m_strings.add(type.pattern));
    refer(Slot::enum_values, write_texts(type.enum_values));
    refer(Slot::minimum, write_double(type.minimum));
    refer(Slot::maximum, write_double(type.maximum));
    refer(Slot::multiple_of, write_double(type.multiple_of));
    size(Slot::min_length, type.min_length);
    size(Slot::max_length, type.max_length);
    size(Slot::min_items, type.min_items);
    size(Slot::max_items, type.max_items);
    size(Slot::min_properties, type.min_properties);
    size(Slot::max_properties, type.max_properties);
    type_slot(Slot::items, type.items);
    type_slot(Slot::additional, type.additional);
    type_slot(Slot::negated, type.negated);
    refer(Slot::fields, write_fields(type));
    refer(Slot::required, write_texts(required(type)));
    refer(Slot::list_keys, write_texts(type.list_keys));
    refer(Slot::all_of, write_types(type.all_of));
    refer(Slot::any_of, write_types(type.any_of));
    refer(Slot::one_of, write_types(type.one_of));
    refer(Slot::rules, write_rules(type.rules));

    const std::uint32_t at = m_words.here();
    m_words.add(flags(type));
    std::uint32_t mask = 0;
    for (const auto& [slot, value] : slots) mask |= 1U << static_cast<std::uint32_t>(slot);
    m_words.add(mask);
    for (const auto& [slot, value] : slots) link(value);
    return at;
  }

  static std::uint32_t flags(const TypeDef& type) {
    std::uint32_t out = static_cast<std::uint32_t>(type.base);
    out |= static_cast<std::uint32_t>(type.list_type) << k_list_type_shift;
    if (type.is_nullable) out |= k_is_nullable;
    if (type.preserves_unknown) out |= k_preserves_unknown;
    if (type.is_embedded_resource) out |= k_is_embedded_resource;
    if (type.has_unique_items) out |= k_has_unique_items;
    if (type.is_map_atomic) out |= k_is_map_atomic;
    if (type.is_minimum_exclusive) out |= k_is_minimum_exclusive;
    if (type.is_maximum_exclusive) out |= k_is_maximum_exclusive;
    return out;
  }

  const TypePool& m_pool;
  Strings& m_strings;
  Words m_words;
  std::vector<std::uint32_t> m_at;
  std::set<TypeId> m_is_open;
  std::vector<std::pair<std::uint32_t, TypeId>> m_patches;
  std::uint32_t m_count = 0;
};

std::string api_version(const KindDef& kind) {
  return kind.group.empty() ? kind.version : fmt::format("{}/{}", kind.group, kind.version);
}

class Index {
 public:
  Index(const Model& model, Strings& strings, Types& types) : m_model(model), m_strings(strings), m_types(types) {}

  std::string write() {
    for (auto i = static_cast<std::uint32_t>(IndexWord::minors); i < static_cast<std::uint32_t>(IndexWord::count);
         ++i) {
      m_words.add(0);
    }
    // The texts of the index before all others, so that they lie together.
    write_systems();
    write_lives();
    write_kinds();
    write_named();
    set(IndexWord::minors, m_minors.last == 0 ? 0 : m_minors.first | std::uint32_t{m_minors.last} << 8);
    m_types.finish();
    set(IndexWord::type_count, m_types.count());
    return std::move(m_words.bytes());
  }

 private:
  void set(IndexWord which, std::uint32_t word) { m_words.set(static_cast<std::uint32_t>(which) * 4, word); }

  void write_systems() {
    std::vector<std::uint32_t> words;
    for (const SystemDef& system : m_model.systems) {
      words.push_back(m_strings.add(system.name));
      words.push_back(m_strings.add(system.module));
      words.push_back(m_strings.add(join(system.versions, ",")));
      words.push_back(m_strings.add(system.path));
      words.push_back(m_strings.add(system.licence));
      words.push_back(system.is_builtin ? k_system_is_builtin : 0);
    }
    set(IndexWord::systems, m_words.here());
    m_words.add_list(words, k_system_words);
  }

  void write_lives() {
    std::vector<std::uint32_t> words;
    std::vector<std::uint32_t> hashes;
    // What is said last counts, so that a source can correct another.
    std::map<std::pair<std::string_view, std::string_view>, const LifecycleDef*> lives;
    for (const LifecycleDef& life : m_model.lifecycle) lives[{life.api_version, life.kind}] = &life;
    for (const auto& [key, chosen] : lives) {
      const LifecycleDef& life = *chosen;
      m_lives[life.api_version + " " + life.kind] = static_cast<std::uint32_t>(hashes.size() + 1);
      words.push_back(m_strings.add(life.api_version));
      words.push_back(m_strings.add(life.kind));
      words.push_back(life.introduced | life.deprecated << 8 | life.removed << 16);
      words.push_back(m_strings.add(life.replacement));
      hashes.push_back(hash_kind(life.api_version, life.kind));
    }
    set(IndexWord::lives, m_words.here());
    m_words.add_list(words, k_life_words);
    set(IndexWord::life_slots, m_words.here());
    m_words.add_list(hash_table(hashes));
  }

  struct Chosen {
    const KindDef* kind = nullptr;
    std::uint32_t system = 0;
    std::vector<std::uint32_t> texts;
  };

  std::vector<Chosen> choose() {
    std::vector<Chosen> chosen;
    std::unordered_map<std::string, std::size_t> known;
    for (std::uint32_t number = 0; number < m_model.systems.size(); ++number) {
      for (const KindDef& kind : m_model.systems[number].kinds) {
        const auto [at, is_new] = known.try_emplace(api_version(kind) + " " + kind.kind, chosen.size());
        if (is_new) chosen.emplace_back();
        chosen[at->second] = {&kind, number, {}};
      }
    }
    return chosen;
  }

  void write_kinds() {
    std::vector<Chosen> chosen = choose();
    for (Chosen& each : chosen) {
      const KindDef& kind = *each.kind;
      for (const std::string& text : {api_version(kind), kind.kind, kind.list_kind, kind.plural,
                                      join(kind.short_names, ","), kind.deprecation_warning}) {
        each.texts.push_back(m_strings.add(text));
      }
    }
    std::vector<std::uint32_t> words;
    std::vector<std::uint32_t> hashes;
    for (const Chosen& each : chosen) {
      const KindDef& kind = *each.kind;
      const bool is_builtin = m_model.systems[each.system].is_builtin;
      words.insert(words.end(), each.texts.begin(), each.texts.end());
      words.push_back(each.system);
      words.push_back((kind.is_namespaced ? k_kind_is_namespaced : 0) |
                      (kind.is_deprecated ? k_kind_is_deprecated : 0) | (kind.is_storage ? k_kind_is_storage : 0));
      words.push_back(write_served(kind.served));
      const auto life = m_lives.find(api_version(kind) + " " + kind.kind);
      words.push_back(is_builtin && life != m_lives.end() ? life->second : 0);
      hashes.push_back(hash_kind(api_version(kind), kind.kind));
    }
    set(IndexWord::kinds, m_words.here());
    m_words.add_list(words, k_kind_words);
    set(IndexWord::kind_slots, m_words.here());
    m_words.add_list(hash_table(hashes));
  }

  void write_named() {
    std::vector<std::uint32_t> words;
    for (const SystemDef& system : m_model.systems) {
      for (const auto& [name, served] : system.named) {
        words.push_back(m_strings.add(name));
        words.push_back(write_served(served));
      }
    }
    set(IndexWord::named, m_words.here());
    m_words.add_list(words, k_named_words);
  }

  std::uint32_t write_served(const std::vector<ServedDef>& served) {
    if (served.empty()) return 0;
    std::vector<std::uint32_t> words;
    for (const ServedDef& each : served) {
      words.push_back(each.minors.first | std::uint32_t{each.minors.last} << 8);
      words.push_back(m_types.add(each.type));
      if (each.minors.last == 255) continue;
      if (m_minors.last == 0 || each.minors.first < m_minors.first) m_minors.first = each.minors.first;
      m_minors.last = std::max(m_minors.last, each.minors.last);
    }
    const std::uint32_t at = m_words.here();
    m_words.add_list(words, k_served_words);
    return at;
  }

  const Model& m_model;
  Strings& m_strings;
  Types& m_types;
  Words m_words;
  MinorRange m_minors;
  std::unordered_map<std::string, std::uint32_t> m_lives;
};

void pad(std::string& bytes) { bytes.resize((bytes.size() + 7) / 8 * 8); }

}  // namespace

std::uint64_t index_checksum(Header header, std::string_view index) noexcept {
  header.index_checksum = 0;
  return checksum(index, checksum({reinterpret_cast<const char*>(&header), sizeof header}, k_format_version));
}

Result<std::string> compile(const Model& model) {
  for (TypeId id = 0; id < model.types.size(); ++id) {
    if (model.types[id].fields.size() > 30000) return Error(ErrorKind::failed, "a type has more than 30,000 fields");
  }
  Strings strings;
  Types types(model.types, strings);
  std::string index = Index(model, strings, types).write();
  pad(strings.bytes());
  pad(types.bytes());
  pad(index);
  const std::size_t total = sizeof(Header) + strings.bytes().size() + types.bytes().size() + index.size();
  if (total > k_largest_pack) return Error(ErrorKind::failed, "the schemas are larger than a pack can be (1 GiB)");

  Header header{};
  std::memcpy(header.magic, k_magic.data(), sizeof header.magic);
  header.format_version = k_format_version;
  header.file_size = static_cast<std::uint32_t>(total);
  std::uint32_t at = sizeof(Header);
  for (const auto& [section, bytes] : {std::pair<Section*, const std::string*>{&header.strings, &strings.bytes()},
                                       {&header.types, &types.bytes()},
                                       {&header.index, &index}}) {
    *section = {at, static_cast<std::uint32_t>(bytes->size())};
    at += section->size;
  }
  header.body_checksum = checksum(types.bytes(), checksum(strings.bytes(), k_format_version));
  header.index_checksum = index_checksum(header, index);
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  out.reserve(total);
  out += strings.bytes();
  out += types.bytes();
  out += index;
  return out;
}

}  // namespace mlk::inline v0::validation::schema
