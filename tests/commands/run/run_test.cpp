#include "cli/completion/words.hpp"
#include "cli/everywhere.hpp"
#include "cli/exit_code.hpp"
#include "cli/registry.hpp"
#include "commands/context.hpp"
#include "tests/commands/support/world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <set>

using namespace mlk;
using test::World;

TEST_CASE("run: no words, help and --help print the help of the program", "[cli][run]") {
  for (const char* line : {"", "help", "--help", "-h"}) {
    World world;
    CHECK(world.run(line) == 0);
    CHECK(world.out().starts_with("mlk: machine learning on Kubernetes"));
    CHECK(world.err().empty());
  }
}

TEST_CASE("run: every command has help with examples, and a line that starts with a verb", "[cli][run][help]") {
  for (const cli::Command& command : cli::all_commands()) {
    World world;
    const std::string name = cli::full_name(command).substr(4);
    INFO(name);
    CHECK(world.run("help " + name) == 0);
    CHECK(world.out().find("Usage") != std::string::npos);
    CHECK(world.out().find("Examples") != std::string::npos);
    CHECK_FALSE(command.summary.empty());
    CHECK_FALSE(command.summary.ends_with('.'));
    const std::string by_word = world.out();
    CHECK(world.run(name + " --help") == 0);
    CHECK(world.out() == by_word);
  }
}

TEST_CASE("run: every verb has two examples, and they are lines that parse", "[cli][run][help]") {
  for (const cli::Command& command : cli::all_commands()) {
    if (command.is_noun()) continue;
    cli::Flags declared;
    static_cast<void>(command.descriptor->prepare(declared));
    INFO(cli::full_name(command));
    CHECK(declared.examples().size() >= 2);
    for (const cli::Flags::Example& example : declared.examples()) {
      INFO(example.command);
      const std::string name = cli::full_name(command);
      const std::size_t begin = example.command.find(name);
      REQUIRE(begin != std::string::npos);
      // What a shell does with the output isn't the command's.
      std::string line = example.command.substr(begin + name.size());
      line = line.substr(0, std::min({line.find(" > "), line.find(" | "), line.find(" && "), line.find(')')}));
      std::vector<std::string> words = cli::split_line(line);
      std::erase(words, "");
      cli::Flags flags;
      cli::Settings settings;
      const auto prepared = command.descriptor->prepare(flags);
      cli::add_everywhere(flags, settings);
      const auto parsed = flags.parse(words);
      INFO((parsed ? "" : parsed.error().what));
      CHECK(parsed);
    }
  }
}

TEST_CASE("run: names of flags are used once in a verb, and no verb takes a flag that every verb has", "[cli][run]") {
  for (const cli::Command& command : cli::all_commands()) {
    if (command.is_noun()) continue;
    cli::Flags flags;
    static_cast<void>(command.descriptor->prepare(flags));
    std::set<std::string> seen{"-o",        "--output", "-q",         "--quiet", "-v",
                               "--verbose", "--color",  "--no-input", "-h",      "--help"};
    for (const cli::Flag& flag : flags.options()) {
      for (const std::string& name : flag.names) {
        INFO(cli::full_name(command) << " " << name);
        CHECK(seen.insert(name).second);
      }
    }
  }
}

TEST_CASE("run: help fits a narrow terminal", "[cli][run][help]") {
  World world;
  world.terminal(60);
  REQUIRE(world.run("help version --color never") == 0);
  std::size_t from = 0;
  while (from < world.out().size()) {
    const std::size_t end = world.out().find('\n', from);
    CHECK(end - from <= 60 + 8);  // the longest flag's own name may stand out
    from = end + 1;
  }
}

TEST_CASE("run: an unknown command is a usage error with the nearest name", "[cli][run]") {
  World world;
  CHECK(world.run("verison") == 2);
  CHECK(world.out().empty());
  CHECK(world.err() ==
        "error: unknown command 'verison' (did you mean 'version'?)\n"
        "  fix: run 'mlk help' for all commands\n");
}

TEST_CASE("run: a verb without its noun is told where it belongs", "[cli][run]") {
  World world;
  CHECK(world.run("export") == 2);
  CHECK(world.err() ==
        "error: unknown command 'export'\n"
        "  fix: run 'mlk schema export'\n");
}

TEST_CASE("run: a noun alone asks for one of its verbs", "[cli][run]") {
  World world;
  CHECK(world.run("config") == 2);
  CHECK(world.err() ==
        "error: 'mlk config' needs one of show, path\n"
        "  fix: run 'mlk help config'\n");
}

TEST_CASE("run: flags may stand before the command", "[cli][run]") {
  World world;
  CHECK(world.run("-o json version") == 0);
  CHECK(world.out().find("mlk.dev/version/v1") != std::string::npos);
  CHECK(world.run("--color never -v version") == 0);
}

TEST_CASE("run: with -o json a failure is one record on standard error", "[cli][run][errors]") {
  World world;
  CHECK(world.run("version x -o json") == 2);
  CHECK(world.out().empty());
  CHECK(
      world.err() ==
      R"({"schema":"mlk.dev/error/v1","kind":"usage","exitCode":2,"error":"unexpected argument 'x'","why":"this command takes no arguments","fix":"run 'mlk version --help'","diagnostics":[]})"
      "\n");
}

TEST_CASE("run: an unknown form of output is refused with those there are", "[cli][run][output]") {
  World world;
  CHECK(world.run("version -o jsn") == 2);
  CHECK(world.err() ==
        "error: --output: unknown output format 'jsn' (did you mean 'json'?)\n"
        "  why: known are table, wide, json, yaml, name, jsonpath\n"
        "  fix: run 'mlk version --help'\n");
  CHECK(world.run("version -o jsonpath") == 2);
  CHECK(world.run("version -o json={.a}") == 2);
  CHECK(world.run("version -o jsonpath={.version}") == 0);
  CHECK(world.out() == "0.1.0");
}

TEST_CASE("run: a full disk is a failure", "[cli][run][output]") {
  World world;
  world.out_stream().fill_up();
  CHECK(world.run("version") == 1);
  CHECK(world.err() == "error: can't write to standard output: No space left on device\n");
}

TEST_CASE("run: colour is there on a terminal, unless somebody says no", "[cli][run][colour]") {
  auto has_colour = [](World& world, std::string_view line) {
    world.run(line);
    return world.out().find('\x1b') != std::string::npos;
  };
  World terminal;
  terminal.terminal();
  CHECK(has_colour(terminal, "help"));
  CHECK_FALSE(has_colour(terminal, "version --help --color never"));
  World plain;
  CHECK_FALSE(has_colour(plain, "help"));
  World asked_not_to;
  asked_not_to.terminal().with_env("NO_COLOR", "1");
  CHECK_FALSE(has_colour(asked_not_to, "help"));
  World dumb;
  dumb.terminal().with_env("TERM", "dumb");
  CHECK_FALSE(has_colour(dumb, "help"));
}

TEST_CASE("run: exit codes are the documented ones", "[cli][run][errors]") {
  using cli::exit_code;
  CHECK(exit_code(ErrorKind::failed, 0) == 1);
  CHECK(exit_code(ErrorKind::usage, 0) == 2);
  CHECK(exit_code(ErrorKind::findings, 0) == 3);
  CHECK(exit_code(ErrorKind::never_fits, 0) == 4);
  CHECK(exit_code(ErrorKind::timed_out, 0) == 5);
  CHECK(exit_code(ErrorKind::workload_failed, 0) == 6);
  CHECK(exit_code(ErrorKind::rolled_back, 0) == 7);
  CHECK(exit_code(ErrorKind::paused, 0) == 8);
  CHECK(exit_code(ErrorKind::auth, 0) == 9);
  CHECK(exit_code(ErrorKind::not_found, 0) == 10);
  CHECK(exit_code(ErrorKind::conflict, 0) == 11);
  CHECK(exit_code(ErrorKind::unavailable, 0) == 12);
  CHECK(exit_code(ErrorKind::interrupted, SIGINT) == 130);
  CHECK(exit_code(ErrorKind::interrupted, SIGTERM) == 143);
  CHECK(exit_code(ErrorKind::interrupted, SIGHUP) == 129);
}

TEST_CASE("confirm: only a yes from a terminal, or --yes, goes ahead", "[cli][confirm]") {
  const cli::Settings settings;
  SECTION("--yes asks nobody") {
    World world;
    commands::Context context(world.environment(), settings);
    CHECK(context.confirm("delete job/x?", {true}));
    CHECK(world.err().empty());
  }
  SECTION("without a terminal it is a usage error that names --yes") {
    World world;
    world.in().give("y\n");
    commands::Context context(world.environment(), settings);
    auto answer = context.confirm("delete job/x?", {});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::usage);
    CHECK(answer.error().fix.find("--yes") != std::string::npos);
  }
  SECTION("the end of input is no yes") {
    World world;
    world.terminal();
    commands::Context context(world.environment(), settings);
    auto answer = context.confirm("delete job/x?", {});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().why == "standard input ended");
  }
  SECTION("a no is a failure, a yes goes on") {
    World world;
    world.terminal();
    world.in().give("n\ny\n");
    commands::Context context(world.environment(), settings);
    CHECK_FALSE(context.confirm("delete job/x?", {}));
    CHECK(context.confirm("delete job/x?", {}));
  }
  SECTION("--no-input never asks") {
    World world;
    world.terminal();
    cli::Settings silent;
    silent.no_input = true;
    commands::Context context(world.environment(), silent);
    CHECK_FALSE(context.confirm("delete job/x?", {}));
    CHECK(world.err().empty());
  }
}
