#include "format.hpp"

#include <mlk/validation/schema.hpp>

#include <array>

namespace mlk::inline v0::validation::schema {

namespace {

// The word of a slot, 0 when the type hasn't got it.
std::uint32_t slot(const PackData* data, std::uint32_t at, Slot which) noexcept {
  if (data == nullptr) return 0;
  const std::uint32_t mask = data->type_word(std::uint64_t{at} + 4);
  const std::uint32_t bit = 1U << static_cast<std::uint32_t>(which);
  if ((mask & bit) == 0) return 0;
  return data->type_word(std::uint64_t{at} + 8 + 4ULL * static_cast<unsigned>(std::popcount(mask & (bit - 1))));
}

bool flag(const PackData* data, std::uint32_t at, std::uint32_t bit) noexcept {
  return data != nullptr && (data->type_word(at) & bit) != 0;
}

std::optional<std::uint32_t> size(const PackData* data, std::uint32_t at, Slot which) noexcept {
  const std::uint32_t word = slot(data, at, which);
  return word == 0 ? std::nullopt : std::optional<std::uint32_t>(word - 1);
}

std::optional<double> number(const PackData* data, std::uint32_t at, Slot which) noexcept {
  const std::uint32_t where = slot(data, at, which);
  if (where == 0 || !data->holds(data->header.types, where, sizeof(double))) return std::nullopt;
  double value = 0;
  std::memcpy(&value, data->bytes + data->header.types.at + where, sizeof value);
  return value;
}

// How many items of `words` words there is room for behind a list's length.
std::size_t count(const PackData* data, std::uint32_t at, std::uint32_t words, std::uint32_t head) noexcept {
  if (data == nullptr || at == 0) return 0;
  const std::uint64_t begin = std::uint64_t{at} + head;
  if (begin > data->header.types.size) return 0;
  const std::uint64_t room = (data->header.types.size - begin) / (words * 4ULL);
  const std::uint32_t said = data->type_word(at);
  return said <= room ? said : static_cast<std::size_t>(room);
}

Field field_at(const PackData* data, std::uint32_t table, std::size_t index) noexcept {
  const std::uint64_t at = std::uint64_t{table} + 8 + index * k_field_words * 4ULL;
  return {data->text(data->type_word(at)), Type(data, data->type_word(at + 4)), data->text(data->type_word(at + 8)),
          (data->type_word(at + 12) & k_field_is_required) != 0};
}

}  // namespace

std::string_view to_string(Base base) noexcept {
  constexpr std::array<std::string_view, 10> k_names{"any",   "boolean", "integer",       "number",   "string",
                                                     "array", "object",  "int-or-string", "quantity", "recursive"};
  const auto number = static_cast<std::size_t>(base);
  return number < k_names.size() ? k_names[number] : k_names[0];
}

template <>
std::size_t List<std::string_view>::size() const noexcept {
  return count(m_data, m_at, 1, 4);
}
template <>
std::size_t List<Type>::size() const noexcept {
  return count(m_data, m_at, 1, 4);
}
template <>
std::size_t List<Rule>::size() const noexcept {
  return count(m_data, m_at, k_rule_words, 4);
}

template <>
std::string_view List<std::string_view>::operator[](std::size_t index) const noexcept {
  return index < size() ? m_data->text(m_data->type_word(m_at + 4ULL + index * 4)) : std::string_view();
}

template <>
Type List<Type>::operator[](std::size_t index) const noexcept {
  return index < size() ? Type(m_data, m_data->type_word(m_at + 4ULL + index * 4)) : Type();
}

template <>
Rule List<Rule>::operator[](std::size_t index) const noexcept {
  if (index >= size()) return {};
  const std::uint64_t at = m_at + 4ULL + index * k_rule_words * 4;
  const auto text = [&](unsigned number) { return m_data->text(m_data->type_word(at + number * 4ULL)); };
  return {text(0), text(1), text(2), text(3), text(4), m_data->type_word(at + 20) != 0};
}

Base Type::base() const noexcept {
  if (m_data == nullptr) return Base::any;
  const std::uint32_t base = m_data->type_word(m_at) & k_base_mask;
  return base < static_cast<std::uint32_t>(Base::recursive) ? static_cast<Base>(base) : Base::any;
}

bool Type::is_nullable() const noexcept { return flag(m_data, m_at, k_is_nullable); }
bool Type::preserves_unknown() const noexcept { return flag(m_data, m_at, k_preserves_unknown); }
bool Type::is_embedded_resource() const noexcept { return flag(m_data, m_at, k_is_embedded_resource); }
bool Type::has_unique_items() const noexcept { return flag(m_data, m_at, k_has_unique_items); }
bool Type::is_map_atomic() const noexcept { return flag(m_data, m_at, k_is_map_atomic); }
bool Type::is_minimum_exclusive() const noexcept { return flag(m_data, m_at, k_is_minimum_exclusive); }
bool Type::is_maximum_exclusive() const noexcept { return flag(m_data, m_at, k_is_maximum_exclusive); }

ListType Type::list_type() const noexcept {
  return m_data == nullptr ? ListType::none : static_cast<ListType>((m_data->type_word(m_at) >> k_list_type_shift) & 3);
}

std::string_view Type::format() const noexcept {
  return m_data == nullptr ? std::string_view() : m_data->text(slot(m_data, m_at, Slot::format));
}
std::string_view Type::pattern() const noexcept {
  return m_data == nullptr ? std::string_view() : m_data->text(slot(m_data, m_at, Slot::pattern));
}

List<std::string_view> Type::enum_values() const noexcept { return {m_data, slot(m_data, m_at, Slot::enum_values)}; }
List<std::string_view> Type::required() const noexcept { return {m_data, slot(m_data, m_at, Slot::required)}; }
List<std::string_view> Type::list_keys() const noexcept { return {m_data, slot(m_data, m_at, Slot::list_keys)}; }
List<Type> Type::all_of() const noexcept { return {m_data, slot(m_data, m_at, Slot::all_of)}; }
List<Type> Type::any_of() const noexcept { return {m_data, slot(m_data, m_at, Slot::any_of)}; }
List<Type> Type::one_of() const noexcept { return {m_data, slot(m_data, m_at, Slot::one_of)}; }
List<Rule> Type::rules() const noexcept { return {m_data, slot(m_data, m_at, Slot::rules)}; }
Type Type::items() const noexcept { return {m_data, slot(m_data, m_at, Slot::items)}; }
Type Type::additional() const noexcept { return {m_data, slot(m_data, m_at, Slot::additional)}; }
Type Type::negated() const noexcept { return {m_data, slot(m_data, m_at, Slot::negated)}; }

std::optional<double> Type::minimum() const noexcept { return number(m_data, m_at, Slot::minimum); }
std::optional<double> Type::maximum() const noexcept { return number(m_data, m_at, Slot::maximum); }
std::optional<double> Type::multiple_of() const noexcept { return number(m_data, m_at, Slot::multiple_of); }

std::optional<std::uint32_t> Type::min_length() const noexcept { return schema::size(m_data, m_at, Slot::min_length); }
std::optional<std::uint32_t> Type::max_length() const noexcept { return schema::size(m_data, m_at, Slot::max_length); }
std::optional<std::uint32_t> Type::min_items() const noexcept { return schema::size(m_data, m_at, Slot::min_items); }
std::optional<std::uint32_t> Type::max_items() const noexcept { return schema::size(m_data, m_at, Slot::max_items); }
std::optional<std::uint32_t> Type::min_properties() const noexcept {
  return schema::size(m_data, m_at, Slot::min_properties);
}
std::optional<std::uint32_t> Type::max_properties() const noexcept {
  return schema::size(m_data, m_at, Slot::max_properties);
}

std::size_t Type::field_count() const noexcept {
  return count(m_data, slot(m_data, m_at, Slot::fields), k_field_words, 8);
}

Field Type::field(std::size_t index) const noexcept {
  if (index >= field_count()) return {};
  return field_at(m_data, slot(m_data, m_at, Slot::fields), index);
}

Field Type::find_field(std::string_view name) const noexcept {
  const std::uint32_t table = slot(m_data, m_at, Slot::fields);
  const std::size_t fields = count(m_data, table, k_field_words, 8);
  if (fields == 0) return {};
  const std::uint32_t log2 = m_data->type_word(std::uint64_t{table} + 4);
  if (log2 == 0 || log2 > 16) return {};
  // One check for the whole table: this is where a validator spends its time.
  const std::uint64_t length = 8 + fields * k_field_words * 4 + (std::uint64_t{2} << log2);
  if (!m_data->holds(m_data->header.types, table, length)) return {};
  const char* entries = m_data->bytes + m_data->header.types.at + table + 8;
  const char* slots = entries + fields * k_field_words * 4;
  const std::uint32_t mask = (1U << log2) - 1;
  std::uint32_t at = hash_name(name) & mask;
  for (std::uint32_t probe = 0; probe <= mask; ++probe, at = (at + 1) & mask) {
    std::uint16_t number = 0;
    std::memcpy(&number, slots + at * sizeof number, sizeof number);
    if (number == 0 || number > fields) return {};
    const char* entry = entries + (number - std::size_t{1}) * k_field_words * 4;
    const std::string_view found = m_data->text(PackData::load(entry));
    if (found != name) continue;
    return {found, Type(m_data, PackData::load(entry + 4)), m_data->text(PackData::load(entry + 8)),
            (PackData::load(entry + 12) & k_field_is_required) != 0};
  }
  return {};
}

}  // namespace mlk::inline v0::validation::schema
