#include "temporary_folder.hpp"

#include <mlk/oci/layout.hpp>

#include <catch2/catch.hpp>
#include <sys/resource.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

using namespace mlk::oci;
namespace fs = std::filesystem;

namespace {

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

Descriptor put_manifest(const Layout& layout, const std::string& text) {
  Descriptor out{std::string(media::k_manifest), *layout.put_blob(text), text.size(), {}, {}};
  return out;
}

}  // namespace

TEST_CASE("layout: a new one has what the specification asks for", "[oci][layout]") {
  const TemporaryFolder folder;
  REQUIRE(Layout::open_or_create(folder / "l"));
  CHECK(*mlk::read_file(folder / "l/oci-layout") == R"({"imageLayoutVersion":"1.0.0"})");
  CHECK(parse_index(*mlk::read_file(folder / "l/index.json"))->manifests.empty());
  CHECK(Layout::open(folder / "l"));
  CHECK(Layout::open_or_create(folder / "l"));
}

TEST_CASE("layout: another folder is not taken for one", "[oci][layout]") {
  const TemporaryFolder folder;
  folder.write("x/thesis.tex", "precious");
  CHECK(Layout::open_or_create(folder / "x").error().why.find("thesis.tex") != std::string::npos);
  CHECK(Layout::open(folder / "x").error().kind == mlk::ErrorKind::not_found);
  CHECK(Layout::open(folder / "none").error().kind == mlk::ErrorKind::not_found);
  folder.write("old/oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
  CHECK(Layout::open(folder / "old").error().why.find("2.0.0") != std::string::npos);
}

TEST_CASE("layout: blobs appear when they are whole, and only then", "[oci][layout]") {
  const TemporaryFolder folder;
  const auto layout = *Layout::open_or_create(folder / "l");
  const auto blobs = folder / "l/blobs/sha256";
  const std::string text(3 << 20, 'x');
  {
    auto writer = *layout.begin_blob(text.size());
    REQUIRE(writer.write(std::as_bytes(std::span(text))));
    // Given up before the end: an interrupted command.
  }
  CHECK(files_in(blobs) == 0);
  {
    auto writer = *layout.begin_blob();
    REQUIRE(writer.write(std::as_bytes(std::span(text))));
    const auto other = Digest::of("other");
    CHECK(writer.commit(&other).error().what.find("damaged") != std::string::npos);
  }
  CHECK(files_in(blobs) == 0);
  auto writer = *layout.begin_blob(text.size() + 100);
  REQUIRE(writer.write(std::as_bytes(std::span(text))));
  const auto digest = writer.commit();
  REQUIRE(digest);
  CHECK(*digest == Digest::of(text));
  CHECK(fs::file_size(layout.blob_path(*digest)) == text.size());
  CHECK(layout.has_blob({"", *digest, text.size(), {}, {}}));
  CHECK_FALSE(layout.has_blob({"", *digest, text.size() + 1, {}, {}}));
}

TEST_CASE("layout: a blob that a crash cut short is replaced", "[oci][layout]") {
  const TemporaryFolder folder;
  const auto layout = *Layout::open_or_create(folder / "l");
  const auto digest = *layout.put_blob("whole content");
  fs::resize_file(layout.blob_path(digest), 3);
  CHECK_FALSE(layout.has_blob({"", digest, 13, {}, {}}));
  CHECK(layout.read_blob({"", digest, 3, {}, {}}).error().what.find("damaged") != std::string::npos);
  REQUIRE(layout.put_blob("whole content"));
  CHECK(*layout.read_blob({"", digest, 13, {}, {}}) == "whole content");
  CHECK(files_in(folder / "l/blobs/sha256") == 1);
}

TEST_CASE("layout: tags move, and what others wrote into the index stays", "[oci][layout]") {
  const TemporaryFolder folder;
  const auto layout = *Layout::open_or_create(folder / "l");
  const auto one = put_manifest(layout, "one");
  const auto two = put_manifest(layout, "two");
  folder.write("l/index.json", R"({"schemaVersion":2,"x-of-others":1,"manifests":[
    {"mediaType":"a/b","digest":"sha256:)" +
                                   std::string(64, '1') + R"(","size":1,"data":"QQ=="}]})");
  REQUIRE(layout.set_tag(one, "v1"));
  REQUIRE(layout.set_tag(two, "v1"));
  REQUIRE(layout.set_tag(one, "v0"));
  CHECK(layout.resolve("v1", "")->digest == two.digest);
  CHECK(layout.resolve("v0", "")->digest == one.digest);
  CHECK(layout.resolve("", one.digest.text())->digest == one.digest);
  CHECK(layout.index()->manifests.size() == 3);
  const auto text = *mlk::read_file(folder / "l/index.json");
  CHECK(text.find("x-of-others") != std::string::npos);
  CHECK(text.find("QQ==") != std::string::npos);
  const auto missing = layout.resolve("v2", "");
  CHECK(missing.error().kind == mlk::ErrorKind::not_found);
  CHECK(missing.error().why.find("v0") != std::string::npos);
}

TEST_CASE("layout: a tag that ends in a colon means the newest", "[oci][layout]") {
  const TemporaryFolder folder;
  const auto layout = *Layout::open_or_create(folder / "l");
  const auto one = put_manifest(layout, "one");
  const auto two = put_manifest(layout, "two");
  REQUIRE(layout.set_tag(one, "r.example.com/x:aaa"));
  REQUIRE(layout.set_tag(two, "r.example.com/x:bbb"));
  CHECK(layout.resolve("r.example.com/x:", "")->digest == two.digest);
  REQUIRE(layout.set_tag(one, "r.example.com/x:aaa"));
  CHECK(layout.resolve("r.example.com/x:", "")->digest == one.digest);
}

TEST_CASE("layout: many writers at once lose no tag", "[oci][layout]") {
  const TemporaryFolder folder;
  std::atomic<int> failures{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        const auto layout = *Layout::open_or_create(folder / "l");
        for (int i = 0; i < 10; ++i) {
          const auto name = "t" + std::to_string(t) + "-" + std::to_string(i);
          if (!layout.set_tag(put_manifest(layout, name), name)) ++failures;
        }
      });
    }
  }
  CHECK(failures == 0);
  CHECK(Layout::open(folder / "l")->index()->manifests.size() == 40);
}

TEST_CASE("layout: a full disk is an error and leaves nothing behind", "[oci][layout]") {
  // A limit on the size of files stands in for a small disk: write() then fails in the same place.
  const TemporaryFolder folder;
  const auto layout = *Layout::open_or_create(folder / "l");
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  rlimit small = old;
  small.rlim_cur = 1 << 20;
  ::setrlimit(RLIMIT_FSIZE, &small);
  {
    auto writer = *layout.begin_blob();
    const std::string text(2 << 20, 'x');
    const auto done = writer.write(std::as_bytes(std::span(text)));
    ::setrlimit(RLIMIT_FSIZE, &old);
    REQUIRE_FALSE(done);
    CHECK(done.error().what.find("blobs/sha256") != std::string::npos);
  }
  CHECK(files_in(folder / "l/blobs/sha256") == 0);
}
