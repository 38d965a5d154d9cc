#include "shape.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation {

using document::Kind;
using document::Node;

namespace {

/// Walks an object and its shape side by side. The path is kept as one growing list, so that nothing is built for the
/// many values that are right.
class Walk {
 public:
  Walk(const Node& object, Finder& finder) : m_object(object), m_finder(finder) {}

  void check(const Node& node, const Shape& shape, const Place& around) {
    if (node.is_null()) return;
    const Place& place = node.place().is_known() ? node.place() : around;
    switch (shape.base) {
      case Base::any:
        return;
      case Base::text:
        return check_text(node, shape, place);
      case Base::integer:
        return check_integer(node, shape, place);
      case Base::number:
        if (!node.as_double()) wrong_type(node, "a number", place);
        return;
      case Base::boolean:
        if (!node.as_bool()) wrong_type(node, "a boolean", place);
        return;
      case Base::quantity:
        return check_quantity(node, place);
      case Base::int_or_text:
        if (!node.as_int() && !node.is_string()) wrong_type(node, "an integer or a string", place);
        return;
      case Base::object:
        return check_object(node, shape, place);
      case Base::map:
        return check_map(node, shape, place);
      case Base::list:
        return check_list(node, shape, place);
    }
  }

 private:
  void report(std::string_view code, const Place& place, Finder::Words words) {
    m_finder.report(code, m_object, m_path, place, std::move(words));
  }

  std::string last() const {
    if (m_path.empty()) return "the object";
    if (const auto* key = std::get_if<std::string>(&m_path.back())) return fmt::format("'{}'", *key);
    return fmt::format("item {}", std::get<std::size_t>(m_path.back()));
  }

  void wrong_type(const Node& node, std::string_view wanted, const Place& place) {
    Finder::Words words;
    words.message = fmt::format("{} is {}, not {}", last(), describe(node.kind()), wanted);
    const bool is_scalar = !node.is_mapping() && !node.is_sequence();
    if (is_scalar && !node.is_string() && wanted == "a string") {
      words.fix = "put it in quotes";
    } else if (node.is_string() && (wanted == "an integer" || wanted == "a boolean")) {
      words.fix = "write it without quotes";
    }
    report("field-type", place, std::move(words));
  }

  void check_text(const Node& node, const Shape& shape, const Place& place) {
    const auto text = node.as_string();
    if (!text) return wrong_type(node, "a string", place);
    if (!shape.allowed.empty() && std::find(shape.allowed.begin(), shape.allowed.end(), *text) == shape.allowed.end()) {
      const std::vector<std::string> allowed(shape.allowed.begin(), shape.allowed.end());
      report("value-invalid", place,
             {fmt::format("{} can't be '{}'{}", last(), *text, did_you_mean(*text, allowed)),
              {},
              "one of: " + join(allowed, ", ")});
      return;
    }
    check_format(*text, shape.format, place);
  }

  void check_format(std::string_view text, Format format, const Place& place) {
    if (conforms(text, format)) return;
    report(code_for(format), place,
           {fmt::format("'{}' is no valid {}", text, format == Format::absolute_path ? "absolute path" : "name"),
            {},
            fmt::format("use {}", describe(format))});
  }

  void check_integer(const Node& node, const Shape& shape, const Place& place) {
    const auto value = node.as_int();
    if (!value) return wrong_type(node, "an integer", place);
    if (*value >= shape.least && *value <= shape.most) return;
    const bool has_most = shape.most != std::numeric_limits<std::int64_t>::max();
    report("value-invalid", place,
           {fmt::format("{} can't be {}", last(), *value),
            {},
            has_most ? fmt::format("{} to {}", shape.least, shape.most) : fmt::format("at least {}", shape.least)});
  }

  void check_quantity(const Node& node, const Place& place) {
    if (node.kind() != Kind::string && !node.as_double()) return wrong_type(node, "a quantity", place);
    const std::string text = node.scalar_text();
    const auto value = parse_quantity_milli(text);
    if (!value) {
      report("quantity-invalid", place, {fmt::format("{}: '{}' is no quantity", last(), text), {}, {}});
    } else if (*value < 0) {
      report("quantity-invalid", place, {fmt::format("{} is below zero: {}", last(), text), {}, {}});
    }
  }

  void check_object(const Node& node, const Shape& shape, const Place& place) {
    if (!node.is_mapping()) return wrong_type(node, "a map", place);
    for (const document::Entry& entry : node.entries()) {
      const auto field = std::find_if(shape.fields.begin(), shape.fields.end(),
                                      [&](const Field& each) { return each.name == entry.key; });
      m_path.emplace_back(entry.key);
      if (field == shape.fields.end()) {
        unknown_field(entry, shape, entry.key_place.is_known() ? entry.key_place : place);
      } else {
        check(entry.value, *field->shape, entry.key_place.is_known() ? entry.key_place : place);
      }
      m_path.pop_back();
    }
    for (const Field& field : shape.fields) {
      if (!field.is_required || !node[field.name].is_null()) continue;
      report("field-required", place, {fmt::format("{} lacks '{}'", last(), field.name), {}, {}});
    }
  }

  void unknown_field(const document::Entry& entry, const Shape& shape, const Place& place) {
    std::vector<std::string> known;
    for (const Field& field : shape.fields) known.emplace_back(field.name);
    report("field-unknown", place,
           {fmt::format("unknown field '{}'{}", entry.key, did_you_mean(entry.key, known)), {}, {}});
  }

  void check_map(const Node& node, const Shape& shape, const Place& place) {
    if (!node.is_mapping()) return wrong_type(node, "a map", place);
    for (const document::Entry& entry : node.entries()) {
      const Place& key_place = entry.key_place.is_known() ? entry.key_place : place;
      m_path.emplace_back(entry.key);
      check_format(entry.key, shape.format, key_place);
      check(entry.value, *shape.item, key_place);
      m_path.pop_back();
    }
  }

  void check_list(const Node& node, const Shape& shape, const Place& place) {
    if (!node.is_sequence()) return wrong_type(node, "a list", place);
    std::vector<std::string_view> seen;
    for (std::size_t i = 0; i < node.items().size(); ++i) {
      const Node& item = node.items()[i];
      m_path.emplace_back(i);
      check(item, *shape.item, place);
      if (const auto name = item[shape.unique].as_string(); !shape.unique.empty() && name) {
        if (std::find(seen.begin(), seen.end(), *name) != seen.end()) {
          report("duplicate-name", item.place().is_known() ? item.place() : place,
                 {fmt::format("a second item with {} '{}'", shape.unique, *name), {}, {}});
        }
        seen.push_back(*name);
      }
      m_path.pop_back();
    }
  }

  const Node& m_object;
  Finder& m_finder;
  document::Path m_path;
};

void check_name(const Node& object, const KindShape& kind, Finder& finder) {
  const Spot name = Spot(object).at({"metadata", "name"});
  if (name.is_null()) {
    if (Spot(object).at({"metadata", "generateName"}).is_null() && !Spot(object)["metadata"].is_null()) {
      finder.report("field-required", Spot(object)["metadata"], {"'metadata' lacks 'name'", {}, {}});
    }
    return;
  }
  const auto text = name.node().as_string();
  if (!text || conforms(*text, kind.name)) return;
  finder.report("name-invalid", name,
                {fmt::format("'{}' is no valid name for a {}", *text, kind.kind),
                 {},
                 fmt::format("use {}", describe(kind.name))});
}

}  // namespace

void check_shape(const Node& object, const KindShape& kind, Finder& finder) {
  Walk(object, finder).check(object, *kind.shape, object.place());
  check_name(object, kind, finder);
}

}  // namespace mlk::inline v0::validation
