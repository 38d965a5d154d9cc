#pragma once

#include "format.hpp"
#include "reader.hpp"

#include <mlk/document/node.hpp>
#include <mlk/project/project.hpp>

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// One table a section says which fields it has. The loader, the check for unknown keys, the defaults and the JSON
/// Schema all come from it, so they can't drift apart.
namespace mlk::project {

/// Whole sections want what is required; an overlay holds any part of one.
enum class SchemaMode : std::uint8_t { whole, overlay };

struct FieldOptions {
  bool is_required = false;
  std::string_view default_text = {};  ///< as it would stand in the file; empty for none
  Format format = Format::any;         ///< of a text, or of the items of a list or map
  Format key_format = Format::any;     ///< of a map's keys
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// How a value of one type is read and described. `fill` puts defaults into a map that is there.
template <class T>
struct Codec;

template <class Owner>
struct Field {
  std::string_view name;
  std::string_view doc;
  FieldOptions options;
  std::function<void(const document::Node&, Reader&, Owner&)> read;
  std::function<void(document::Node&)> fill;
  std::function<document::Node(SchemaMode)> schema;
  bool is_always_there = false;  ///< a map that is filled with its own defaults even where it isn't given
};

template <class Owner>
using Fields = std::vector<Field<Owner>>;

// Every type that has a table; the tables stand in fields_*.cpp.
struct File;
struct Cluster;
struct Metrics;
struct GpuWords;
const Fields<File>& fields_of(const File*);
const Fields<Cluster>& fields_of(const Cluster*);
const Fields<Metrics>& fields_of(const Metrics*);
const Fields<GpuWords>& fields_of(const GpuWords*);
const Fields<Resources>& fields_of(const Resources*);
const Fields<Volume>& fields_of(const Volume*);
const Fields<Checkpoint>& fields_of(const Checkpoint*);
const Fields<Code>& fields_of(const Code*);
const Fields<Toleration>& fields_of(const Toleration*);
const Fields<PodPlacement>& fields_of(const PodPlacement*);
const Fields<Patch>& fields_of(const Patch*);
const Fields<PodSettings>& fields_of(const PodSettings*);
const Fields<Model>& fields_of(const Model*);
const Fields<Job>& fields_of(const Job*);
const Fields<Engine>& fields_of(const Engine*);
const Fields<Scale>& fields_of(const Scale*);
const Fields<Expose>& fields_of(const Expose*);
const Fields<Step>& fields_of(const Step*);
const Fields<Gate>& fields_of(const Gate*);
const Fields<Rollout>& fields_of(const Rollout*);
const Fields<Probes>& fields_of(const Probes*);
const Fields<Disruption>& fields_of(const Disruption*);
const Fields<Service>& fields_of(const Service*);

template <class T>
concept HasFields = requires {
  fields_of(static_cast<const T*>(nullptr));
};

/// Says what is wrong with the keys of a map, and, where the value itself has no mistake yet, with it.
void check_options(const document::Node& node, const FieldOptions& options, bool is_clean, Reader& reader);
/// Puts the options into the schema of a value.
document::Node with_options(const document::Node& schema, const FieldOptions& options, std::string_view doc);
/// In an overlay null removes.
document::Node or_null(document::Node schema);
/// The field's default as a value.
document::Node default_node(std::string_view text);
void report_unknown_keys(const document::Node& map, const std::vector<std::string>& known, Reader& reader);
document::Node object_schema(document::Node properties, const std::vector<std::string>& required);

template <class Owner, class T>
Field<Owner> field(std::string_view name, T Owner::*member, std::string_view doc, FieldOptions options = {}) {
  Field<Owner> out{name, doc, options, {}, {}, {}, false};
  out.read = [member](const document::Node& node, Reader& reader, Owner& owner) {
    Codec<T>::read(node, reader, owner.*member);
  };
  out.fill = [](document::Node& node) { Codec<T>::fill(node); };
  out.schema = [](SchemaMode mode) { return Codec<T>::schema(mode); };
  out.is_always_there = HasFields<T> && !options.is_required;
  return out;
}

/// The fields of a part, as fields of the whole: for what several sections share.
template <class Owner, class Part>
void add_fields_of(Fields<Owner>& fields, Part Owner::*part) {
  for (const Field<Part>& inner : fields_of(static_cast<const Part*>(nullptr))) {
    Field<Owner> out{inner.name, inner.doc, inner.options, {}, inner.fill, inner.schema, inner.is_always_there};
    out.read = [part, read = inner.read](const document::Node& node, Reader& reader, Owner& owner) {
      read(node, reader, owner.*part);
    };
    fields.push_back(std::move(out));
  }
}

template <class T>
void read_fields(const document::Node& node, Reader& reader, T& out) {
  const Fields<T>& fields = fields_of(static_cast<const T*>(nullptr));
  std::vector<std::string> known;
  for (const auto& field : fields) known.emplace_back(field.name);
  report_unknown_keys(node, known, reader);
  for (const auto& field : fields) {
    const document::Entry* entry = nullptr;
    for (const auto& candidate : node.entries()) {
      if (candidate.key == field.name) entry = &candidate;
    }
    if (entry == nullptr) {
      if (field.options.is_required) {
        reader.error("project-missing", reader.place().file ? reader.place() : node.place(),
                     "'" + std::string(field.name) + "' is missing", std::string(field.doc));
      }
      continue;
    }
    const Reader::Step step(reader, field.name, entry->key_place);
    const std::size_t before = reader.diagnostics().size();
    field.read(entry->value, reader, out);
    check_options(entry->value, field.options, reader.diagnostics().size() == before, reader);
  }
}

template <class T>
void fill_fields(document::Node& node) {
  for (const auto& field : fields_of(static_cast<const T*>(nullptr))) {
    document::Node* value = node.find(field.name);
    if (value == nullptr) {
      if (!field.options.default_text.empty()) {
        node.set(field.name, default_node(field.options.default_text));
        value = node.find(field.name);
      } else if (field.is_always_there) {
        document::Node made = document::Node::mapping();
        field.fill(made);
        if (!made.empty()) node.set(field.name, std::move(made));
        continue;
      }
    }
    if (value != nullptr) field.fill(*value);
  }
}

template <class T>
document::Node schema_of_fields(SchemaMode mode) {
  document::Node properties = document::Node::mapping();
  std::vector<std::string> required;
  for (const auto& field : fields_of(static_cast<const T*>(nullptr))) {
    document::Node value = with_options(field.schema(mode), field.options, field.doc);
    properties.set(field.name, mode == SchemaMode::overlay ? or_null(std::move(value)) : std::move(value));
    if (field.options.is_required && mode == SchemaMode::whole) required.emplace_back(field.name);
  }
  return object_schema(std::move(properties), required);
}

/// A map whose keys are a table's fields.
template <class T>
struct MapCodec {
  static void read(const document::Node& node, Reader& reader, T& out) {
    if constexpr (requires { out.place; }) out.place = node.place();
    if (!node.is_mapping()) {
      reader.wrong_kind("a map", node);
      return;
    }
    read_fields(node, reader, out);
  }
  static void fill(document::Node& node) {
    if (node.is_mapping()) fill_fields<T>(node);
  }
  static document::Node schema(SchemaMode mode) { return schema_of_fields<T>(mode); }
};

template <class T>
requires HasFields<T>
struct Codec<T> : MapCodec<T> {
};

/// A value that has no parts, so nothing to fill.
struct ScalarCodec {
  static void fill(document::Node&) {}
};

template <class T>
struct Codec<Located<T>> {
  static void read(const document::Node& node, Reader& reader, Located<T>& out) {
    out.place = node.place();
    Codec<T>::read(node, reader, out.value);
  }
  static void fill(document::Node& node) { Codec<T>::fill(node); }
  static document::Node schema(SchemaMode mode) { return Codec<T>::schema(mode); }
};

template <class T>
struct Codec<std::optional<T>> {
  static void read(const document::Node& node, Reader& reader, std::optional<T>& out) {
    Codec<T>::read(node, reader, out.emplace());
  }
  static void fill(document::Node& node) { Codec<T>::fill(node); }
  static document::Node schema(SchemaMode mode) { return Codec<T>::schema(mode); }
};

template <class T>
struct Codec<std::vector<T>> {
  static void read(const document::Node& node, Reader& reader, std::vector<T>& out) {
    if (!node.is_sequence()) {
      reader.wrong_kind("a list", node);
      return;
    }
    for (std::size_t i = 0; i < node.size(); ++i) {
      const Reader::Step step(reader, i, node.items()[i].place());
      Codec<T>::read(node.items()[i], reader, out.emplace_back());
    }
  }
  static void fill(document::Node& node) {
    if (!node.is_sequence()) return;
    for (auto& item : node.items_mutable()) Codec<T>::fill(item);
  }
  /// Lists are replaced as a whole, so their items are whole in an overlay too.
  static document::Node schema(SchemaMode) {
    return document::Node::mapping({{"type", "array"}, {"items", Codec<T>::schema(SchemaMode::whole)}});
  }
};

/// A map with the user's own keys.
template <class T>
struct Codec<std::vector<std::pair<std::string, T>>> {
  static void read(const document::Node& node, Reader& reader, std::vector<std::pair<std::string, T>>& out) {
    if (!node.is_mapping()) {
      reader.wrong_kind("a map", node);
      return;
    }
    for (const auto& entry : node.entries()) {
      const Reader::Step step(reader, entry.key, entry.key_place);
      out.emplace_back(entry.key, T());
      Codec<T>::read(entry.value, reader, out.back().second);
    }
  }
  static void fill(document::Node& node) {
    if (!node.is_mapping()) return;
    for (auto& entry : node.entries_mutable()) Codec<T>::fill(entry.value);
  }
  static document::Node schema(SchemaMode mode) {
    return document::Node::mapping({{"type", "object"}, {"additionalProperties", Codec<T>::schema(mode)}});
  }
};

}  // namespace mlk::project
