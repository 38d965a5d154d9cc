#pragma once

#include <mlk/kube/object.hpp>

#include <protozero/exception.hpp>

// protozero asserts that a field has the wire type its number promises. What a server sends is no bug of ours: throw.
#define protozero_assert(claim) static_cast<void>((claim) ? 0 : throw protozero::unknown_pbf_wire_type_exception())
#include <protozero/pbf_reader.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace mlk::kube::proto {

// What the decoders share. All of these throw protozero's exceptions on broken input; the public functions of
// proto.hpp catch them.

inline std::string text(protozero::pbf_reader& reader) {
  const auto view = reader.get_view();
  return std::string(view.data(), view.size());
}

/// meta/v1 Time; an empty message is no time at all.
inline std::optional<SystemTime> time(protozero::pbf_reader& reader) {
  auto message = reader.get_message();
  std::optional<std::int64_t> seconds;
  while (message.next()) {
    if (message.tag() == 1) {
      seconds = message.get_int64();
    } else {
      message.skip();
    }
  }
  if (!seconds) return std::nullopt;
  return SystemTime(std::chrono::duration_cast<SystemTime::duration>(std::chrono::seconds(*seconds)));
}

/// An entry of map<string, string>.
inline void add_pair(StringPairs& pairs, protozero::pbf_reader& reader) {
  auto entry = reader.get_message();
  auto& [key, value] = pairs.emplace_back();
  while (entry.next()) {
    switch (entry.tag()) {
      case 1:
        key = text(entry);
        break;
      case 2:
        value = text(entry);
        break;
      default:
        entry.skip();
    }
  }
}

/// An entry of map<string, Quantity>.
inline void add_quantity(ResourceList& list, protozero::pbf_reader& reader) {
  auto entry = reader.get_message();
  auto& [key, value] = list.emplace_back();
  while (entry.next()) {
    if (entry.tag() == 1) {
      key = text(entry);
    } else if (entry.tag() == 2) {
      auto quantity = entry.get_message();
      while (quantity.next()) {
        if (quantity.tag() == 1) {
          value = text(quantity);
        } else {
          quantity.skip();
        }
      }
    } else {
      entry.skip();
    }
  }
}

ObjectMeta read_meta(protozero::pbf_reader meta);
Job read_job(protozero::pbf_reader job);
Pod read_pod(protozero::pbf_reader pod);
Node read_node(protozero::pbf_reader node);

/// Conditions of jobs, pods and nodes have the same numbers for what is read here.
Condition read_condition(protozero::pbf_reader condition);

}  // namespace mlk::kube::proto
