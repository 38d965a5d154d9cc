#include "manual_clock.hpp"
#include "temporary_folder.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/oci/layout.hpp>
#include <mlk/packaging/image.hpp>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include <atomic>

using namespace mlk::packaging;
namespace fs = std::filesystem;
namespace oci = mlk::oci;

namespace {

/// Folders, a clock and a cache of the test's own.
struct Bench {
  TemporaryFolder folder;
  ManualClock clock;

  Transport transport() {
    Transport out;
    out.auth = std::make_shared<oci::RegistryAuth>(oci::CredentialStore({}));
    out.clock = &clock;
    out.digest_cache = folder / "cache";
    return out;
  }
  void write_model(const std::string& where) const {
    folder.write(where + "/config.json", R"({"architectures":["BertModel"],"model_type":"bert"})");
    folder.write(where + "/README.md", "---\nlicense: mit\n---\n");
    folder.write(where + "/weights/a.bin", std::string(5 << 20, 'a'));
    folder.write(where + "/weights/b.bin", std::string((6 << 20) + 11, 'b'));
    folder.write(where + "/sub/tokenizer.txt", "tok");
  }
  oci::Reference layout(const std::string& name, const std::string& tag = "v1") const {
    return {oci::Home::layout, "", "", (folder / name).string(), tag, ""};
  }
  mlk::Result<MovedImage> pack(const std::string& where, std::vector<oci::Reference> targets, std::int64_t mtime = 0) {
    MLK_TRY(const auto model, mlk::model::inspect_folder(folder / where, {}));
    MLK_TRY(const auto plan, plan_pack(model, mtime));
    return mlk::packaging::pack(model, plan, std::move(targets), transport());
  }
};

std::size_t blobs_in(const fs::path& layout) {
  const auto blobs = layout / "blobs/sha256";
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(blobs), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("plan: small files share the first layer, each large one has its own", "[packaging][plan]") {
  Bench bench;
  bench.write_model("m");
  const auto plan = plan_pack(*mlk::model::inspect_folder(bench.folder / "m", {}));
  REQUIRE(plan);
  REQUIRE(plan->layers.size() == 3);
  CHECK(plan->layers[0].title == "3 files");
  CHECK(plan->layers[0].files[0].name == "models/README.md");
  CHECK(plan->layers[1].title == "weights/a.bin");
  CHECK(plan->layers[2].title == "weights/b.bin");
}

TEST_CASE("plan: no image has more layers than a node can stack", "[packaging][plan]") {
  mlk::model::Folder folder;
  for (int i = 0; i < 1000; ++i) {
    folder.files.push_back({"w" + std::to_string(1000 + i), "/dev/null", std::uint64_t{5} << 20, {}, {}});
  }
  const auto plan = plan_pack(folder);
  REQUIRE(plan);
  CHECK(plan->layers.size() <= 64);
  std::size_t files = 0;
  for (const auto& layer : plan->layers) files += layer.files.size();
  CHECK(files == 1000);
}

TEST_CASE("plan: SOURCE_DATE_EPOCH is a number or an error", "[packaging][plan]") {
  CHECK(*parse_source_date_epoch("1700000000") == 1'700'000'000);
  CHECK(*parse_source_date_epoch("") == 0);
  for (const auto* text : {"yesterday", "-1", "1.5", "99999999999999999999", "8589934592"}) {
    CHECK(parse_source_date_epoch(text).error().what.find(text) != std::string::npos);
  }
}

TEST_CASE("pack: the image is one that container runtimes mount", "[packaging][pack]") {
  Bench bench;
  bench.write_model("m");
  const auto image = bench.pack("m", {bench.layout("l")});
  REQUIRE(image);
  const auto layout = *oci::Layout::open(bench.folder / "l");
  const auto entry = layout.resolve("v1", "");
  REQUIRE(entry);
  CHECK(entry->media_type == "application/vnd.oci.image.manifest.v1+json");
  CHECK(entry->digest == image->manifest.descriptor.digest);
  const auto manifest = *oci::parse_manifest(*layout.read_blob(*entry));
  CHECK(manifest.config.media_type == "application/vnd.oci.image.config.v1+json");
  CHECK(manifest.annotations.at("dev.mlk.model.architecture") == "BertModel");
  CHECK(manifest.annotations.at("org.opencontainers.image.licenses") == "MIT");
  const auto config = *mlk::document::read_json(*layout.read_blob(manifest.config));
  CHECK(config["os"].string_or() == "linux");
  CHECK(config["architecture"].string_or() == "amd64");
  CHECK(config["rootfs"]["type"].string_or() == "layers");
  REQUIRE(config["rootfs"]["diff_ids"].size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(manifest.layers[i].media_type == "application/vnd.oci.image.layer.v1.tar");
    CHECK(config["rootfs"]["diff_ids"][i].string_or() == manifest.layers[i].digest.text());
    CHECK(layout.has_blob(manifest.layers[i]));
  }
}

TEST_CASE("pack: the same content gives the same digest on other days, in other folders, for other people",
          "[packaging][pack][reproducible]") {
  Bench bench;
  bench.write_model("one");
  const auto old_mask = ::umask(077);
  bench.write_model("elsewhere/deep/two");
  ::umask(old_mask);
  fs::last_write_time(bench.folder / "one/config.json", fs::file_time_type::clock::now() - std::chrono::hours(9999));
  const auto one = bench.pack("one", {bench.layout("l1")});
  const auto two = bench.pack("elsewhere/deep/two", {bench.layout("l2", "")});
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->manifest.bytes == two->manifest.bytes);
  // The digests themselves are held fast: what was packed once has to pack the same with every later version.
  CHECK(one->manifest.descriptor.digest.text() ==
        "sha256:eb9eabee86dc1fc7a5d71cb39db83e0e7cc2241ca34cbfc8f708cf176bcd46a4");
  // Without a tag the content names itself.
  CHECK(two->targets[0].tag == two->manifest.descriptor.digest.short_hex());
  CHECK(bench.pack("one", {bench.layout("l3")}, 1'700'000'000)->manifest.bytes != one->manifest.bytes);
}

TEST_CASE("pack: what is there isn't written again, and unchanged files aren't read", "[packaging][pack]") {
  Bench bench;
  bench.write_model("m");
  REQUIRE(bench.pack("m", {bench.layout("l")}));
  // Times younger than two seconds tell nothing; the cache comes in once they have settled.
  bench.clock.advance(std::chrono::hours(24 * 365 * 10));
  const auto second = bench.pack("m", {bench.layout("l")});
  REQUIRE(second);
  const auto third = bench.pack("m", {bench.layout("l")});
  REQUIRE(third);
  CHECK(third->moved == 0);
  for (const auto& layer : third->layers) CHECK(layer.was_there);
  CHECK(third->manifest.bytes == second->manifest.bytes);
  // A change is seen.
  bench.folder.write("m/weights/a.bin", std::string(5 << 20, 'c'));
  const auto changed = bench.pack("m", {bench.layout("l")});
  REQUIRE(changed);
  CHECK(changed->manifest.bytes != third->manifest.bytes);
  CHECK(changed->layers[2].was_there);
}

TEST_CASE("pack: several targets at once hold the same image", "[packaging][pack]") {
  Bench bench;
  bench.write_model("m");
  const auto image = bench.pack("m", {bench.layout("l1", "a"), bench.layout("l2", "b")});
  REQUIRE(image);
  CHECK(oci::Layout::open(bench.folder / "l1")->resolve("a", "")->digest == image->manifest.descriptor.digest);
  CHECK(oci::Layout::open(bench.folder / "l2")->resolve("b", "")->digest == image->manifest.descriptor.digest);
  CHECK(blobs_in(bench.folder / "l1") == 5);
  CHECK(blobs_in(bench.folder / "l2") == 5);
}

TEST_CASE("pack: a target by digest, or none, is refused", "[packaging][pack]") {
  Bench bench;
  bench.write_model("m");
  auto target = bench.layout("l");
  target.digest = oci::Digest::of("x").text();
  CHECK(bench.pack("m", {target}).error().kind == mlk::ErrorKind::usage);
  CHECK(bench.pack("m", {}).error().kind == mlk::ErrorKind::usage);
}

TEST_CASE("pack: a stop in the middle leaves no blob and no tag half-written", "[packaging][pack]") {
  Bench bench;
  bench.folder.write("m/w1.bin", std::string(40 << 20, '1'));
  bench.folder.write("m/w2.bin", std::string(40 << 20, '2'));
  const auto model = *mlk::model::inspect_folder(bench.folder / "m", {});
  const auto plan = *plan_pack(model);
  std::stop_source stop;
  auto transport = bench.transport();
  transport.stop = stop.get_token();
  std::atomic<std::int64_t> moved{0};
  transport.progress = [&](const oci::TransferEvent& event) {
    if (event.kind == oci::TransferEvent::Kind::moved && (moved += event.bytes) > (8 << 20)) stop.request_stop();
  };
  const auto image = mlk::packaging::pack(model, plan, {bench.layout("l")}, transport);
  REQUIRE_FALSE(image);
  CHECK(image.error().kind == mlk::ErrorKind::interrupted);
  CHECK(blobs_in(bench.folder / "l") == 0);
  CHECK(oci::Layout::open(bench.folder / "l")->index()->manifests.empty());
}

TEST_CASE("pack: progress adds up to the plan", "[packaging][pack]") {
  Bench bench;
  bench.write_model("m");
  const auto model = *mlk::model::inspect_folder(bench.folder / "m", {});
  const auto plan = *plan_pack(model);
  auto transport = bench.transport();
  std::atomic<std::int64_t> planned{0}, moved{0}, finished{0};
  transport.progress = [&](const oci::TransferEvent& event) {
    if (event.kind == oci::TransferEvent::Kind::planned) planned += event.bytes;
    if (event.kind == oci::TransferEvent::Kind::moved) moved += event.bytes;
    if (event.kind == oci::TransferEvent::Kind::finished) ++finished;
  };
  REQUIRE(mlk::packaging::pack(model, plan, {bench.layout("l")}, transport));
  CHECK(planned == static_cast<std::int64_t>(plan.size));
  CHECK(moved == planned);
  CHECK(finished == 3);
}
