#include "cli/events.hpp"
#include "cli/progress.hpp"
#include "tests/commands/support/world.hpp"

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::cli;
using test::MemoryStream;

TEST_CASE("events: a pipe gets one line an event: time, object, state, reason", "[cli][events]") {
  MemoryStream out;
  MemoryStream err;
  ManualClock clock;
  EventSink sink(out, err, clock, EventSink::Mode::lines, false);
  sink.emit({"job/finetune", "Running", "2 of 2 pods run"});
  sink.show({"a live region"});
  CHECK(err.text() == "2027-01-15T08:16:40Z  job/finetune  Running  2 of 2 pods run\n");
  CHECK(out.text().empty());
}

TEST_CASE("events: as JSON they are records on standard output, one a line", "[cli][events]") {
  MemoryStream out;
  MemoryStream err;
  ManualClock clock;
  EventSink sink(out, err, clock, EventSink::Mode::json, false);
  Event event{"job/finetune", "Running", ""};
  event.data = document::Node::mapping({{"ready", 2}});
  sink.emit(event);
  sink.line("pod/x", "step 1");
  CHECK(
      out.text() ==
      R"({"schema":"mlk.dev/event/v1","type":"event","time":"2027-01-15T08:16:40Z","object":"job/finetune","state":"Running","reason":null,"ready":2})"
      "\n"
      R"({"schema":"mlk.dev/event/v1","type":"event","time":"2027-01-15T08:16:40Z","object":"pod/x","line":"step 1"})"
      "\n");
  CHECK(err.text().empty());
}

TEST_CASE("events: the live region is redrawn in place, cut to the terminal, below the lines that pass",
          "[cli][events]") {
  MemoryStream out;
  MemoryStream err;
  err.become_terminal(10, 5);
  ManualClock clock;
  EventSink sink(out, err, clock, EventSink::Mode::live, false);
  sink.show({"one", "two is too wide"});
  CHECK(err.text() == "one\ntwo is to…\n");
  err.clear();
  sink.emit({"a", "b", ""});
  CHECK(err.text() == "\x1b[2A\r\x1b[J08:16:40  a  b\none\ntwo is to…\n");
  err.clear();
  sink.show({"1", "2", "3", "4", "5", "6"});
  CHECK(err.text() == "\x1b[2A\r\x1b[J3\n4\n5\n6\n");
  err.clear();
  sink.finish();
  CHECK(err.text().empty());
}

TEST_CASE("events: quiet says nothing but passes logs on", "[cli][events]") {
  MemoryStream out;
  MemoryStream err;
  ManualClock clock;
  EventSink sink(out, err, clock, EventSink::Mode::quiet, false);
  sink.emit({"a", "b", "c"});
  sink.line("pod/x", "log");
  CHECK(err.text().empty());
  CHECK(out.text() == "log\n");
}

TEST_CASE("progress: a pipe gets one line when a task ends, with what it took", "[cli][progress]") {
  MemoryStream err;
  ManualClock clock;
  Progress progress(err, clock, Progress::Mode::lines, false);
  Progress::Task& task = progress.start("model.safetensors", Bytes{2 << 20});
  task.add(Bytes{1 << 20});
  clock.advance(Milliseconds(2000));
  task.add(Bytes{1 << 20});
  CHECK(err.text().empty());
  task.finish();
  CHECK(err.text() == "✔ model.safetensors  2.0 MiB in 2 s, 1.0 MiB/s\n");
}

TEST_CASE("progress: a terminal shows a bar with rate and time left", "[cli][progress]") {
  MemoryStream err;
  err.become_terminal(100);
  ManualClock clock;
  Progress progress(err, clock, Progress::Mode::bars, false);
  Progress::Task& task = progress.start("model", Bytes{4 << 20});
  err.clear();
  clock.advance(Milliseconds(1000));
  task.add(Bytes{1 << 20});
  CHECK(err.text() == "\x1b[1A\r\x1b[J  model  ▕█████░░░░░░░░░░░░░░░▏ 1.0 MiB of 4.0 MiB  1.0 MiB/s  3 s left\n");
  err.clear();
  task.add(Bytes{1 << 20});
  CHECK(err.text().empty());  // no more than ten times a second
  task.finish("already there");
  CHECK(err.text() == "\x1b[1A\r\x1b[J✔ model  already there\n");
}

TEST_CASE("progress: what never ended leaves no bar behind", "[cli][progress]") {
  MemoryStream err;
  err.become_terminal(100);
  ManualClock clock;
  {
    Progress progress(err, clock, Progress::Mode::bars, false);
    progress.start("model", Bytes{4 << 20});
    err.clear();
  }
  CHECK(err.text() == "\x1b[1A\r\x1b[J");
}
