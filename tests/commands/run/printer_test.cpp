#include "cli/printer.hpp"

#include "cli/layout.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/document/node.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::cli;
using test::MemoryStream;

namespace {

Report jobs() {
  Report report;
  report.document = record("train-list");
  report.document.set("jobs",
                      document::Node::sequence({document::Node::mapping({{"name", "finetune"}, {"gpus", 16}})}));
  Table table;
  table.columns = {
      {"NAME"}, {"GPUS", Align::right}, {"AGE"}, {"REASON", Align::left, false, 2}, {"NODE", Align::left, true}};
  table.rows.push_back(
      {"finetune", "16", Cell("4m12s", "2026-11-21T06:30:00Z"), "a reason that takes a lot of room", "gpu-1"});
  table.rows.push_back({"a", "8", Cell("1h", "2026-11-21T05:30:00Z"), "none", "gpu-2"});
  report.table = table;
  report.names = {"job/finetune", "job/a"};
  return report;
}

struct Printed {
  std::string out;
  std::string err;
  Result<void> result;
};

Printed print_as(const Report& report, OutputChoice output, std::size_t width = 0, bool is_last_record = false) {
  MemoryStream out;
  MemoryStream err;
  if (width != 0) out.become_terminal(width);
  PrintOptions options;
  options.output = std::move(output);
  options.is_last_record = is_last_record;
  auto result = print(report, options, out, err);
  return {out.text(), err.text(), std::move(result)};
}

}  // namespace

TEST_CASE("printer: a pipe gets everything: exact times, nothing shortened, no colour", "[cli][print]") {
  CHECK(print_as(jobs(), {}).out ==
        "NAME       GPUS   AGE                    REASON\n"
        "finetune     16   2026-11-21T06:30:00Z   a reason that takes a lot of room\n"
        "a             8   2026-11-21T05:30:00Z   none\n");
}

TEST_CASE("printer: a narrow terminal shortens the least important column", "[cli][print]") {
  CHECK(print_as(jobs(), {}, 45).out ==
        "NAME       GPUS   AGE     REASON\n"
        "finetune     16   4m12s   a reason that take…\n"
        "a             8   1h      none\n");
}

TEST_CASE("printer: wide shows all columns and shortens none", "[cli][print]") {
  const std::string out = print_as(jobs(), {"wide", "", false}, 40).out;
  CHECK(out.find("NODE") != std::string::npos);
  CHECK(out.find("a reason that takes a lot of room   gpu-1") != std::string::npos);
}

TEST_CASE("printer: json, yaml, name and jsonpath come from the document", "[cli][print]") {
  CHECK(print_as(jobs(), {"json", "", false}).out.find("\"schema\": \"mlk.dev/train-list/v1\"") != std::string::npos);
  CHECK(print_as(jobs(), {"yaml", "", false}).out.find("schema: mlk.dev/train-list/v1") != std::string::npos);
  CHECK(print_as(jobs(), {"name", "", false}).out == "job/finetune\njob/a\n");
  CHECK(print_as(jobs(), {"jsonpath", "{.jobs[*].name}", false}).out == "finetune");
}

TEST_CASE("printer: the result of a stream is one line that says so", "[cli][print]") {
  CHECK(print_as(jobs(), {"json", "", false, true}, 0, true).out ==
        R"({"schema":"mlk.dev/train-list/v1","jobs":[{"name":"finetune","gpus":16}],"type":"result"})"
        "\n");
}

TEST_CASE("printer: an empty table says what isn't there, on standard error", "[cli][print]") {
  Report report = jobs();
  report.table->rows.clear();
  report.table->when_empty = "no jobs in namespace 'nlp'";
  const Printed printed = print_as(report, {});
  CHECK(printed.out.empty());
  CHECK(printed.err == "no jobs in namespace 'nlp'\n");
}

TEST_CASE("printer: a mistake in a jsonpath is a usage error", "[cli][print]") {
  const Printed printed = print_as(jobs(), {"jsonpath", "{.jobs[", false});
  REQUIRE_FALSE(printed.result);
  CHECK(printed.result.error().kind == ErrorKind::usage);
}

TEST_CASE("printer: text from elsewhere can't move the cursor", "[cli][print]") {
  Report report = jobs();
  report.table->rows = {{"evil\x1b[2Jname\n", "1", "1m", "x", "y"}};
  const std::string out = print_as(report, {}).out;
  CHECK(out.find('\x1b') == std::string::npos);
  CHECK(std::count(out.begin(), out.end(), '\n') == 2);
}

TEST_CASE("printer: what a verb prints byte for byte stays so in its own formats", "[cli][print]") {
  Report report = jobs();
  report.verbatim = "kind: Job\n";
  CHECK(print_as(report, {"kustomize", "", true}).out == "kind: Job\n");
  CHECK(print_as(report, {}).out == "kind: Job\n");
}

TEST_CASE("layout: a cut text keeps its colour sequences whole and ends them", "[cli][layout]") {
  CHECK(cut("\x1b[31mabcdef\x1b[0m", 4) == "\x1b[31mabc…\x1b[0m");
  CHECK(cut("abcd", 4) == "abcd");
  CHECK(cut("日本語", 4) == "日…");
  CHECK(visible_width("\x1b[1;32m✔\x1b[0m x") == 3);
}

TEST_CASE("layout: text is broken at spaces", "[cli][layout]") {
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("unbreakable", 4) == std::vector<std::string>{"unbreakable"});
}
