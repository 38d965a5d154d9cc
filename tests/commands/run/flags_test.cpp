#include "cli/flags.hpp"

#include <catch2/catch.hpp>

using namespace mlk;
using cli::Flags;

namespace {

struct Options {
  bool follow = false;
  bool plain = false;
  std::string name;
  std::optional<std::string> tag;
  std::vector<std::string> sets;
  int count = 0;
  int verbosity = 0;
  Milliseconds timeout{0};
  std::string where;
  std::vector<std::string> rest;
};

void add(Flags& flags, Options& opt) {
  flags.option(opt.follow, "-f,--follow", "follow");
  flags.option(opt.plain, "-p,--plain", "plain");
  flags.option(opt.name, "-n,--name", "NAME", "a name");
  flags.option(opt.tag, "--tag", "TAG", "a tag").choices({"alpha", "beta"});
  flags.option(opt.sets, "--set", "PATH=VALUE", "repeatable");
  flags.option(opt.count, "--count", "N", "a number");
  flags.count(opt.verbosity, "-v", "more");
  flags.option(opt.timeout, "--timeout", "DURATION", "time");
  flags.option(opt.where, "--dry-run", "WHERE", "where").implied("client");
  flags.arguments(opt.rest, "SECTION", "sections");
}

struct Parsed {
  Options options;
  Result<void> result;
};

Parsed parse(const std::vector<std::string>& words) {
  Parsed parsed;
  Flags flags;
  add(flags, parsed.options);
  parsed.result = flags.parse(words);
  return parsed;
}

std::string complaint(const std::vector<std::string>& words) {
  Parsed parsed = parse(words);
  if (parsed.result) return "";
  CHECK(parsed.result.error().kind == ErrorKind::usage);
  return parsed.result.error().what;
}

}  // namespace

TEST_CASE("flags: short flags share a dash, and the last one takes the rest as its value", "[cli][flags]") {
  const Parsed parsed = parse({"-fpnx", "-vv", "-v"});
  REQUIRE(parsed.result);
  CHECK(parsed.options.follow);
  CHECK(parsed.options.plain);
  CHECK(parsed.options.name == "x");
  CHECK(parsed.options.verbosity == 3);
}

TEST_CASE("flags: a value stands behind '=' or in the next word, and the last one wins", "[cli][flags]") {
  const Parsed parsed = parse({"--name=a", "--name", "b", "--count", "-3", "--set", "a=1", "--set=b=2"});
  REQUIRE(parsed.result);
  CHECK(parsed.options.name == "b");
  CHECK(parsed.options.count == -3);
  CHECK(parsed.options.sets == std::vector<std::string>{"a=1", "b=2"});
}

TEST_CASE("flags: an empty value is a value, and '=' behind a short flag isn't one", "[cli][flags]") {
  const Parsed parsed = parse({"--tag", "alpha", "--name=", "job/x", "-n="});
  REQUIRE(parsed.result);
  CHECK(parsed.options.name.empty());
  CHECK(parsed.options.rest == std::vector<std::string>{"job/x"});
  CHECK(parse({"-n=x"}).options.name == "x");
  CHECK(parse({"-nx=y"}).options.name == "x=y");
}

TEST_CASE("flags: brackets, commas, braces and dashes in a value stay as they were typed", "[cli][flags]") {
  const std::vector<std::string> nasty = {"[a,b]", "{}",    "a,b", "%%", "-1", "'x'",
                                          " ",     "a=b=c", "--",  "/x", "[]", "-x"};
  for (const std::string& value : nasty) {
    INFO(value);
    CHECK(parse({"--set", value}).options.sets == std::vector<std::string>{value});
    CHECK(parse({"--set=" + value}).options.sets == std::vector<std::string>{value});
    CHECK(parse({"--", value}).options.rest == std::vector<std::string>{value});
  }
  CHECK(parse({"[a,b]", "c"}).options.rest == std::vector<std::string>{"[a,b]", "c"});
}

TEST_CASE("flags: a flag's name is a value only behind '='", "[cli][flags]") {
  CHECK(parse({"--name=--follow"}).options.name == "--follow");
  CHECK(complaint({"--name", "-f", "x"}) == "flag '--name' needs a value: NAME");
  CHECK(complaint({"--set", "--name"}) == "flag '--name' needs a value: NAME");
  CHECK(complaint({"-fn"}) == "flag '--name' needs a value: NAME");
}

TEST_CASE("flags: a value that may be left out is never taken from the next word", "[cli][flags]") {
  Parsed parsed = parse({"--dry-run", "job/x"});
  REQUIRE(parsed.result);
  CHECK(parsed.options.where == "client");
  CHECK(parsed.options.rest == std::vector<std::string>{"job/x"});
  parsed = parse({"--dry-run=server"});
  CHECK(parsed.options.where == "server");
}

TEST_CASE("flags: after two dashes everything is an argument", "[cli][flags]") {
  const Parsed parsed = parse({"a", "--", "--follow", "-"});
  REQUIRE(parsed.result);
  CHECK_FALSE(parsed.options.follow);
  CHECK(parsed.options.rest == std::vector<std::string>{"a", "--follow", "-"});
}

TEST_CASE("flags: a single dash is an argument", "[cli][flags]") {
  const Parsed parsed = parse({"-"});
  REQUIRE(parsed.result);
  CHECK(parsed.options.rest == std::vector<std::string>{"-"});
}

TEST_CASE("flags: mistakes are told in the user's own words", "[cli][flags]") {
  CHECK(complaint({"--folow"}) == "unknown flag '--folow' (did you mean '--follow'?)");
  CHECK(complaint({"-x"}) == "unknown flag '-x'");
  CHECK(complaint({"-fx"}) == "unknown flag '-x'");
  CHECK(complaint({"--nmae=1"}) == "unknown flag '--nmae' (did you mean '--name'?)");
  CHECK(complaint({"--name"}) == "flag '--name' needs a value: NAME");
  CHECK(complaint({"--name", "--follow"}) == "flag '--name' needs a value: NAME");
  CHECK(complaint({"--count", "three"}) == "--count 'three': a number was expected");
  CHECK(complaint({"--count", "99999999999"}) == "--count '99999999999': the number is too large");
  CHECK(complaint({"--follow=maybe"}) == "--follow 'maybe': true or false was expected");
  CHECK(complaint({"--tag", "alpa"}) == "--tag 'alpa' isn't one of alpha, beta (did you mean 'alpha'?)");
}

TEST_CASE("flags: a switch can be turned off", "[cli][flags]") {
  const Parsed parsed = parse({"--follow", "--follow=false"});
  REQUIRE(parsed.result);
  CHECK_FALSE(parsed.options.follow);
}

TEST_CASE("flags: arguments that are missing or too many are named", "[cli][flags]") {
  std::string first;
  std::optional<std::string> second;
  Flags flags;
  flags.argument(first, "SOURCE", "what to copy");
  flags.argument(second, "TARGET", "where to");
  auto missing = flags.parse({});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().what == "SOURCE is missing");
  auto many = flags.parse({"a", "b", "c"});
  REQUIRE_FALSE(many);
  CHECK(many.error().what == "unexpected argument 'c'");
  REQUIRE(flags.parse({"a"}));
  CHECK(first == "a");
}

TEST_CASE("flags: what flags mean together is checked after all are read", "[cli][flags]") {
  bool a = false;
  bool b = false;
  Flags flags;
  flags.option(a, "--a", "a");
  flags.option(b, "--b", "b");
  flags.check([&]() -> Result<void> {
    if (a && b) return Error(ErrorKind::usage, "--a and --b exclude each other");
    return {};
  });
  CHECK_FALSE(flags.parse({"--b", "--a"}));
}

TEST_CASE("flags: a half-typed line says which value comes next", "[cli][flags][completion]") {
  Options options;
  Flags flags;
  add(flags, options);
  const Flags::Cursor cursor = flags.parse_leniently({"job/x", "--nonsense", "--name"});
  REQUIRE(cursor.awaiting != nullptr);
  CHECK(cursor.awaiting->title() == "--name");
  CHECK(cursor.loose == std::vector<std::string>{"job/x"});
}

TEST_CASE("flags: a half-typed line keeps what was given before, whatever else is wrong with it",
          "[cli][flags][completion]") {
  Options options;
  Flags flags;
  add(flags, options);
  Flags::Cursor cursor = flags.parse_leniently({"--name=a", "--count", "three", "-fp", "x", "-fn"});
  CHECK(options.name == "a");
  CHECK(options.follow);
  REQUIRE(cursor.awaiting != nullptr);
  CHECK(cursor.awaiting->title() == "--name");
  CHECK(cursor.loose == std::vector<std::string>{"x"});
  cursor = flags.parse_leniently({"--name", "a", "--", "--name"});
  CHECK(cursor.awaiting == nullptr);
  CHECK(cursor.is_literal);
  CHECK(cursor.loose == std::vector<std::string>{"--name"});
}
