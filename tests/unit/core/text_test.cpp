#include <mlk/core/diagnostic.hpp>
#include <mlk/core/text.hpp>

#include <catch2/catch.hpp>

using namespace mlk;

TEST_CASE("nearest: the likely meaning of a slip, and nothing for what is far", "[core][text]") {
  const std::vector<std::string> verbs = {"submit", "status", "logs", "list", "delete"};
  CHECK(nearest("sumbit", verbs) == "submit");
  CHECK(nearest("lgos", verbs) == "logs");
  CHECK(nearest("deleet", verbs) == "delete");
  CHECK_FALSE(nearest("promote", verbs));
  CHECK(did_you_mean("stauts", verbs) == " (did you mean 'status'?)");
  CHECK(did_you_mean("xyzzy", verbs).empty());
}

TEST_CASE("display width: combining marks count nothing, wide characters two", "[core][text]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("é") == 1);
  CHECK(display_width("e\xCC\x81") == 1);
  CHECK(display_width("日本") == 4);
  CHECK(display_width("✔") == 1);
  CHECK(display_width("\x1b") == 0);
}

TEST_CASE("printable: escape sequences and broken UTF-8 can't reach the terminal", "[core][text]") {
  CHECK(printable("a\x1b[31mb") == "a\xEF\xBF\xBD[31mb");
  CHECK(printable("a\nb\tc") == "a\nb\tc");
  CHECK(printable("\xFF") == "\xEF\xBF\xBD");
  CHECK(printable("日本") == "日本");
  CHECK(printable("\xE2\x80\xAE") == "\xEF\xBF\xBD");
}

TEST_CASE("split and join are each other's inverse", "[core][text]") {
  for (const std::string text : {"", "a", "a,b", ",", "a,,b,"}) CHECK(join(split(text, ','), ",") == text);
  CHECK(trim("  a b\n") == "a b");
  CHECK(trim(" \t").empty());
}

TEST_CASE("diagnostic: one line, the place first", "[core][diagnostic]") {
  Diagnostic d;
  d.code = "duplicate-key";
  d.message = "key 'a' is there twice";
  CHECK(to_string(d) == "error duplicate-key key 'a' is there twice");
  d.place = {std::make_shared<const std::string>("mlk.yaml"), 3, 5};
  CHECK(to_string(d) == "mlk.yaml:3:5: error duplicate-key key 'a' is there twice");
  d.severity = Severity::warning;
  d.place.column = 0;
  CHECK(to_string(d) == "mlk.yaml:3: warning duplicate-key key 'a' is there twice");
}
