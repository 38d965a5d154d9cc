#include <mlk/cel/program.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace mlk::cel;

// Whatever the text, compiling it ends with a program or with issues that lie within the text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Environment environment = [] {
    Environment made;
    made.declare("self", Type::dyn());
    made.declare("x", Type::integer());
    made.allow_bind().allow_quoted_identifiers();
    return made;
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto compiled = compile(environment, text);
  if (compiled.program.has_value() != compiled.issues.empty()) __builtin_trap();
  for (const auto& issue : compiled.issues) {
    if (issue.offset > size || to_string(issue, text).empty()) __builtin_trap();
  }
  return 0;
}
