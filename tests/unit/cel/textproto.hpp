#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The text format of protocol buffers, as far as the CEL specification's tests use it.
namespace textproto {

/// A scalar as it stands there, strings without quotes and escapes; or a message.
struct Field {
  std::string name;
  std::string text;
  bool is_message = false;
  std::vector<Field> fields;

  /// The first field of that name, or null pointer.
  const Field* find(std::string_view wanted) const;
  std::vector<const Field*> all(std::string_view wanted) const;
  std::string text_of(std::string_view wanted) const;
};

/// A whole file as one message; throws std::runtime_error with the line of what it can't read.
Field parse(std::string_view text);

}  // namespace textproto
