#include "bed.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace mlk::test;

// On a disk that is really full: a tmpfs of its own, in a mount namespace that goes with the script.

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// What every script begins with: a disk of 3 MiB with a project on it. `fill` leaves no byte of it free, `try` runs
/// mlk and tells how it ended, `files` tells what is there.
constexpr std::string_view k_prelude = R"sh(
mkdir disk && mount -t tmpfs -o size=3m none disk && cd disk || exit 77
cat > mlk.yaml << 'YAML'
mlk: v1
name: shop
models:
  m: {source: ../m, image: registry.example.com/nlp/m}
jobs:
  tune: {image: r.example.com/t, command: [a]}
YAML
fill() { head -c 4M /dev/zero > filler 2> /dev/null; sync; }
try() { "$MLK" "$@"; echo "code $?"; }
files() { echo "files:"; find . -type f ! -name filler | sort | xargs sha256sum; }
)sh";

/// Runs it in a folder of its own with a model "m" of 5 MB and a small one; a test ends where nothing can be mounted.
Ended on_full_disk(const Mlk& mlk, const std::string& script) {
  mlk.write("m/a.bin", std::string(5'000'000, 'a'));
  mlk.write("m/config.json", "{}");
  mlk.write("small/README.md", "hello");
  auto start = mlk.start({});
  start.env.emplace_back("MLK", start.argv.front());
  start.argv = {"bash",
                "-c",
                "unshare -m true 2> /dev/null && exec unshare -m \"$@\" || exec unshare -rm \"$@\"",
                "-",
                "bash",
                "-c",
                std::string(k_prelude) + script};
  return run_program(start);
}

bool can_mount(const Ended& ended) {
  if (ended.code != 77 && !has(ended.err, "unshare")) return true;
  WARN("skipped: no file system can be mounted here: " << ended.err);
  return false;
}

/// The two listings that a script printed, by `files`, before and after.
bool is_unchanged(const std::string& out) {
  const auto first = out.find("files:");
  const auto second = out.find("files:", first + 1);
  const auto end = out.find("code ", first);
  REQUIRE(second != std::string::npos);
  return out.substr(first, end - first) == out.substr(second);
}

}  // namespace

TEST_CASE("full disk: a file that can't be rewritten stays as it was, with nothing beside it", "[cli][full-disk]") {
  const auto* verb = GENERATE("generate job/tune --output-dir out", "init --force --name other", "lock --offline");
  const Mlk mlk;
  const Ended ended = on_full_disk(mlk, std::string(R"sh(
mkdir out; echo "mine: 1" > out/job-tune.yaml
printf 'mlk-lock: 1\nedition: 1\n' > mlk.lock
fill; files; try )sh") + verb + "; files");
  if (!can_mount(ended)) return;
  CAPTURE(verb, ended.out, ended.err);
  CHECK(has(ended.out, "code 1\n"));
  CHECK(has(ended.err, "error: can't write '"));
  CHECK(has(ended.err, "  why: No space left on device\n  fix: free some space, or choose another folder\n"));
  CHECK(is_unchanged(ended.out));
}

TEST_CASE("full disk: a first file isn't left half-written", "[cli][full-disk]") {
  const auto* verb = GENERATE("generate job/tune --output-dir .", "init --name other --file new.yaml", "lock --offline",
                              "model pack m");
  const Mlk mlk;
  // The image itself goes to the layout that mlk keeps in the home: mlk.lock is what doesn't fit.
  const Ended ended = on_full_disk(mlk, std::string("fill; files; try ") + verb + "; files");
  if (!can_mount(ended)) return;
  CAPTURE(verb, ended.out, ended.err);
  CHECK(has(ended.out, "code 1\n"));
  CHECK(has(ended.err, "No space left on device"));
  CHECK(is_unchanged(ended.out));
}

TEST_CASE("full disk: a pack that doesn't fit leaves the layout and its tags as they were", "[cli][full-disk]") {
  const Mlk mlk;
  const Ended ended = on_full_disk(mlk, R"sh(
"$MLK" model pack ../small -t oci:layout:v0 -q > /dev/null
try model pack m --no-lock -t oci:layout:v1
echo "tags $("$MLK" model list oci:layout -o name)"
find layout/blobs/sha256 -type f | while read -r blob; do
  [ "$(sha256sum < "$blob" | cut -c-64)" = "${blob##*/}" ] || echo "damaged $blob"
done
fill; try model pull oci:layout:v0 ../back; cmp ../back/README.md ../small/README.md && echo whole
try model pack --no-lock ../small -t oci:other:v1; find other -type f
)sh");
  if (!can_mount(ended)) return;
  CAPTURE(ended.out, ended.err);
  CHECK(has(ended.out, "code 1\n"));
  CHECK(has(ended.err, "there is no space left for 'layout/blobs/sha256'"));
  CHECK(has(ended.err, "are needed and"));
  CHECK(has(ended.out, "tags v0\n"));
  CHECK_FALSE(has(ended.out, "damaged"));
  CHECK(has(ended.out, "code 0\n"));
  CHECK(has(ended.out, "whole\n"));
  // A layout that couldn't even be begun has no file in it.
  CHECK(ended.out.ends_with("code 1\n"));
}

TEST_CASE("full disk: a pull that doesn't fit leaves the folder as it was", "[cli][full-disk]") {
  const Mlk mlk;
  const Ended ended = on_full_disk(mlk, R"sh(
(cd ..; "$MLK" model pack m -t oci:layout:v1 -q > /dev/null)
mkdir mine; echo "mine" > mine/config.json; echo "more" > mine/notes
files; try model pull oci:../layout:v1 mine --overwrite; files
try model pull oci:../layout:v1 new; ls -a
)sh");
  if (!can_mount(ended)) return;
  CAPTURE(ended.out, ended.err);
  CHECK(has(ended.out, "code 1\n"));
  CHECK(has(ended.err, "error: there is no space left for 'a.bin'\n  why: the disk is full\n  fix: "));
  const std::string first_try = ended.out.substr(0, ended.out.rfind("code "));
  CHECK(is_unchanged(first_try));
  const std::string listing = ended.out.substr(ended.out.rfind("code "));
  CHECK_FALSE(has(listing, "new"));
}

TEST_CASE("full disk: a result that can't be written is exit code 1, whoever prints it", "[cli][full-disk]") {
  const Mlk mlk;
  mlk.write("mlk.yaml", "mlk: v1\nname: shop\njobs:\n  tune: {image: \"r.example.com/t:1\", command: [a]}\n");
  for (const char* verb :
       {"help", "version", "generate", "generate job/tune -o json", "validate", "validate -o sarif", "config show",
        "schema export project", "completion bash", "explain", "train submit --name a --dry-run"}) {
    auto start = mlk.start({});
    start.env.emplace_back("MLK", start.argv.front());
    start.argv = {"bash", "-c", std::string("$MLK ") + verb + " > /dev/full"};
    const Ended ended = run_program(start);
    CAPTURE(verb, ended.err);
    CHECK(ended.code == 1);
    CHECK(has(ended.err, "can't write to standard output"));
    CHECK(has(ended.err, "No space left on device"));
  }
}
