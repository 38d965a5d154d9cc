#include "manual_clock.hpp"
#include "temporary_folder.hpp"

#include <mlk/oci/layer.hpp>
#include <mlk/oci/layout.hpp>
#include <mlk/packaging/image.hpp>

#include <catch2/catch.hpp>

using namespace mlk::packaging;
namespace fs = std::filesystem;
namespace oci = mlk::oci;

namespace {

struct Bench {
  TemporaryFolder folder;
  ManualClock clock;
  Transport transport;
  oci::Reference image{oci::Home::layout, "", "", (folder / "l").string(), "v1", ""};

  Bench() {
    transport.auth = std::make_shared<oci::RegistryAuth>(oci::CredentialStore({}));
    transport.clock = &clock;
  }

  void pack() {
    folder.write("m/config.json", "{}");
    folder.write("m/sub/größe.txt", "u");
    folder.write("m/w.bin", std::string((5 << 20) + 3, 'w'));
    const auto model = *mlk::model::inspect_folder(folder / "m", {});
    REQUIRE(mlk::packaging::pack(model, *plan_pack(model), {image}, transport));
  }
  bool is_same_as_packed(const std::string& where) const {
    for (const auto* name : {"config.json", "sub/größe.txt", "w.bin"}) {
      const auto pulled = mlk::read_file(folder / (where + "/" + name));
      if (!pulled || *pulled != *mlk::read_file(folder / (std::string("m/") + name))) return false;
    }
    return true;
  }
  /// An image with these layers, each a folder's files under models/.
  void put_image(const std::vector<std::vector<oci::LayerFile>>& layers) {
    const auto layout = *oci::Layout::open_or_create(image.directory);
    oci::Manifest manifest;
    for (const auto& files : layers) {
      oci::LayerStream stream(files, 0);
      auto writer = *layout.begin_blob();
      std::vector<std::byte> buffer(4096);
      for (;;) {
        const auto count = *stream.read(buffer);
        if (count == 0) break;
        REQUIRE(writer.write(std::span(buffer).first(count)));
      }
      manifest.layers.push_back({std::string(oci::media::k_layer_tar), *writer.commit(), stream.size(), {}, {}});
    }
    manifest.config = {std::string(oci::media::k_config), *layout.put_blob("{}"), 2, {}, {}};
    const auto bytes = oci::write_manifest(manifest);
    REQUIRE(layout.set_tag({manifest.media_type, *layout.put_blob(bytes), bytes.size(), {}, {}}, image.tag));
  }
};

}  // namespace

TEST_CASE("pull: what was packed comes back to the byte", "[packaging][pull]") {
  Bench bench;
  bench.pack();
  const auto pulled = pull_files(bench.image, bench.folder / "out/new", false, bench.transport);
  REQUIRE(pulled);
  CHECK(pulled->files == std::vector<std::string>{"config.json", "sub/größe.txt", "w.bin"});
  CHECK(bench.is_same_as_packed("out/new"));
  CHECK_FALSE(fs::exists(bench.folder / "out/new/.mlk-pull"));
  // Again does no harm.
  CHECK(pull_files(bench.image, bench.folder / "out/new", false, bench.transport));
}

TEST_CASE("pull: files of others are not replaced unless told to", "[packaging][pull]") {
  Bench bench;
  bench.pack();
  bench.folder.write("out/config.json", "mine");
  const auto pulled = pull_files(bench.image, bench.folder / "out", false, bench.transport);
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().kind == mlk::ErrorKind::conflict);
  CHECK(pulled.error().why == "config.json");
  CHECK(*mlk::read_file(bench.folder / "out/config.json") == "mine");
  CHECK_FALSE(fs::exists(bench.folder / "out/w.bin"));
  CHECK_FALSE(fs::exists(bench.folder / "out/.mlk-pull"));
  REQUIRE(pull_files(bench.image, bench.folder / "out", true, bench.transport));
  CHECK(bench.is_same_as_packed("out"));
}

TEST_CASE("pull: a damaged layer leaves nothing", "[packaging][pull]") {
  Bench bench;
  bench.pack();
  const auto layout = *oci::Layout::open(bench.folder / "l");
  const auto manifest = *oci::parse_manifest(*layout.read_blob(*layout.resolve("v1", "")));
  auto bytes = *mlk::read_file(layout.blob_path(manifest.layers.back().digest));
  bytes[bytes.size() / 2] ^= 1;
  REQUIRE(mlk::write_file(layout.blob_path(manifest.layers.back().digest), bytes));
  const auto pulled = pull_files(bench.image, bench.folder / "out", false, bench.transport);
  REQUIRE_FALSE(pulled);
  CHECK(pulled.error().what.find("damaged") != std::string::npos);
  CHECK_FALSE(fs::exists(bench.folder / "out"));
}

TEST_CASE("pull: upper layers replace and remove what lower ones hold", "[packaging][pull]") {
  Bench bench;
  int count = 0;
  const auto file = [&](const std::string& name, const std::string& text) {
    return oci::LayerFile{"models/" + name, bench.folder.write("src/" + std::to_string(++count), text), text.size()};
  };
  bench.put_image({{file("a", "a1"), file("b", "b1"), file("d/x", "x1"), file("d/y", "y1")},
                   {file("a", "a2"), file(".wh.b", ""), file("d/.wh..wh..opq", ""), file("d/z", "z2")}});
  const auto pulled = pull_files(bench.image, bench.folder / "out", false, bench.transport);
  REQUIRE(pulled);
  CHECK(pulled->files == std::vector<std::string>{"a", "d/z"});
  CHECK(*mlk::read_file(bench.folder / "out/a") == "a2");
}

TEST_CASE("pull: an image without model files and an artifact say so", "[packaging][pull]") {
  Bench bench;
  bench.put_image({{{"bin/sh", bench.folder.write("sh", "#!"), 2}}});
  CHECK(pull_files(bench.image, bench.folder / "out", false, bench.transport).error().why.find("models/") !=
        std::string::npos);
  CHECK_FALSE(fs::exists(bench.folder / "out"));
}

TEST_CASE("copy: a layout's image goes to another as it is, and once", "[packaging][copy]") {
  Bench bench;
  bench.pack();
  const oci::Reference target{oci::Home::layout, "", "", (bench.folder / "l2").string(), "r.example.com/x:v1", ""};
  const auto copied = copy_image(bench.image, target, bench.transport);
  REQUIRE(copied);
  CHECK(copied->manifest.descriptor.digest ==
        oci::Layout::open(bench.folder / "l2")->resolve("r.example.com/x:v1", "")->digest);
  CHECK(copied->moved > 0);
  CHECK(copy_image(bench.image, target, bench.transport)->moved == 0);
  CHECK(pull_files(target, bench.folder / "out", false, bench.transport));
}

TEST_CASE("inspect, list, tag: what a layout holds is told from manifest and configuration", "[packaging][image]") {
  Bench bench;
  bench.pack();
  const auto summary = inspect_image(bench.image, bench.transport);
  REQUIRE(summary);
  CHECK(summary->platform == "linux/amd64");
  CHECK(summary->manifest.layers.size() == 2);
  REQUIRE(tag_image(bench.image, "best", bench.transport));
  const auto listed = list_images(bench.image, bench.transport);
  REQUIRE(listed);
  REQUIRE(listed->size() == 2);
  CHECK((*listed)[0].tag == "best");
  CHECK((*listed)[1].tag == "v1");
  CHECK((*listed)[0].digest == summary->descriptor.digest);
  CHECK((*listed)[0].size == summary->manifest.content_size());
}
