#include "bed.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/project/lock.hpp>

#include <catch2/catch.hpp>

using namespace mlk;

namespace {

std::string safetensors() {
  std::string header = R"({"w":{"dtype":"U8","shape":[16],"data_offsets":[0,16]}})";
  std::string length(8, '\0');
  length[0] = static_cast<char>(header.size());
  return length + header + std::string(16, 'x');
}

}  // namespace

TEST_CASE("lock: real registries give the digests of images and of models pushed elsewhere", "[registry][lock]") {
  MLK_NEEDS_BED(bed);
  for (const char* registry : {"registries.distribution.address", "registries.olareg.address"}) {
    const std::string image = bed.text(registry) + "/" + test::unique_name("nlp/lock") + ":v1";
    const test::Mlk elsewhere;
    elsewhere.write("m/model.safetensors", safetensors());
    const auto packed = elsewhere.run({"model", "pack", "m", "-t", image, "-o", "json"});
    INFO(packed.err);
    REQUIRE(packed.code == 0);
    const std::string digest = document::read_json(packed.out).value()["digest"].string_or();

    const test::Mlk mlk;
    mlk.write("mlk.yaml", "mlk: v1\nname: shop\nmodels:\n  reviews: {source: \"oci://" + image +
                              "\"}\njobs:\n  train: {image: \"" + image + "\", command: [a]}\n");
    const auto locked = mlk.run({"lock"});
    INFO(locked.err);
    REQUIRE(locked.code == 0);
    const auto lock = project::read_lock(mlk.folder() / "mlk.lock").value().value();
    CHECK(lock.images.at(image) == digest);
    CHECK(lock.models.at("reviews").digest == digest);
    CHECK(mlk.run({"lock", "--check"}).code == 0);
    CHECK(mlk.run({"generate"}).out.find(image + "@" + digest) != std::string::npos);
  }
}
