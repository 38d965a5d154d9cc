#include "textproto.hpp"

#include <mlk/cel/program.hpp>
#include <mlk/core/file.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

// The tests that the CEL specification ships; tests/unit/cel/fetch-conformance puts them into the cache.

using namespace mlk;
using namespace mlk::cel;

namespace {

std::filesystem::path folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = cache != nullptr ? cache : std::string(home != nullptr ? home : "") + "/.cache";
  return base / "mlk" / "cel-spec-v0.25.1";
}

/// Thrown where a test needs what Kubernetes' CEL hasn't.
struct OutOfScope {
  std::string why;
};

Type to_type(const textproto::Field& field) {
  const auto& kind = field.fields.at(0);
  static const std::map<std::string, Type> primitives = {{"BOOL", Type::boolean()},    {"INT64", Type::integer()},
                                                         {"UINT64", Type::uinteger()}, {"DOUBLE", Type::floating()},
                                                         {"STRING", Type::string()},   {"BYTES", Type::bytes()}};
  if (kind.name == "primitive") return primitives.at(kind.text);
  if (kind.name == "dyn") return Type::dyn();
  if (kind.name == "null") return Type::null();
  if (kind.name == "list_type") {
    const auto* item = kind.find("elem_type");
    return Type::list(item == nullptr ? Type::dyn() : to_type(*item));
  }
  if (kind.name == "map_type") return Type::map(to_type(*kind.find("key_type")), to_type(*kind.find("value_type")));
  if (kind.name == "type") return Type::type_of(kind.fields.empty() ? Type::dyn() : to_type(kind));
  if (kind.name == "well_known" && kind.text == "TIMESTAMP") return Type::timestamp();
  if (kind.name == "well_known" && kind.text == "DURATION") return Type::duration();
  if (kind.name == "abstract_type" && kind.text_of("name") == "optional_type") {
    return Type::optional(to_type(*kind.find("parameter_types")));
  }
  throw OutOfScope{"protobuf messages"};
}

double to_double(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

Value to_value(const textproto::Field& field) {
  Value value;
  const auto& kind = field.fields.at(0);
  if (kind.name == "null_value") return value;
  if (kind.name == "bool_value") return Value::of(kind.text == "true");
  if (kind.name == "int64_value")
    return Value::of(static_cast<std::int64_t>(std::strtoll(kind.text.c_str(), nullptr, 0)));
  if (kind.name == "string_value") return Value::of(kind.text);
  if (kind.name == "uint64_value") {
    value.kind = ValueKind::uinteger;
    value.uinteger = std::strtoull(kind.text.c_str(), nullptr, 0);
    return value;
  }
  if (kind.name == "double_value") {
    value.kind = ValueKind::floating;
    value.floating = to_double(kind.text);
    return value;
  }
  if (kind.name == "bytes_value" || kind.name == "type_value") {
    value.kind = kind.name == "type_value" ? ValueKind::type : ValueKind::bytes;
    value.text = kind.text;
    return value;
  }
  if (kind.name == "list_value") {
    value.kind = ValueKind::list;
    for (const auto* item : kind.all("values")) value.items.push_back(to_value(*item));
    return value;
  }
  if (kind.name == "map_value") {
    value.kind = ValueKind::map;
    for (const auto* entry : kind.all("entries")) {
      value.items.push_back(to_value(*entry->find("key")));
      value.items.push_back(to_value(*entry->find("value")));
    }
    return value;
  }
  const auto& any = kind.fields.empty() ? kind : kind.fields[0];
  const bool timestamp = any.name == "[type.googleapis.com/google.protobuf.Timestamp]";
  if (timestamp || any.name == "[type.googleapis.com/google.protobuf.Duration]") {
    value.kind = timestamp ? ValueKind::timestamp : ValueKind::duration;
    value.integer = std::strtoll(any.text_of("seconds").c_str(), nullptr, 10);
    const auto nanoseconds = std::strtoll(any.text_of("nanos").c_str(), nullptr, 10);
    if (timestamp) value.nanoseconds = static_cast<std::uint32_t>(nanoseconds);
    if (!timestamp) value.integer = value.integer * 1'000'000'000 + nanoseconds;
    return value;
  }
  throw OutOfScope{"protobuf messages"};
}

/// Equal, and of the same types all the way down; NaN equals NaN.
bool same(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
  if (a.kind == ValueKind::floating && a.floating != a.floating) return b.floating != b.floating;
  if (a.kind == ValueKind::list || a.kind == ValueKind::optional) {
    return std::equal(a.items.begin(), a.items.end(), b.items.begin(), same);
  }
  return a == b;
}

Environment environment(const textproto::Field& test) {
  Environment out;
  out.allow_bind().allow_mixed_literals().allow_quoted_identifiers().set_container(test.text_of("container"));
  for (const auto* declaration : test.all("type_env")) {
    const auto* ident = declaration->find("ident");
    if (ident == nullptr) throw OutOfScope{"functions that the caller declares"};
    out.declare(declaration->text_of("name"), to_type(*ident->find("type")));
  }
  return out;
}

/// Empty when the test holds.
std::string mistake(const textproto::Field& test) {
  const auto env = environment(test);
  Bindings bindings(env);
  for (const auto* entry : test.all("bindings")) {
    const auto* value = entry->find("value")->find("value");
    if (value == nullptr) throw OutOfScope{"unknown values and errors as input"};
    bindings.set(entry->text_of("key"), to_value(*value));
  }
  const auto* typed = test.find("typed_result");
  const auto* value = typed != nullptr ? typed->find("result") : test.find("value");
  const auto expected = value != nullptr ? to_value(*value) : Value::of(true);
  const auto type = typed != nullptr ? to_type(*typed->find("deduced_type")) : Type();

  const auto compiled = compile(env, test.text_of("expr"));
  const bool fails = test.find("eval_error") != nullptr || test.find("any_eval_errors") != nullptr;
  if (!compiled.program) {
    // An expression that can't hold may be refused before it is evaluated.
    return fails ? "" : to_string(compiled.issues.front(), test.text_of("expr"));
  }
  if (typed != nullptr && !(compiled.program->type() == type)) {
    return fmt::format("type {}, expected {}", compiled.program->type().to_string(), type.to_string());
  }
  if (test.text_of("check_only") == "true") return "";
  Evaluator evaluator;
  const auto result = evaluator.evaluate(*compiled.program, bindings);
  if (fails) return result ? "no failure but " + to_string(*result) : "";
  if (!result) return result.error().what;
  return same(*result, expected) ? "" : fmt::format("{}, expected {}", to_string(*result), to_string(expected));
}

/// Files about what Kubernetes doesn't have.
const std::map<std::string, std::string> k_other_files = {
    {"proto2", "protobuf messages"},   {"proto2_ext", "protobuf messages"}, {"proto3", "protobuf messages"},
    {"wrappers", "protobuf messages"}, {"enums", "protobuf messages"},      {"block_ext", "cel.block"},
    {"encoders_ext", "base64.encode"}, {"math_ext", "the math library"},
};

/// Where Kubernetes' CEL differs from the specification, or we do: file/section/test, and why.
const std::map<std::string, std::string>& known_differences() {
  static const std::map<std::string, std::string> differences = {
      {"fields/qualified_identifier_resolution/map_value_repeat_key", "cel-go takes the last of repeated keys"},
      {"fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous",
       "cel-go takes the last of repeated keys"},
      {"string_ext/format/scientific notation formatting clause",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/default precision for scientific notation",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/positive infinity support for scientific notation",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/negative infinity support for scientific notation",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/NaN support for decimal", "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/positive infinity support for decimal",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/negative infinity support for decimal",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/positive infinity support for fixed-point",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/negative infinity support for fixed-point",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/list support for string", "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/map support for string", "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/map support (all key types)",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/dyntype support for scientific notation",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/dyntype NaN/infinity support",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/dyntype support for lists",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/dyntype support for maps",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/format/scientific notation formatting clause in a string variable",
       "Kubernetes has version 2 of the string library, which formats so"},
      {"string_ext/value_errors/indexof_out_of_range", "Kubernetes' version of the string library gives -1"},
      {"string_ext/value_errors/lastindexof_out_of_range", "Kubernetes' version of the string library gives -1"},
  };
  return differences;
}

struct Count {
  std::size_t passed = 0;
  std::size_t known = 0;
  std::map<std::string, std::size_t> out_of_scope;
};

void run_test(const std::string& name, const textproto::Field& test, Count& count) {
  std::string what;
  try {
    if (test.text_of("expr").find("google.protobuf.") != std::string::npos &&
        test.text_of("expr").find('{') != std::string::npos) {
      throw OutOfScope{"protobuf messages"};
    }
    if (test.text_of("expr").find("TestAllTypes") != std::string::npos ||
        test.text_of("expr").find("NullValue") != std::string::npos) {
      throw OutOfScope{"protobuf messages"};
    }
    what = mistake(test);
  } catch (const OutOfScope& scope) {
    ++count.out_of_scope[scope.why];
    return;
  }
  // Kubernetes evaluates nothing that it hasn't checked.
  if (!what.empty() && test.text_of("disable_check") == "true") {
    ++count.out_of_scope["evaluation without a check of types"];
    return;
  }
  INFO(name << ": " << test.text_of("expr"));
  if (known_differences().count(name) != 0) {
    ++count.known;
    CHECK_FALSE(what.empty());
  } else {
    ++count.passed;
    CHECK(what == "");
  }
}

}  // namespace

TEST_CASE("cel: the specification's own tests hold, but for named differences", "[cel][conformance]") {
  if (!std::filesystem::exists(folder())) {
    WARN("skipped: " << folder() << " isn't there; tests/unit/cel/fetch-conformance fetches it");
    return;
  }
  Count count;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder())) files.insert(entry.path());
  for (const auto& file : files) {
    const auto text = read_file(file.string());
    REQUIRE(text);
    const auto tests = textproto::parse(*text);
    for (const auto* section : tests.all("section")) {
      for (const auto* test : section->all("test")) {
        const auto stem = file.stem().string();
        if (const auto other = k_other_files.find(stem); other != k_other_files.end()) {
          ++count.out_of_scope[other->second];
        } else {
          run_test(fmt::format("{}/{}/{}", stem, section->text_of("name"), test->text_of("name")), *test, count);
        }
      }
    }
  }
  std::string summary = fmt::format("{} pass, {} known to differ", count.passed, count.known);
  for (const auto& [why, times] : count.out_of_scope) summary += fmt::format(", {} need {}", times, why);
  CHECK(count.passed > 900);
  INFO(summary);
  if (std::getenv("MLK_CEL_SUMMARY") != nullptr) WARN(summary);
}
