#include <mlk/oci/manifest.hpp>

#include <catch2/catch.hpp>

using namespace mlk::oci;

namespace {

Descriptor blob(const std::string& text, std::string_view type) {
  return {std::string(type), Digest::of(text), text.size(), {}, {}};
}

}  // namespace

TEST_CASE("digest: only sha256 with 64 lower-case hex digits is one", "[oci][digest]") {
  CHECK(Digest::of("{}").text() == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  CHECK(Digest::of("{}").short_hex() == "44136fa355b3");
  CHECK(Digest::parse(Digest::of("x").text())->text() == Digest::of("x").text());
  CHECK_FALSE(Digest::parse("sha256:" + std::string(64, 'A')));
  CHECK_FALSE(Digest::parse("sha256:" + std::string(63, 'a')));
  CHECK_FALSE(Digest::parse("sha256:../../../../etc/passwd"));
  CHECK(Digest::parse("sha512:" + std::string(128, 'a')).error().why.find("SHA-256") != std::string::npos);
}

TEST_CASE("manifest: what is written is read back, and equal content gives equal bytes", "[oci][manifest]") {
  Manifest manifest;
  manifest.config = blob("{}", media::k_config);
  manifest.layers.push_back(blob("layer", media::k_layer_tar));
  manifest.layers.back().annotations["b"] = "2";
  manifest.layers.back().annotations["a"] = "1";
  manifest.annotations["dev.mlk.model.format"] = "safetensors";
  const auto bytes = write_manifest(manifest);
  CHECK(bytes == write_manifest(manifest));
  CHECK(bytes.find('\n') == std::string::npos);
  const auto read = parse_manifest(bytes);
  REQUIRE(read);
  CHECK(write_manifest(*read) == bytes);
  CHECK(read->content_size() == 7);
}

TEST_CASE("manifest: malformed ones say what is wrong", "[oci][manifest]") {
  const auto why = [](const char* text) { return parse_manifest(text).error().why; };
  CHECK(why("[]").find("object") != std::string::npos);
  CHECK(why("{").find("JSON") != std::string::npos);
  CHECK(why(R"({"schemaVersion":1})").find("schemaVersion") != std::string::npos);
  CHECK(why(R"({"schemaVersion":2,"manifests":[]})").find("index") != std::string::npos);
  CHECK(why(R"({"schemaVersion":2,"layers":[]})").find("config") != std::string::npos);
  CHECK(why(R"({"schemaVersion":2,"config":{"size":-1}})").find("config.size") != std::string::npos);
  CHECK(why(R"({"schemaVersion":2,"config":{"size":1,"digest":"sha256:x"}})").find("config.digest") !=
        std::string::npos);
}

TEST_CASE("index: platforms are read and written", "[oci][manifest]") {
  Index index;
  index.manifests.push_back(blob("m", media::k_manifest));
  index.manifests.back().platform = "linux/arm/v7";
  const auto read = parse_index(write_index(index));
  REQUIRE(read);
  CHECK(read->manifests.front().platform == "linux/arm/v7");
  CHECK(is_index(media::k_index));
  CHECK(is_index(media::k_docker_list));
  CHECK_FALSE(is_index(media::k_manifest));
}
