#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/project/lock.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using Catch::Contains;
using test::World;

namespace {

/// A folder with a model and an mlk.yaml that names it, and a home of its own.
struct Bench {
  TemporaryFolder folder;
  World world;

  Bench() {
    folder.write("m/config.json", R"({"architectures":["BertModel"],"model_type":"bert"})");
    folder.write("m/README.md", "---\nlicense: mit\n---\n");
    world.in_directory(folder.path());
    world.with_env("HOME", (folder / "home").string());
  }
  void write_project(const std::string& image) {
    folder.write("mlk.yaml", "mlk: v1\nname: t\nnamespace: nlp\nmodels:\n  tiny:\n    source: ./m\n" +
                                 (image.empty() ? "" : "    image: " + image + "\n"));
  }
  document::Node json() const { return *document::read_json(world.out()); }
};

}  // namespace

TEST_CASE("model pack: a folder without a name for the image is a usage error that says how", "[model][pack][args]") {
  Bench bench;
  CHECK(bench.world.run("model pack m") == 2);
  CHECK_THAT(bench.world.err(), Contains("the image has no name") && Contains("mlk model pack m -t"));
  CHECK(bench.world.run("model pack") == 2);
  CHECK(bench.world.run("model pack m -t Not/A/Name") == 2);
  CHECK(bench.world.run("model pack none -t oci:l:v1") == 10);
  CHECK(bench.world.run("model pack m -t oci-archive:x.tar:v1") == 2);
}

TEST_CASE("model pack: the model of mlk.yaml goes to this machine's layout, and its digest to mlk.lock",
          "[model][pack]") {
  Bench bench;
  bench.write_project("registry.example.com/nlp/tiny");
  REQUIRE(bench.world.run("model pack -o json") == 0);
  const auto digest = bench.json()["digest"].string_or();
  CHECK(bench.json()["schema"].string_or() == "mlk.dev/model-pack/v1");
  CHECK(bench.json()["section"].string_or() == "tiny");
  CHECK(bench.json()["model"]["architecture"].string_or() == "BertModel");
  const auto lock = project::read_lock(bench.folder / "mlk.lock");
  REQUIRE(lock);
  REQUIRE(*lock);
  const auto& locked = (*lock)->models.at("tiny");
  CHECK(locked.digest == digest);
  CHECK(locked.image == "registry.example.com/nlp/tiny:" + digest.substr(7, 12));
  World second;
  second.in_directory(bench.folder.path()).with_env("HOME", (bench.folder / "home").string());
  REQUIRE(second.run("model list -o name") == 0);
  CHECK(second.out() == locked.image + "\n");
}

TEST_CASE("model pack: a folder that is a model's source belongs to that model", "[model][pack]") {
  Bench bench;
  bench.write_project("registry.example.com/nlp/tiny:v3");
  REQUIRE(bench.world.run("model pack ./m") == 0);
  CHECK_THAT(bench.world.out(), Contains("image") && Contains("registry.example.com/nlp/tiny:v3") &&
                                    Contains("locked") && Contains("send it on: mlk model push"));
  CHECK(std::filesystem::exists(bench.folder / "mlk.lock"));
}

TEST_CASE("model pack: a dry run writes nothing", "[model][pack]") {
  Bench bench;
  bench.write_project("registry.example.com/nlp/tiny");
  REQUIRE(bench.world.run("model pack --dry-run") == 0);
  CHECK_THAT(bench.world.out(), Contains("would pack ./m") && Contains("2 files"));
  CHECK_FALSE(std::filesystem::exists(bench.folder / "mlk.lock"));
  CHECK_FALSE(std::filesystem::exists(bench.folder / "home"));
}

TEST_CASE("model pack: what is wrong with the files is said file by file", "[model][pack][errors]") {
  Bench bench;
  bench.folder.write("m/model.safetensors", "short");
  bench.folder.write("m/lfs.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  CHECK(bench.world.run("model pack m -t oci:l:v1") == 1);
  CHECK_THAT(bench.world.err(), Contains("model.safetensors") && Contains("lfs.bin") && Contains("git lfs pull"));
  CHECK_FALSE(std::filesystem::exists(bench.folder / "l"));
}

TEST_CASE("model pull: an image comes back, and what is in the way is not overwritten", "[model][pull]") {
  Bench bench;
  REQUIRE(bench.world.run("model pack m -t oci:l:v1") == 0);
  REQUIRE(bench.world.run("model pull oci:l:v1 out") == 0);
  CHECK(*read_file(bench.folder / "out/config.json") == *read_file(bench.folder / "m/config.json"));
  bench.folder.write("out/config.json", "mine");
  CHECK(bench.world.run("model pull oci:l:v1 out") == 11);
  CHECK_THAT(bench.world.err(), Contains("--overwrite"));
  CHECK(*read_file(bench.folder / "out/config.json") == "mine");
  CHECK(bench.world.run("model pull oci:l:v1 out --overwrite") == 0);
  CHECK(bench.world.run("model pull oci:l:v2 out") == 10);
  CHECK(bench.world.run("model pull") == 2);
}

TEST_CASE("model inspect: a folder and an image tell the same facts", "[model][inspect]") {
  Bench bench;
  REQUIRE(bench.world.run("model pack m -t oci:l:v1 -q") == 0);
  World folder;
  folder.in_directory(bench.folder.path());
  REQUIRE(folder.run("model inspect m -o json") == 0);
  World image;
  image.in_directory(bench.folder.path());
  REQUIRE(image.run("model inspect oci:l:v1 -o json") == 0);
  CHECK((*document::read_json(folder.out()))["model"]["license"].string_or() == "mit");
  CHECK((*document::read_json(image.out()))["model"]["license"].string_or() == "mit");
  CHECK(image.run("model inspect l") == 2);
  CHECK(image.run("model inspect ./none") == 10);
}

TEST_CASE("model tag, model list: an image on this machine gets one more name", "[model][tag][list]") {
  Bench bench;
  bench.write_project("registry.example.com/nlp/tiny:v1");
  REQUIRE(bench.world.run("model list") == 0);
  CHECK_THAT(bench.world.err(), Contains("no images in"));
  REQUIRE(bench.world.run("model pack") == 0);
  REQUIRE(bench.world.run("model tag registry.example.com/nlp/tiny:v1 stable") == 0);
  REQUIRE(bench.world.run("model tag registry.example.com/nlp/tiny:v1 other.example.com/x:1") == 0);
  CHECK(bench.world.run("model tag registry.example.com/nlp/tiny:v1 no/tag") == 2);
  World list;
  list.with_env("HOME", (bench.folder / "home").string());
  REQUIRE(list.run("model list -o name") == 0);
  CHECK(list.out() ==
        "other.example.com/x:1\nregistry.example.com/nlp/tiny:stable\nregistry.example.com/nlp/tiny:v1\n");
}

TEST_CASE("model push: what isn't on this machine, or has no registry, is said before anything is sent",
          "[model][push][errors]") {
  Bench bench;
  CHECK(bench.world.run("model push") == 2);
  CHECK(bench.world.run("model push registry.example.com/nlp/none:v1") == 10);
  CHECK_THAT(bench.world.err(), Contains("mlk model list"));
  REQUIRE(bench.world.run("model pack m -t oci:l:v1") == 0);
  CHECK(bench.world.run("model push oci:l:v1") == 2);
  bench.write_project("");
  CHECK(bench.world.run("model push") == 2);
  CHECK_THAT(bench.world.err(), Contains("has no 'image'"));
}

TEST_CASE("model pack: on a terminal progress is drawn, on a pipe it is a line a layer", "[model][pack][progress]") {
  Bench pipe;
  REQUIRE(pipe.world.run("model pack m -t oci:l:v1") == 0);
  CHECK_THAT(pipe.world.err(), Contains("2 files"));
  CHECK(pipe.world.err().find('\x1b') == std::string::npos);
  Bench quiet;
  REQUIRE(quiet.world.run("model pack m -t oci:l:v1 -q") == 0);
  CHECK(quiet.world.err().empty());
}
