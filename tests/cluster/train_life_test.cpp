#include "train_room.hpp"

#include <signal.h>

#include <chrono>
#include <thread>

using namespace mlk;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr std::string_view k_forever = "{kwok.test/run-forever: \"true\"}";

}  // namespace

TEST_CASE("train: two nodes of eight GPUs run to Complete, as the limited user and as an administrator",
          "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const bool as_admin = GENERATE(false, true);
  auto job = TrainRoom::Job{};
  job.gpus = "h100:8";
  const TrainRoom room(bed, job, as_admin);
  const auto ended = room.train({"submit", "tune", "--name", "tune-1", "--follow"});
  CAPTURE(ended.out, ended.err);
  CHECK(ended.code == 0);
  CHECK(has(ended.out, "job/tune-1 is complete"));
  CHECK(has(ended.out, "step 1 of 5"));
  CHECK(has(ended.err, "validated 2 objects, 0 errors"));
  CHECK(has(ended.err, as_admin ? "fits now on gpu-" : "unknown (nodes are hidden from you)"));
  CHECK(has(ended.err, "rank 1 on gpu-"));

  const auto service = room.get("service/tune-1");
  CHECK(service["metadata"]["ownerReferences"][std::size_t{0}]["kind"].string_or() == "Job");
  CHECK(service["spec"]["clusterIP"].string_or() == "None");

  const auto status = room.train({"status", "tune-1", "-o", "json"});
  const auto report = document::read_json(status.out);
  REQUIRE(report);
  CHECK((*report)["schema"].string_or() == "mlk.dev/train-status/v1");
  CHECK((*report)["state"].string_or() == "Complete");
  CHECK((*report)["ranks"][std::size_t{1}]["exitCode"].int_or(-1) == 0);
}

TEST_CASE("train: the rank that failed first is named with exit code, node and log, and the exit code is 6",
          "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {"{kwok.test/exit-code: \"0,1=137\", kwok.test/run-for: \"60s,1=1s\"}"});
  const auto ended = room.train({"submit", "--name", "tune-2", "--follow", "-o", "json"});
  CAPTURE(ended.out, ended.err);
  CHECK(ended.code == 6);
  const auto report = TrainRoom::last_record(ended.out);
  CHECK(report["type"].string_or() == "result");
  CHECK(report["state"].string_or() == "Failed");
  CHECK(report["firstFailure"]["rank"].int_or(-1) == 1);
  CHECK(report["firstFailure"]["exitCode"].int_or(-1) == 137);
  CHECK(report["firstFailure"]["reason"].string_or() == "OOMKilled");
  CHECK(report["firstFailure"]["node"].string_or().starts_with("gpu-"));
  CHECK(report["logTail"].size() > 0);

  const auto explained = room.train({"explain", "tune-2"});
  CAPTURE(explained.out);
  CHECK(explained.code == 0);
  CHECK(has(explained.out, "tune-2 failed"));
  CHECK(has(explained.out, "rank 1 failed first: exit code 137 (OOMKilled)"));

  // Looking on afterwards comes to the same.
  const auto waited = room.train({"wait", "tune-2"});
  CHECK(waited.code == 6);
  CHECK(has(waited.err, "rank 1 failed first: exit code 137 (OOMKilled)"));
  CHECK(room.train({"wait", "tune-2", "--for", "failed"}).code == 0);
  // The rank to blame is the one whose log is read.
  CHECK(room.train({"logs"}).code == 0);
}

TEST_CASE("train: a retry with the same run id finds its own run, also when it was cut off in the middle",
          "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  const auto first = room.train({"submit", "--run-id", "pipeline-77", "-o", "json"});
  CAPTURE(first.out, first.err);
  REQUIRE(first.code == 0);
  const auto made = document::read_json(first.out);
  REQUIRE(made);
  CHECK((*made)["isNew"].bool_or(false));
  const std::string name = (*made)["name"].string_or();
  // As if the first submit had been killed between the two objects.
  REQUIRE(room.kubectl({"delete", "service", name}).code == 0);

  const auto again = room.train({"submit", "--run-id", "pipeline-77", "-o", "json"});
  CAPTURE(again.err);
  REQUIRE(again.code == 0);
  const auto found = document::read_json(again.out);
  REQUIRE(found);
  CHECK_FALSE((*found)["isNew"].bool_or(true));
  CHECK((*found)["name"].string_or() == name);
  CHECK((*found)["uid"].string_or() == (*made)["uid"].string_or());
  CHECK(room.get("jobs")["items"].size() == 1);
  CHECK(room.get("service/" + name).is_mapping());

  const auto other = room.train({"submit", "--run-id", "pipeline-78"});
  CHECK(other.code == 0);
  CHECK(room.get("jobs")["items"].size() == 2);
}

TEST_CASE("train: without a terminal a run wants a name, and one that is taken is a conflict", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  const auto nameless = room.train({"submit"});
  CHECK(nameless.code == 2);
  CHECK(has(nameless.err, "--run-id"));
  REQUIRE(room.train({"submit", "--name", "tune-3"}).code == 0);
  const auto taken = room.train({"submit", "--name", "tune-3"});
  CHECK(taken.code == 11);
  CHECK(has(taken.err, "job 'tune-3' exists already"));
}

TEST_CASE("train: a Service in the way leaves nothing half-made", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed);
  REQUIRE(room.kubectl({"create", "service", "clusterip", "tune-4", "--tcp=80:80"}).code == 0);
  const auto refused = room.train({"submit", "--name", "tune-4"});
  CAPTURE(refused.err);
  CHECK(refused.code == 11);
  CHECK(has(refused.err, "nothing is left"));
  const auto job = room.get("job/tune-4");
  CHECK((job.is_null() || !job["metadata"]["deletionTimestamp"].is_null()));
}

TEST_CASE("train: dry runs change nothing", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed);
  const auto client = room.train({"submit", "--dry-run"});
  CHECK(client.code == 0);
  CHECK(has(client.out, "would be created"));
  const auto server = room.train({"submit", "--name", "tune-5", "--dry-run=server"});
  CAPTURE(server.err);
  CHECK(server.code == 0);
  CHECK(room.get("jobs")["items"].empty());
  CHECK(room.get("services")["items"].empty());
}

TEST_CASE("train: what validation refuses never leaves", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed);
  auto job = TrainRoom::Job{};
  job.more = "    patch: [{kind: Job, json: [{op: add, path: /spec/parallelismus, value: 3}]}]\n";
  room.write(job);
  const auto refused = room.train({"submit", "--name", "tune-6"});
  CAPTURE(refused.out, refused.err);
  CHECK(refused.code == 3);
  CHECK(has(refused.err, "parallelismus"));
  CHECK(room.get("jobs")["items"].empty());
}

TEST_CASE("train: list, and the only run needs no name", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  const auto none = room.train({"list"});
  CHECK(none.code == 0);
  CHECK(has(none.err, "no jobs in namespace '" + room.space() + "'"));
  CHECK(room.train({"status"}).code == 10);

  REQUIRE(room.train({"submit", "--name", "tune-7"}).code == 0);
  CHECK(room.train({"wait", "--for", "running", "--timeout", "60s"}).code == 0);
  // A list goes by the Job alone, which learns a little later that its pods run.
  auto report = document::read_json(room.train({"list", "-o", "json"}).out);
  for (int i = 0; i < 100 && report && (*report)["items"][std::size_t{0}]["state"].string_or() != "Running"; ++i) {
    std::this_thread::sleep_for(100ms);
    report = document::read_json(room.train({"list", "-o", "json"}).out);
  }
  REQUIRE(report);
  REQUIRE((*report)["items"].size() == 1);
  CHECK((*report)["items"][std::size_t{0}]["section"].string_or() == "tune");
  CHECK((*report)["items"][std::size_t{0}]["state"].string_or() == "Running");
  CHECK(room.train({"list", "-o", "name"}).out == "job/tune-7\n");

  // By the section's name too, while it has one run only.
  CHECK(has(room.train({"status", "tune"}).out, "tune-7"));
  REQUIRE(room.train({"submit", "--name", "tune-8"}).code == 0);
  const auto several = room.train({"status"});
  CHECK(several.code == 2);
  CHECK(has(several.err, "tune-7"));
  CHECK(has(several.err, "tune-8"));
  const auto slip = room.train({"status", "tune-88"});
  CHECK(slip.code == 10);
  CHECK(has(slip.err, "did you mean 'tune-8'?"));
}

TEST_CASE("train: logs of one rank and of all", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  REQUIRE(room.train({"submit", "--name", "tune-9"}).code == 0);
  REQUIRE(room.train({"wait", "--for", "running"}).code == 0);
  const auto tail = room.train({"logs", "--rank", "1", "--tail", "1"});
  CHECK(tail.code == 0);
  CHECK(std::count(tail.out.begin(), tail.out.end(), '\n') == 1);
  const auto all = room.train({"logs", "--all-ranks", "--tail", "1"});
  CHECK(has(all.out, "[0] "));
  CHECK(has(all.out, "[1] "));
  const auto wrong = room.train({"logs", "--rank", "2"});
  CHECK(wrong.code == 2);
  CHECK(has(wrong.err, "its ranks are 0 to 1"));
}

TEST_CASE("train: delete asks, takes pods and Service along, and then there is nothing", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  REQUIRE(room.train({"submit", "--name", "tune-10"}).code == 0);
  REQUIRE(room.train({"wait", "--for", "running"}).code == 0);
  CHECK(room.train({"delete", "tune-10"}).code == 2);
  // A section's name isn't enough to destroy something.
  CHECK(room.train({"delete", "tune", "--yes"}).code == 10);
  CHECK(room.train({"delete", "tune-10", "--dry-run=server"}).code == 0);
  CHECK(room.get("job/tune-10").is_mapping());

  const auto removed = room.train({"delete", "tune-10", "--yes"});
  CAPTURE(removed.out, removed.err);
  CHECK(removed.code == 0);
  CHECK(has(removed.out, "job/tune-10 deleted with pod/tune-10-0-"));
  CHECK(has(removed.out, "service/tune-10"));
  CHECK(room.get("job/tune-10").is_null());
  CHECK(room.get("pods")["items"].empty());
  for (int i = 0; i < 100 && !room.get("service/tune-10").is_null(); ++i) std::this_thread::sleep_for(100ms);
  CHECK(room.get("service/tune-10").is_null());
  CHECK(room.train({"delete", "tune-10", "--yes"}).code == 10);
}

TEST_CASE("train: a stop while following leaves the run alone and says how to come back", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    // The same run id each time: the second and the third find the run that the first one left.
    test::Program program(room.mlk().start({"train", "submit", "--run-id", "11", "--follow"}));
    while (!has(program.err(), "Running") && program.is_running()) std::this_thread::sleep_for(20ms);
    program.signal(number);
    const auto ended = program.wait(10s);
    REQUIRE(ended);
    CAPTURE(number, ended->err);
    CHECK(ended->code == 128 + number);
    CHECK(has(ended->err, "mlk train logs tune-"));
    CHECK(has(ended->err, " -f"));
  }
  const auto jobs = room.get("jobs");
  REQUIRE(jobs["items"].size() == 1);
  CHECK(jobs["items"][std::size_t{0}]["metadata"]["deletionTimestamp"].is_null());
  CHECK(room.get("services")["items"].size() == 1);
}

TEST_CASE("train: a log that nobody reads any more isn't followed", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  REQUIRE(room.train({"submit", "--name", "tune-14"}).code == 0);
  REQUIRE(room.train({"wait", "--for", "running"}).code == 0);
  auto start = room.mlk().start({});
  start.env.emplace_back("MLK", start.argv.front());
  // The reader is waited for: the pipe is broken before mlk begins.
  start.argv = {"bash", "-c", "exec 3> >(true); wait $!; $MLK train logs tune-14 -f >&3"};
  test::Program program(start);
  const auto ended = program.wait(20s);
  REQUIRE(ended);
  CAPTURE(ended->err);
  CHECK(ended->code == 0);
  CHECK_FALSE(has(ended->err, "error"));
}

TEST_CASE("train: following says so when somebody deletes the run", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  test::Program program(room.mlk().start({"train", "submit", "--name", "tune-12", "--follow"}));
  for (int i = 0; i < 200 && !has(program.err(), "Running"); ++i) std::this_thread::sleep_for(50ms);
  REQUIRE(room.kubectl({"delete", "job", "tune-12"}).code == 0);
  const auto ended = program.wait(10s);
  REQUIRE(ended);
  CAPTURE(ended->err);
  CHECK(ended->code == 10);
  CHECK(has(ended->err, "was deleted before it ended"));
}

TEST_CASE("train: the time that is given runs out with what the run waits for", "[cluster][train]") {
  MLK_NEEDS_BED(bed);
  const TrainRoom room(bed, {std::string(k_forever)});
  const auto ended = room.train({"submit", "--name", "tune-13", "--follow", "--timeout", "3s"});
  CAPTURE(ended.err);
  CHECK(ended.code == 5);
  CHECK(has(ended.err, "isn't done after 3 s"));
  CHECK(has(ended.err, "2 of 2 ranks run"));
}
