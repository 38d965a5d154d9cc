#include "project_text.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/tree.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/project/schema.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace mlk;
using namespace mlk::project;

namespace {

const Project& demo() {
  static const Project p =
      loaded(with_head("models: {m: {source: ./m}, x: {}}\njobs: {train: {image: x}, x: {image: x}}\nservices: {serve: "
                       "{engine: vllm}}\n"));
  return p;
}

std::string digest(char c) { return "sha256:" + std::string(64, c); }

}  // namespace

TEST_CASE("gpus: the grammar", "[project][gpus]") {
  struct Case {
    const char* text;
    std::int64_t count;
    const char* model;
    const char* slice;
    std::int64_t memory;
  };
  for (const auto& c : std::initializer_list<Case>{{"0", 0, "", "", 0},
                                                   {"8", 8, "", "", 0},
                                                   {"h100:8", 8, "h100", "", 0},
                                                   {"H100:8", 8, "h100", "", 0},
                                                   {" h100 : 8 ", 8, "h100", "", 0},
                                                   {"h100/1g.10gb:1", 1, "h100", "1g.10gb", 0},
                                                   {">=40GB:1", 1, "", "", 40'000'000'000},
                                                   {">=40Gi:2", 2, "", "", 40LL << 30}}) {
    INFO(c.text);
    const auto request = parse_gpus(c.text);
    REQUIRE(request);
    CHECK(request->count == GpuCount(c.count));
    CHECK(request->model == c.model);
    CHECK(request->slice == c.slice);
    CHECK(request->memory.value_or(Bytes(0)) == Bytes(c.memory));
    const auto again = parse_gpus(format_gpus(*request));
    REQUIRE(again);
    CHECK(*again == *request);
  }
  for (const auto* text :
       {"", "h100", "h100:", ":8", "h100:x", "h100:-1", "h100:1.5", "nope:1", "h100/9g.1gb:1", ">=40:x", "8:8:8"}) {
    INFO(text);
    const auto request = parse_gpus(text);
    REQUIRE(!request);
    CHECK(!request.error().fix.empty());
  }
  CHECK(parse_gpus("h100").error().what == "gpus 'h100' says no number of GPUs");
}

TEST_CASE("gpus: the long form", "[project][gpus]") {
  const auto gpus = [](std::string_view text) {
    std::string whole = "jobs: {a: {image: x, gpus: ";
    whole += text;
    whole += "}}\n";
    return with_head(whole);
  };
  const Project p = loaded(gpus("{model: H100, count: 2, slice: 1g.10gb, share: none}"));
  CHECK(p.jobs[0].pod.gpus->value == *parse_gpus("h100/1g.10gb:2"));
  const Project shared = loaded(gpus("{count: 1, memory: 40GB, share: time-slice, vendor: nvidia}"));
  CHECK(shared.jobs[0].pod.gpus->value.sharing == GpuSharing::time_slice);
  CHECK(shared.jobs[0].pod.gpus->value.memory == Bytes(40'000'000'000));
  CHECK(mistakes(gpus("{model: h100}")) == Lines{"mlk.yaml:3:22: error project-missing 'count' is missing"});
  CHECK(mistakes(gpus("{count: 1, slice: 1g.10gb}")) ==
        Lines{"mlk.yaml:3:46: error project-missing a slice wants the model that it is cut from"});
  CHECK(mistakes(gpus("{count: 1, memory: 40}")) ==
        Lines{"mlk.yaml:3:47: error project-value '40' is no amount of GPU memory"});
  CHECK(mistakes(gpus("true")) ==
        Lines{"mlk.yaml:3:28: error project-type a number of GPUs, or model:number is wanted here, not a boolean"});
}

TEST_CASE("select: by kind and name, by bare name where it is unique", "[project][select]") {
  CHECK(find_section(demo(), "job/train").value() == SectionRef{SectionKind::job, "train"});
  CHECK(find_section(demo(), "services/serve").value() == SectionRef{SectionKind::service, "serve"});
  CHECK(find_section(demo(), "m").value() == SectionRef{SectionKind::model, "m"});
  CHECK(find_section(demo(), "x").error().what == "'x' names 2 sections");
  CHECK(find_section(demo(), "x").error().fix == "write one of model/x, job/x");
  CHECK(find_section(demo(), "trian").error().what == "mlk.yaml has no section 'trian' (did you mean 'train'?)");
  CHECK(find_section(demo(), "job/trian").error().what == "mlk.yaml has no job 'trian' (did you mean 'train'?)");
  CHECK(find_section(demo(), "jbo/train").error().what == "'jbo' is no kind of section (did you mean 'job'?)");
  CHECK(find_section(demo(), "nope").error().kind == ErrorKind::not_found);
}

TEST_CASE("select: none named means all, and each comes once in the order of the file", "[project][select]") {
  CHECK(select(demo(), {})->size() == 5);
  const auto some = select(demo(), {"serve", "job/x", "service/serve"});
  REQUIRE(some);
  CHECK(*some == std::vector<SectionRef>{{SectionKind::job, "x"}, {SectionKind::service, "serve"}});
  CHECK(!select(demo(), {"nope"}));
}

TEST_CASE("select: the only section of a kind needs no name", "[project][select]") {
  CHECK(*select_service(demo(), {}).value()->name == "serve");
  CHECK(*select_job(demo(), "job/x").value()->name == "x");
  CHECK(select_job(demo(), {}).error().what == "mlk.yaml has several jobs: name one");
  CHECK(select_job(demo(), {}).error().fix == "there are train, x");
  CHECK(select_job(demo(), "service/serve").error().what == "'service/serve' is no job");
  CHECK(select_service(demo(), "srve").error().what == "mlk.yaml has no service 'srve' (did you mean 'serve'?)");
  CHECK(select_job(loaded("mlk: v1\nname: a\n"), {}).error().what == "mlk.yaml has no job");
}

TEST_CASE("completion: names come from broken files too", "[project][select]") {
  CHECK(section_names("jobs: {a: {nonsense: 1}}\nservices: {b: 3}\nmodels:\n") == Lines{"job/a", "service/b"});
  CHECK(section_names("jobs: [").empty());
  CHECK(section_names("").empty());
  CHECK(environment_names("environments: {prod: {}, dev: }\n") == Lines{"prod", "dev"});
}

TEST_CASE("lock: comes back as it was written, in a stable order, and is left alone when nothing changes",
          "[project][lock]") {
  Lock lock;
  lock.models["sentiment"] = {"registry.example.com/nlp/sentiment:1", digest('a'), Bytes(90'000'000)};
  lock.models["b"] = {"x/y", digest('b'), {}};
  lock.images["registry.example.com/nlp/trainer:1.4"] = digest('c');
  lock.backends["job/finetune"] = "job";
  lock.engines["vllm"] = "vllm/vllm-openai@" + digest('d');
  const std::string text = format_lock(lock);
  CHECK(text ==
        "# Written by mlk: what mlk.yaml was resolved to. Commit it; 'mlk lock' renews it.\n"
        "mlk-lock: 1\nedition: 1\nmodels:\n  b:\n    image: x/y\n    digest: " +
            digest('b') + "\n  sentiment:\n    image: registry.example.com/nlp/sentiment:1\n    digest: " +
            digest('a') + "\n    size: 90000000\nimages:\n  registry.example.com/nlp/trainer:1.4: " + digest('c') +
            "\nbackends:\n  job/finetune: job\nengines:\n  vllm: vllm/vllm-openai@" + digest('d') + "\n");
  const auto back = parse_lock(text, "mlk.lock");
  REQUIRE(back);
  CHECK(*back == lock);

  std::string folder = (std::filesystem::temp_directory_path() / "mlk-lock-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  const auto path = lock_path(std::filesystem::path(folder) / "mlk.yaml");
  CHECK(path.filename() == "mlk.lock");
  CHECK(read_lock(path)->has_value() == false);
  CHECK(write_lock(path, lock).value() == true);
  CHECK(write_lock(path, lock).value() == false);
  CHECK(**read_lock(path) == lock);
  std::filesystem::remove_all(folder);
}

TEST_CASE("lock: one from a newer mlk is refused clearly", "[project][lock]") {
  const auto version = parse_lock("mlk-lock: 2\nedition: 1\n", "mlk.lock");
  REQUIRE(!version);
  CHECK(version.error().what == "mlk.lock was written by a newer mlk");
  CHECK(version.error().why == "its version is 2, and this mlk knows up to 1");
  const auto edition = parse_lock("mlk-lock: 1\nedition: 7\n", "mlk.lock");
  REQUIRE(!edition);
  CHECK(edition.error().why == "its edition is 7, and this mlk knows up to 1");
}

TEST_CASE("lock: what mlk wouldn't have written is refused at its place", "[project][lock]") {
  const auto error = [](std::string_view text) {
    auto result = parse_lock(text, "mlk.lock");
    REQUIRE(!result);
    return result.error().what + ": " + result.error().why;
  };
  CHECK(error("edition: 1\n") ==
        "mlk.lock:1:1 can't be used as a lock file: 'mlk-lock: 1' is missing at its beginning");
  CHECK(error("mlk-lock: 1\nedition: 1\nmodel: {}\n") ==
        "mlk.lock:3:1 can't be used as a lock file: unknown key 'model' (did you mean 'models'?)");
  CHECK(error("mlk-lock: 1\nedition: 1\nmodels: {a: {image: x, digest: sha256:12}}\n") ==
        "mlk.lock:3:13 can't be used as a lock file: 'digest' is missing or no digest");
  CHECK(error("mlk-lock: 1\nedition: 1\nimages: {a: b}\n") ==
        "mlk.lock:3:13 can't be used as a lock file: a digest such as sha256:… is wanted here");
  CHECK(error("mlk-lock: 1\nedition: 1\nbackends: [a]\n") ==
        "mlk.lock:3:11 can't be used as a lock file: a map is wanted here");
  CHECK(error("mlk-lock: [\n").find("mlk.lock can't be read") == 0);
}

TEST_CASE("project: load takes the edition from the lock and refuses a broken lock", "[project][lock]") {
  std::string folder = (std::filesystem::temp_directory_path() / "mlk-load-XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  LoadOptions options = quiet_options();
  options.file = std::filesystem::path(folder) / "mlk.yaml";
  REQUIRE(write_file(options.file, "mlk: v1\nname: a\n"));
  CHECK(load(options)->edition == 1);
  CHECK(load(options)->directory == folder);
  REQUIRE(write_file(lock_path(options.file), "mlk-lock: 1\nedition: 9\n"));
  CHECK(load(options).error().why == "its edition is 9, and this mlk knows up to 1");
  std::filesystem::remove_all(folder);
}

TEST_CASE("schema: describes every field, closes every map and knows the defaults", "[project][schema]") {
  const document::Node root = schema();
  CHECK(root["additionalProperties"].as_bool() == false);
  CHECK(root["required"] == document::Node::sequence({"mlk", "name"}));
  const auto& job = root["properties"]["jobs"]["additionalProperties"];
  CHECK(job["required"] == document::Node::sequence({"image"}));
  CHECK(job["properties"]["nodes"]["default"].as_int() == 1);
  CHECK(job["properties"]["nodes"]["maximum"].as_int() == 10000);
  CHECK(job["properties"]["backend"]["anyOf"][0]["enum"].items().size() == 11);
  for (const auto& entry : job["properties"].entries()) {
    INFO(entry.key);
    CHECK(!entry.value["description"].string_or().empty());
  }
  const auto& overlay = root["properties"]["environments"]["additionalProperties"];
  CHECK(overlay["properties"].find("name") == nullptr);
  CHECK(overlay.find("required") == nullptr);
  CHECK(document::read_json(schema_json()));
}
