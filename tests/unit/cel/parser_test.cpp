#include "cel_expressions.hpp"

using Lines = std::vector<std::string>;

TEST_CASE("cel parser: operators bind as the grammar says", "[cel][parser]") {
  Self self;
  CHECK(self.eval("1 + 2 * 3 - 4 / 2") == "5");
  CHECK(self.eval("true || false && false") == "true");
  CHECK(self.eval("1 < 2 == true") == "true");
  CHECK(self.eval("false ? 1 : true ? 2 : 3") == "2");
  CHECK(self.eval("-2 - -2") == "0");
  CHECK(self.eval("!!true") == "true");
  CHECK(self.eval("2 in [1, 2] && !(3 in [1, 2])") == "true");
}

TEST_CASE("cel parser: literals of every kind are read", "[cel][parser]") {
  Self self;
  CHECK(self.eval("0x1F") == "31");
  CHECK(self.eval("-9223372036854775808") == "-9223372036854775808");
  CHECK(self.eval("18446744073709551615u") == "18446744073709551615u");
  CHECK(self.eval(".5e1") == "5.0");
  CHECK(self.eval(R"('a\n\x41\u00e9\101')") == R"("a\nA)"
                                               "\xC3\xA9"
                                               R"(A")");
  CHECK(self.eval(R"(r'\n' == '\\n')") == "true");
  CHECK(self.eval("'''a\n'b'''") == R"("a\n'b")");
  CHECK(self.eval(R"(b'\xff\377' == b"\xFF\xFF")") == "true");
  CHECK(self.eval("9223372036854775808") == "refused: invalid int literal");
  CHECK(self.eval("-1u").find("no matching overload for '-_'") != std::string::npos);
}

TEST_CASE("cel parser: a mistake has line and column, and one in an argument doesn't hide the next", "[cel][parser]") {
  Self self;
  CHECK(self.mistakes("self.a &&\n  (1 +) && true") == Lines{"2:7 Syntax error: unexpected ')'"});
  CHECK(self.mistakes("[1 +, 2 *]") == Lines{"1:5 Syntax error: unexpected ','", "1:10 Syntax error: unexpected ']'"});
  CHECK(self.mistakes("package + for") == Lines{"1:1 reserved identifier: package", "1:11 reserved identifier: for"});
  CHECK(self.mistakes("") == Lines{"1:1 Syntax error: the expression ends too early"});
  CHECK(self.mistakes("'a") ==
        Lines{"1:1 Syntax error: the string has no closing quote", "1:3 Syntax error: the expression ends too early"});
  CHECK(self.mistakes("[1].all(self.x, true)") == Lines{"1:13 argument must be a simple name"});
  CHECK(self.mistakes("has(self)") == Lines{"1:5 invalid argument to has() macro"});
}

TEST_CASE("cel parser: depth and length are limited, long chains of && are not", "[cel][parser]") {
  Self self;
  const auto repeat = [](std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
  };
  CHECK(self.eval(repeat("(", 5000) + "1" + repeat(")", 5000)) == "refused: expression recursion limit exceeded: 250");
  CHECK(self.eval(repeat("[", 90000)) == "refused: expression recursion limit exceeded: 250");
  CHECK(self.eval("self" + repeat(".a", 300)) == "refused: expression recursion limit exceeded: 250");
  CHECK(self.eval("1" + repeat(" + 1", 300)) == "refused: expression recursion limit exceeded: 250");
  CHECK(self.eval(repeat("!", 9001) + "true") == "false");
  CHECK(self.eval("true" + repeat(" && true", 9000)) == "true");
  CHECK(self.eval(repeat(" ", 100001)).find("exceeds limit: size: 100001, limit 100000") != std::string::npos);
}

TEST_CASE("cel parser: a caret stands below the mistake", "[cel][parser]") {
  const std::string text = "self.a\n  == foo";
  Self self;
  const auto issues = mlk::cel::compile(self.environment(), text).issues;
  REQUIRE(issues.size() == 1);
  CHECK(to_string(issues[0], text) ==
        "ERROR: 2:6: undeclared reference to 'foo' (in container '')\n |   == foo\n | .....^");
}
