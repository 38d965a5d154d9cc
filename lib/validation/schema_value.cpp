#include "schema_value.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace mlk::inline v0::validation {

using document::EntryView;
using document::Kind;
using document::View;
using schema::Base;
using schema::List;
using schema::Type;

namespace {

/// A pattern compiled once; a null pointer where RE2 can't read it, which then matches everything.
const re2::RE2* compiled(std::string_view pattern) {
  static std::shared_mutex mutex;
  static std::map<std::string, std::unique_ptr<re2::RE2>, std::less<>> known;
  {
    const std::shared_lock lock(mutex);
    if (const auto found = known.find(pattern); found != known.end()) return found->second.get();
  }
  auto made = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), re2::RE2::Quiet);
  if (!made->ok()) made.reset();
  const std::unique_lock lock(mutex);
  return known.emplace(std::string(pattern), std::move(made)).first->second.get();
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// A value as it stands in an enum: JSON on one line.
std::string as_json(View node) { return document::write_json(node.to_node()); }

class Faults {
 public:
  Faults(View node, Type type, bool is_builtin) : m_node(node), m_type(type), m_is_builtin(is_builtin) {}

  std::vector<std::string> take() {
    check_enum();
    if (const auto number = m_node.as_double()) check_number(*number);
    if (const auto text = m_node.as_string()) check_text(*text);
    if (m_type.base() == Base::quantity) check_quantity();
    if (m_node.is_sequence()) check_count("items", m_type.min_items(), m_type.max_items());
    if (m_node.is_mapping()) check_count("entries", m_type.min_properties(), m_type.max_properties());
    check_combinations();
    return std::move(m_faults);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> form, Args&&... args) {
    m_faults.push_back(fmt::format(form, std::forward<Args>(args)...));
  }

  void check_enum() {
    const auto values = m_type.enum_values();
    if (values.empty()) return;
    // A built-in's empty text counts as left out.
    if (m_is_builtin && m_node.as_string() == "") return;
    const std::string mine = as_json(m_node);
    std::vector<std::string> known;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == mine) return;
      known.emplace_back(values[i]);
    }
    add("can't be {}{}: one of {}", mine, did_you_mean(mine, known), join(known, ", "));
  }

  void check_number(double number) {
    const auto least = m_type.minimum();
    const auto most = m_type.maximum();
    if (least && (number < *least || (m_type.is_minimum_exclusive() && number == *least))) {
      add("can't be {}: {} {}", m_node.scalar_text(), m_type.is_minimum_exclusive() ? "more than" : "at least", *least);
    }
    if (most && (number > *most || (m_type.is_maximum_exclusive() && number == *most))) {
      add("can't be {}: {} {}", m_node.scalar_text(), m_type.is_maximum_exclusive() ? "less than" : "at most", *most);
    }
    if (m_type.format() == "int32" && m_node.as_int()) {
      constexpr std::int64_t k_most = std::numeric_limits<std::int32_t>::max();
      if (*m_node.as_int() > k_most || *m_node.as_int() < -k_most - 1)
        add("doesn't fit 32 bits: {}", m_node.scalar_text());
    }
  }

  void check_text(std::string_view text) {
    check_count_of(count_characters(text), "characters", m_type.min_length(), m_type.max_length());
    if (m_type.pattern().empty() || m_type.base() == Base::quantity) return;
    const re2::RE2* pattern = compiled(m_type.pattern());
    if (pattern != nullptr && !re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern)) {
      add("can't be '{}': it has to match {}", text, m_type.pattern());
    }
  }

  void check_quantity() {
    const std::string text = m_node.scalar_text();
    if (!parse_quantity_milli(text)) add("is no quantity: '{}'", text);
  }

  void check_count(std::string_view of, std::optional<std::uint32_t> least, std::optional<std::uint32_t> most) {
    check_count_of(m_node.size(), of, least, most);
  }

  void check_count_of(std::size_t count, std::string_view of, std::optional<std::uint32_t> least,
                      std::optional<std::uint32_t> most) {
    if (least && count < *least) add("has {} {}, and needs at least {}", count, of, *least);
    if (most && count > *most) add("has {} {}, and may have {}", count, of, *most);
  }

  /// Whether the value, and what lies below it as far as the schema speaks of it, satisfies a value validation. What is
  /// left out counts as what its structure fills in.
  bool satisfies(View node, Type type, Type structure) const {
    if (type.base() != Base::any && !is_of_base(node, type.base())) return false;
    if (!faults_of_value(node, type, m_is_builtin).empty()) return false;
    if (node.is_mapping() && !has_required(node, type, structure)) return false;
    for (const EntryView entry : node.entries()) {
      const schema::Field field = type.find_field(entry.name());
      const Type below = field ? field.type : type.additional();
      const schema::Field known = structure.find_field(entry.name());
      const Type below_structure = known ? known.type : structure.additional();
      if (below && !entry.value.is_null() && !satisfies(entry.value, below, below_structure)) return false;
    }
    for (const View item : node.items()) {
      if (type.items() && !satisfies(item, type.items(), structure.items())) return false;
    }
    return !node.is_mapping() || satisfies_filled_in(node, type, structure);
  }

  static bool has_required(View node, Type type, Type structure) {
    const auto required = type.required();
    for (std::size_t i = 0; i < required.size(); ++i) {
      if (node[required[i]].is_null() && structure.find_field(required[i]).default_json.empty()) return false;
    }
    return true;
  }

  bool satisfies_filled_in(View node, Type type, Type structure) const {
    for (std::size_t i = 0; i < type.field_count(); ++i) {
      const schema::Field field = type.field(i);
      const schema::Field known = structure.find_field(field.name);
      if (!node[field.name].is_null() || known.default_json.empty()) continue;
      const auto value = document::read_json(known.default_json);
      document::Arena arena;
      if (value && !satisfies(arena.add(*value), field.type, known.type)) return false;
    }
    return true;
  }

  std::size_t count_satisfied(const List<Type>& types) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < types.size(); ++i) count += satisfies(m_node, types[i], m_type) ? 1 : 0;
    return count;
  }

  void check_combinations() {
    if (m_type.base() == Base::int_or_string) return;
    const auto all = m_type.all_of();
    if (count_satisfied(all) < all.size()) add("doesn't satisfy all that its schema asks for (allOf)");
    const auto any = m_type.any_of();
    if (!any.empty() && count_satisfied(any) == 0) add("satisfies none of what its schema allows (anyOf)");
    const auto one = m_type.one_of();
    if (!one.empty()) {
      const std::size_t count = count_satisfied(one);
      if (count != 1) add("satisfies {} of the forms of which its schema allows exactly one (oneOf)", count);
    }
    if (m_type.negated() && satisfies(m_node, m_type.negated(), m_type)) add("is what its schema excludes (not)");
  }

  View m_node;
  Type m_type;
  bool m_is_builtin;
  std::vector<std::string> m_faults;
};

}  // namespace

bool is_of_base(View node, Base base) noexcept {
  switch (base) {
    case Base::boolean:
      return node.kind() == Kind::boolean;
    case Base::integer:
      return node.kind() == Kind::integer;
    case Base::number:
      return node.kind() == Kind::integer || node.kind() == Kind::floating;
    case Base::string:
      return node.is_string();
    case Base::array:
      return node.is_sequence();
    case Base::object:
      return node.is_mapping();
    case Base::int_or_string:
      return node.kind() == Kind::integer || node.is_string();
    case Base::quantity:
      return node.is_string() || node.kind() == Kind::integer || node.kind() == Kind::floating;
    case Base::any:
    case Base::recursive:
      return true;
  }
  return true;
}

std::vector<std::string> faults_of_value(View node, Type type, bool is_builtin) {
  return Faults(node, type, is_builtin).take();
}

}  // namespace mlk::inline v0::validation
