#include "shape.hpp"
#include "walker.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/core/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::inline v0::validation {

using document::EntryView;
using document::Kind;
using document::View;

namespace {

/// Walks an object and its shape side by side.
class Walk : public Walker {
 public:
  using Walker::Walker;

  void check(View node, const Shape& shape) {
    if (node.is_null()) return;
    switch (shape.base) {
      case Base::any:
        return;
      case Base::text:
        return check_text(node, shape);
      case Base::integer:
        return check_integer(node, shape);
      case Base::number:
        if (!node.as_double()) wrong_type(node, "a number");
        return;
      case Base::boolean:
        if (!node.as_bool()) wrong_type(node, "a boolean");
        return;
      case Base::quantity:
        return check_quantity(node);
      case Base::int_or_text:
        if (node.as_int()) return check_integer(node, shape);
        if (node.is_string()) return check_name_or_share(node, shape);
        return wrong_type(node, "an integer or a string");
      case Base::object:
        return check_object(node, shape);
      case Base::map:
        return check_map(node, shape);
      case Base::list:
        return check_list(node, shape);
    }
  }

 private:
  void check_text(View node, const Shape& shape) {
    const auto text = node.as_string();
    if (!text) return wrong_type(node, "a string");
    if (text->empty()) return;  // counts as left out
    if (!shape.allowed.empty() && std::find(shape.allowed.begin(), shape.allowed.end(), *text) == shape.allowed.end()) {
      const std::vector<std::string> allowed(shape.allowed.begin(), shape.allowed.end());
      report("value-invalid", node,
             {fmt::format("{} can't be '{}'{}", name_of(node), *text, did_you_mean(*text, allowed)),
              {},
              "one of: " + join(allowed, ", ")});
      return;
    }
    check_format(node, shape.format);
  }

  void check_format(View node, Format format) {
    const std::string_view text = node.string_or();
    if (!conforms(text, format)) report(code_for(format), node, not_conforming(text, format));
  }

  static Finder::Words not_conforming(std::string_view text, Format format) {
    return {fmt::format("'{}' is no valid {}", text, format == Format::absolute_path ? "absolute path" : "name"),
            {},
            fmt::format("use {}", describe(format))};
  }

  void check_name_or_share(View node, const Shape& shape) {
    // A port without a name counts as left out.
    if (node.as_string() != "" || shape.format != Format::port_name) check_format(node, shape.format);
  }

  void check_integer(View node, const Shape& shape) {
    const auto value = node.as_int();
    if (!value) return wrong_type(node, "an integer");
    if (*value >= shape.least && *value <= shape.most) return;
    const bool has_most = shape.most != std::numeric_limits<std::int64_t>::max();
    report("value-invalid", node,
           {fmt::format("{} can't be {}", name_of(node), *value),
            {},
            has_most ? fmt::format("{} to {}", shape.least, shape.most) : fmt::format("at least {}", shape.least)});
  }

  void check_quantity(View node) {
    if (node.kind() != Kind::string && !node.as_double()) return wrong_type(node, "a quantity");
    const std::string text = node.scalar_text();
    const auto value = parse_quantity_milli(text);
    if (!value) {
      report("quantity-invalid", node, {fmt::format("{}: '{}' is no quantity", name_of(node), text), {}, {}});
    } else if (*value < 0) {
      report("quantity-invalid", node, {fmt::format("{} is below zero: {}", name_of(node), text), {}, {}});
    }
  }

  void check_object(View node, const Shape& shape) {
    if (!node.is_mapping()) return wrong_type(node, "a map");
    for (const EntryView entry : node.entries()) {
      const auto field = std::find_if(shape.fields.begin(), shape.fields.end(),
                                      [&](const Field& each) { return each.name == entry.name(); });
      if (field == shape.fields.end()) {
        unknown_field(entry, shape);
      } else {
        check(entry.value, *field->shape);
      }
    }
    for (const Field& field : shape.fields) {
      const View value = node[field.name];
      if (!field.is_required || !(value.is_null() || value.as_string() == "")) continue;
      report("field-required", node, {fmt::format("{} lacks '{}'", name_of(node), field.name), {}, {}});
    }
  }

  void unknown_field(const EntryView& entry, const Shape& shape) {
    std::vector<std::string> known;
    known.reserve(shape.fields.size());
    for (const Field& field : shape.fields) known.emplace_back(field.name);
    report_key("field-unknown", entry,
               {fmt::format("unknown field '{}'{}", entry.name(), did_you_mean(entry.name(), known)), {}, {}});
  }

  void check_map(View node, const Shape& shape) {
    if (!node.is_mapping()) return wrong_type(node, "a map");
    for (const EntryView entry : node.entries()) {
      if (!conforms(entry.name(), shape.format))
        report_key(code_for(shape.format), entry, not_conforming(entry.name(), shape.format));
      check(entry.value, *shape.item);
    }
  }

  void check_list(View node, const Shape& shape) {
    if (!node.is_sequence()) return wrong_type(node, "a list");
    std::vector<std::string_view> seen;
    for (const View item : node.items()) {
      check(item, *shape.item);
      if (shape.unique.empty()) continue;
      const auto name = item[shape.unique].as_string();
      if (!name) continue;
      if (std::find(seen.begin(), seen.end(), *name) != seen.end()) {
        report("duplicate-name", item, {fmt::format("a second item with {} '{}'", shape.unique, *name), {}, {}});
      }
      seen.push_back(*name);
    }
  }
};

}  // namespace

void check_name(View object, Format format, Finder& finder) {
  const Spot name = Spot(object).at({"metadata", "name"});
  if (name.is_null()) {
    if (Spot(object).at({"metadata", "generateName"}).is_null() && !Spot(object)["metadata"].is_null()) {
      finder.report("field-required", Spot(object)["metadata"], {"'metadata' lacks 'name'", {}, {}});
    }
    return;
  }
  const auto text = name.node().as_string();
  if (!text || conforms(*text, format)) return;
  finder.report("name-invalid", name,
                {fmt::format("'{}' is no valid name for a {}", *text, object["kind"].string_or()),
                 {},
                 fmt::format("use {}", describe(format))});
}

void check_shape(View object, const KindShape& kind, Finder& finder) {
  Walk(object, finder).check(object, *kind.shape);
  check_name(object, kind.name, finder);
}

}  // namespace mlk::inline v0::validation
