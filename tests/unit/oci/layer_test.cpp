#include "temporary_folder.hpp"

#include <mlk/oci/layer.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>

using namespace mlk::oci;
namespace fs = std::filesystem;

namespace {

std::string read_all(BlobSource& source, std::size_t piece) {
  std::string out;
  std::vector<std::byte> buffer(piece);
  for (;;) {
    const auto count = source.read(buffer);
    REQUIRE(count);
    if (*count == 0) return out;
    out.append(reinterpret_cast<const char*>(buffer.data()), *count);
  }
}

LayerFile file(const TemporaryFolder& folder, const std::string& name, std::string_view text) {
  return {"models/" + name, folder.write("src/" + name, text), text.size()};
}

/// A tar made by the system's tar, as other programs make layers.
std::string foreign_tar(const TemporaryFolder& folder, const std::string& commands) {
  const auto script = "cd '" + folder.path().string() + "' && mkdir -p t && cd t && " + commands;
  REQUIRE(std::system(script.c_str()) == 0);
  return *mlk::read_file(folder / "t/out.tar");
}

}  // namespace

TEST_CASE("layer: the tar is what tar reads, with fixed owners, modes and times", "[oci][layer]") {
  const TemporaryFolder folder;
  const std::string long_name(120, 'n');
  std::vector<LayerFile> files = {file(folder, "b.json", "{}"), file(folder, "a/deep/x.txt", "text"),
                                  file(folder, long_name, "long"), file(folder, "größe.txt", "utf-8"),
                                  file(folder, "empty", "")};
  LayerStream stream(files, 0);
  const auto bytes = read_all(stream, 4096);
  CHECK(bytes.size() == stream.size());
  folder.write("layer.tar", bytes);
  const auto list =
      "tar --utc --full-time -tvf '" + (folder / "layer.tar").string() + "' > '" + (folder / "list").string() + "'";
  REQUIRE(std::system(list.c_str()) == 0);
  const auto text = *mlk::read_file(folder / "list");
  CHECK(text.find("drwxr-xr-x 0/0               0 1970-01-01 00:00:00 models/") != std::string::npos);
  CHECK(text.find("-rw-r--r-- 0/0               2 1970-01-01 00:00:00 models/b.json") != std::string::npos);
  CHECK(text.find(long_name) != std::string::npos);
  CHECK(text.find("models/a/deep/") != std::string::npos);
}

TEST_CASE("layer: the order of the files and the size of the reads change nothing", "[oci][layer]") {
  const TemporaryFolder folder;
  std::mt19937 random(7);
  std::string large(300'001, '\0');
  for (auto& c : large) c = static_cast<char>(random());
  std::vector<LayerFile> files = {file(folder, "w.bin", large), file(folder, "a", "1"), file(folder, "z", "2")};
  LayerStream forward(files, 1'700'000'000);
  std::reverse(files.begin(), files.end());
  LayerStream backward(files, 1'700'000'000);
  const auto bytes = read_all(forward, 1 << 20);
  CHECK(bytes == read_all(backward, 7));
  REQUIRE(forward.rewind());
  CHECK(bytes == read_all(forward, 511));
  LayerStream other(files, 1'700'000'001);
  CHECK(bytes != read_all(other, 4096));
}

TEST_CASE("layer: a file that changes while it is packed is noticed", "[oci][layer]") {
  const TemporaryFolder folder;
  auto one = file(folder, "a", "12345");
  fs::resize_file(one.source, 3);
  LayerStream stream({one}, 0);
  std::vector<std::byte> buffer(4096);
  const auto count = stream.read(buffer);
  REQUIRE_FALSE(count);
  CHECK(count.error().what.find("changed") != std::string::npos);
}

TEST_CASE("layer: what is packed is unpacked to the same bytes", "[oci][layer]") {
  const TemporaryFolder folder;
  const std::string text(700'000, 'q');
  LayerStream stream({file(folder, "w.bin", text), file(folder, "sub/größe.txt", "u"), file(folder, "empty", "")}, 0);
  fs::create_directories(folder / "out");
  const auto done = extract_layer(stream, folder / "out", "models/", {});
  REQUIRE(done);
  CHECK(done->files == std::vector<std::string>{"empty", "sub/größe.txt", "w.bin"});
  CHECK(*mlk::read_file(folder / "out/w.bin") == text);
  CHECK(*mlk::read_file(folder / "out/sub/größe.txt") == "u");
  CHECK(fs::file_size(folder / "out/empty") == 0);
}

TEST_CASE("layer: gzip, whiteouts and other prefixes are understood", "[oci][layer]") {
  const TemporaryFolder folder;
  const auto bytes = foreign_tar(folder,
                                 "mkdir -p models bin && echo m > models/m && echo s > bin/sh && "
                                 "touch models/.wh.gone && tar -czf out.tar models bin");
  fs::create_directories(folder / "out");
  const auto source = text_source(bytes);
  const auto done = extract_layer(*source, folder / "out", "models/", {});
  REQUIRE(done);
  CHECK(done->files == std::vector<std::string>{"m"});
  CHECK(done->removed == std::vector<std::string>{"gone"});
  CHECK_FALSE(fs::exists(folder / "out/bin"));
}

TEST_CASE("layer: names that lead out, links and devices are refused", "[oci][layer][security]") {
  for (const std::string commands :
       {"mkdir -p models && echo x > models/x && tar --transform 's,x$,../../evil,' -cf out.tar models",
        "mkdir -p models && ln -s /etc models/l && tar -cf out.tar models",
        "mkdir -p models && echo x > models/x && ln models/x models/y && tar -cf out.tar models",
        "mkdir -p models && mkfifo models/p && tar -cf out.tar models",
        "echo x > x && tar -P --transform 's,^x$,/models/x,' -cf out.tar x"}) {
    INFO(commands);
    const TemporaryFolder folder;
    const auto bytes = foreign_tar(folder, commands);
    fs::create_directories(folder / "out");
    const auto source = text_source(bytes);
    const auto done = extract_layer(*source, folder / "out", "models/", {});
    REQUIRE_FALSE(done);
    CHECK(done.error().what.find("refused") != std::string::npos);
    CHECK_FALSE(fs::exists(folder / "evil"));
  }
}

TEST_CASE("layer: garbage and a broken-off tar are errors", "[oci][layer]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "out");
  const auto garbage = text_source(std::string(4096, 'g'));
  CHECK_FALSE(extract_layer(*garbage, folder / "out", "models/", {}));
  LayerStream stream({file(folder, "a", std::string(5000, 'a'))}, 0);
  auto bytes = read_all(stream, 4096);
  const auto cut = text_source(bytes.substr(0, 3000));
  CHECK_FALSE(extract_layer(*cut, folder / "out", "models/", {}));
}

TEST_CASE("layer: a verified source that lies is found at its end", "[oci][layer]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "out");
  LayerStream stream({file(folder, "a", "a")}, 0);
  const auto bytes = read_all(stream, 4096);
  const auto good = verified_source(text_source(bytes), Digest::of(bytes), bytes.size());
  CHECK(extract_layer(*good, folder / "out", "models/", {}));
  const auto bad = verified_source(text_source(bytes), Digest::of("other"), bytes.size());
  CHECK(extract_layer(*bad, folder / "out", "models/", {}).error().what.find("damaged") != std::string::npos);
}

TEST_CASE("layer: a file is placed below its folder and nowhere else", "[oci][layer][security]") {
  const TemporaryFolder folder;
  fs::create_directories(folder / "out");
  fs::create_directories(folder / "elsewhere");
  fs::create_directory_symlink(folder / "elsewhere", folder / "out/link");
  const auto from = folder.write("staged", "s");
  CHECK_FALSE(place_file(from, folder / "out", "link/x", true));
  CHECK_FALSE(place_file(from, folder / "out", "../x", true));
  CHECK(fs::is_empty(folder / "elsewhere"));
  folder.write("out/there", "old");
  CHECK(place_file(from, folder / "out", "there", false).error().kind == mlk::ErrorKind::conflict);
  REQUIRE(place_file(from, folder / "out", "sub/new", false));
  CHECK(*mlk::read_file(folder / "out/sub/new") == "s");
}
