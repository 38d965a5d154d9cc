#include "temporary_folder.hpp"
#include "tests/commands/support/world.hpp"

#include <mlk/document/reader.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using test::World;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr const char* k_crd = R"(apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
  - {name: v1alpha1, served: false, storage: false, schema: {openAPIV3Schema: {type: object}}}
)";

}  // namespace

TEST_CASE("schema list: an unknown system is not found, and the nearest is named", "[schema][list][args]") {
  World world;
  CHECK(world.run("schema list kueu") == 10);
  CHECK(holds(world.err(), "no system 'kueu' is known (did you mean 'kueue'?)"));
  CHECK(world.run("schema list kueue keda") == 2);
}

TEST_CASE("schema list: each system with its version and module, in a pipe and on a terminal", "[schema][list]") {
  World world;
  REQUIRE(world.run("schema list") == 0);
  CHECK(holds(world.out(), "SYSTEM"));
  CHECK(holds(world.out(), "sigs.k8s.io/kueue"));
  CHECK(holds(world.out(), ",v1.36."));
  World terminal;
  terminal.terminal(100);
  REQUIRE(terminal.run("schema list") == 0);
  CHECK(holds(terminal.out(), "v1.31.14 … v1.36."));
}

TEST_CASE("schema list: the kinds of a system, and where Kubernetes serves them", "[schema][list]") {
  World world;
  REQUIRE(world.run("schema list kubernetes") == 0);
  CHECK(holds(world.out(), "Deployment"));
  CHECK(holds(world.out(), "1.31-1.36"));
  World names;
  REQUIRE(names.run("schema list kueue -o name") == 0);
  CHECK(holds(names.out(), "kueue.x-k8s.io/v1beta2/ClusterQueue\n"));
}

TEST_CASE("schema list: names of systems are completed with their modules", "[schema][list][completion]") {
  World world;
  REQUIRE(world.run({"__complete", "schema", "list", "kue"}) == 0);
  CHECK(holds(world.out(), "kueue\tsigs.k8s.io/kueue"));
  CHECK_FALSE(holds(world.out(), "keda"));
}

TEST_CASE("schema list: as JSON every key is there", "[schema][list]") {
  World world;
  REQUIRE(world.run("schema list kubernetes -o json") == 0);
  const auto node = document::read_json(world.out());
  REQUIRE(node);
  CHECK((*node)["schema"].string_or() == "mlk.dev/schema-list/v1");
  const auto& system = (*node)["systems"][0];
  CHECK(system["licence"].string_or() == "Apache-2.0");
  CHECK(system["imported"].as_bool() == false);
  CHECK(system["versions"].size() == 6);
  const auto& kind = system["kinds"][0];
  for (const char* key : {"apiVersion", "kind", "listKind", "plural", "shortNames", "namespaced", "served",
                          "deprecated", "kubernetesVersions"}) {
    CHECK(kind.find(key) != nullptr);
  }
}

TEST_CASE("schema list: without the pack it says where it looked", "[schema][list]") {
  const TemporaryFolder folder;
  World world;
  world.with_env("MLK_DATA_DIR", folder.path().string());
  CHECK(world.run("schema list") == 10);
  CHECK(holds(world.err(), folder.path().string()));
  CHECK(holds(world.err(), "MLK_DATA_DIR"));
}

TEST_CASE("schema list: a damaged import is an error that names it", "[schema][list]") {
  const TemporaryFolder folder;
  folder.write("mlk/schemas/bad.mlkpack", "nonsense");
  World world;
  world.with_env("XDG_DATA_HOME", folder.path().string());
  CHECK(world.run("schema list") == 1);
  CHECK(holds(world.err(), "bad.mlkpack"));
  CHECK(holds(world.err(), "mlk schema import"));
}

TEST_CASE("schema import: without a target, or with a name that can't be one, it is a usage error",
          "[schema][import][args]") {
  World world;
  CHECK(world.run("schema import") == 2);
  CHECK(world.run("schema import - --name ../x") == 2);
  CHECK(holds(world.err(), "'../x' is no name for schemas"));
  world.in().give(k_crd);
  CHECK(world.run("schema import -") == 2);
  CHECK(holds(world.err(), "--name"));
}

TEST_CASE("schema import: a folder of CRDs is listed afterwards, and a second import replaces it", "[schema][import]") {
  const TemporaryFolder folder;
  folder.write("crds/Widgets/a.yaml", k_crd);
  folder.write("crds/Widgets/b.yaml", "kind: Kustomization\n");
  for (int round = 0; round < 2; ++round) {
    World world;
    world.in_directory(folder.path());
    world.with_env("XDG_DATA_HOME", (folder / "data").string());
    REQUIRE(world.run("schema import crds/Widgets") == 0);
    CHECK(holds(world.out(), "imported as 'widgets'"));
    CHECK(holds(world.out(), "example.com/v1alpha1   Widget   no"));
  }
  World world;
  world.with_env("XDG_DATA_HOME", (folder / "data").string());
  REQUIRE(world.run("schema list widgets -o name") == 0);
  CHECK(world.out() == "example.com/v1/Widget\nexample.com/v1alpha1/Widget\n");
}

TEST_CASE("schema import: from standard input, and a dry run writes nothing", "[schema][import]") {
  const TemporaryFolder folder;
  World world;
  world.with_env("XDG_DATA_HOME", folder.path().string());
  world.in().give(k_crd);
  REQUIRE(world.run("schema import - --name widgets --dry-run -o json") == 0);
  const auto node = document::read_json(world.out());
  REQUIRE(node);
  CHECK((*node)["schema"].string_or() == "mlk.dev/schema-import/v1");
  CHECK((*node)["dryRun"].as_bool() == true);
  CHECK((*node)["kinds"].size() == 2);
  CHECK_FALSE(std::filesystem::exists(folder / "mlk"));
}

TEST_CASE("schema import: what holds no CRD or can't be read is an error that says so", "[schema][import]") {
  const TemporaryFolder folder;
  folder.write("pod.yaml", "kind: Pod\n");
  folder.write("broken.yaml", "a: [\n");
  World world;
  world.in_directory(folder.path());
  world.with_env("XDG_DATA_HOME", folder.path().string());
  CHECK(world.run("schema import pod.yaml") == 1);
  CHECK(holds(world.err(), "no CustomResourceDefinition was found"));
  CHECK(world.run("schema import broken.yaml") == 1);
  CHECK(holds(world.err(), "'broken.yaml' can't be read"));
  CHECK(world.run("schema import nowhere.yaml") == 10);
}
