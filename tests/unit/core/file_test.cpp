#include <mlk/core/file.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>

using namespace mlk;
namespace fs = std::filesystem;

TEST_CASE("file: what is written reads back, and a rewrite keeps the mode", "[core][file]") {
  std::string name = (fs::temp_directory_path() / "mlk-file-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  const fs::path file = folder / "a.txt";
  REQUIRE(write_file(file, "one\n", 0600));
  CHECK(*read_file(file) == "one\n");
  REQUIRE(write_file(file, std::string(100000, 'x')));
  CHECK(read_file(file)->size() == 100000);
  CHECK((fs::status(file).permissions() & fs::perms::group_read) == fs::perms::none);
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
  fs::remove_all(folder);
}

TEST_CASE("file: missing, a folder, and too large are told apart", "[core][file]") {
  const auto missing = read_file("/nonexistent/x");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::not_found);
  CHECK(missing.error().what == "can't read '/nonexistent/x'");
  const auto folder = read_file("/tmp");
  REQUIRE_FALSE(folder);
  CHECK(folder.error().why == "Is a directory");
  CHECK_FALSE(read_file("/dev/zero", 1000));
}

TEST_CASE("file: where nothing can be written the error names the file", "[core][file]") {
  const auto done = write_file("/proc/mlk-cannot-be-here", "x");
  REQUIRE_FALSE(done);
  CHECK(done.error().what == "can't write '/proc/mlk-cannot-be-here'");
}
