#include "schema_sample.hpp"

#include <mlk/document/reader.hpp>

#include <algorithm>

using namespace mlk;
using namespace mlk::validation::schema;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Result<Model> read(std::string_view text) {
  Model model;
  if (auto done = read_source(model, text, "a.schemas"); !done) return std::move(done).error();
  return model;
}

TypeId distill_builtin(Model& model, const document::Node& definitions, const std::string& name) {
  Distiller distiller(model.types, Distiller::Dialect::builtin);
  distiller.use_definitions(&definitions);
  return distiller.distill_definition(name);
}

}  // namespace

TEST_CASE("schema source: a CRD becomes structure, a line a field, without prose", "[validation][schema]") {
  const Model model = sample_model();
  const std::string text = write_source(model, model.systems[0]);
  CHECK(holds(text, "system sample\nmodule example.com/widgets\nversion v0.1.0\npath config\nlicence Apache-2.0\n"));
  CHECK(holds(text, R"(kind example.com/v1 Widget namespaced plural=widgets list=WidgetList short=["wd"] storage)"));
  CHECK(holds(text, "  .spec! object required=[\"elsewhere\"]\n"));
  CHECK(holds(text, ".size! integer format=int32 minimum=1 maximum=9 exclusiveMaximum default=3\n"));
  CHECK(holds(text, ".mode! string nullable enum=[\"fast\",\"slow mode\"]\n"));
  CHECK(holds(text, ".share number multipleOf=0.5\n"));
  CHECK(holds(text, ".left string minLength=1 maxLength=63 pattern=\"^[a-z\\\"\\\\\\\\]+$\"\n"));
  CHECK(holds(text, ".raw object preserve embedded\n"));
  CHECK(holds(text, ".parts array list=map keys=[\"name\",\"port\"] minItems=1 maxItems=5\n"));
  CHECK(holds(text, "rule \"self == oldSelf\" messageExpression=\"'no'\" optionalOldSelf\n"));
  CHECK(holds(text, "one any required=[\"left\"]\n"));
  CHECK(holds(text, "not any required=[\"left\",\"right\"]\n"));
  CHECK_FALSE(holds(text, "prose"));
}

TEST_CASE("schema source: what int-or-string says twice is said once, further conditions stay",
          "[validation][schema]") {
  const std::string text = [] {
    const Model model = sample_model();
    return write_source(model, model.systems[0]);
  }();
  CHECK(holds(text, ".port int-or-string\n   .raw"));
  CHECK(holds(text, ".limit int-or-string\n    all any pattern=\"^[0-9]+$\"\n"));
}

TEST_CASE("schema source: a version that isn't served is known without a type", "[validation][schema]") {
  const Model model = sample_model();
  REQUIRE(model.systems[0].kinds.size() == 2);
  CHECK(model.systems[0].kinds[0].version == "v1");
  CHECK(model.systems[0].kinds[1].version == "v1alpha1");
  CHECK(model.systems[0].kinds[1].served.empty());
}

TEST_CASE("schema source: a version that one file serves and a later one doesn't is served", "[validation][schema]") {
  std::string other(k_sample_crd);
  other.replace(other.find("served: true"), 12, "served: false");
  Model model;
  SystemDef system;
  REQUIRE(distill_text(model, system, k_sample_crd, "a.yaml"));
  REQUIRE(distill_text(model, system, other, "b.yaml"));
  REQUIRE(system.kinds.size() == 2);
  CHECK(system.kinds[0].served.size() == 1);
}

TEST_CASE("schema source: equal types are one type, wherever they stand", "[validation][schema]") {
  Model model = sample_model();
  const std::size_t types = model.types.size();
  const TypeDef& spec = model.types[model.types[model.systems[0].kinds[0].served[0].type].fields[3].type];
  const auto type_of = [&](std::string_view name) {
    const auto at = std::find_if(spec.fields.begin(), spec.fields.end(), [&](const auto& f) { return f.name == name; });
    REQUIRE(at != spec.fields.end());
    return at->type;
  };
  CHECK(type_of("left") == type_of("right"));
  SystemDef other;
  REQUIRE(distill_text(model, other, k_sample_crd, "again.yaml"));
  CHECK(model.types.size() == types);
}

TEST_CASE("schema source: a type used twice gets a name, a short one is repeated", "[validation][schema]") {
  std::string crd(k_sample_crd);
  const std::string block = "{type: object, properties: {a: {type: string}}}";
  crd.insert(crd.find("              share:"), "              one: " + block + "\n              two: " + block + "\n");
  const Model model = sample_model(crd);
  const std::string text = write_source(model, model.systems[0]);
  CHECK(holds(text, ".one @v1.Widget.spec.one\n"));
  CHECK(holds(text, ".two @v1.Widget.spec.one\n"));
  CHECK(holds(text, "type v1.Widget.spec.one object\n .a string\n"));
}

TEST_CASE("schema source: written, read and written again it is the same", "[validation][schema]") {
  const Model model = sample_model();
  const std::string text = write_source(model, model.systems[0]);
  auto again = read(text);
  REQUIRE(again);
  REQUIRE(again->systems.size() == 1);
  CHECK(write_source(*again, again->systems[0]) == text);
  CHECK(sample_pack(*again) == sample_pack(model));
}

TEST_CASE("schema source: a type that holds itself is closed by its name", "[validation][schema]") {
  const auto definitions = document::read_json(R"({
    "io.k8s.x.v1.Props": {"type": "object", "properties": {
      "not": {"$ref": "#/components/schemas/io.k8s.x.v1.Props"},
      "items": {"type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/io.k8s.x.v1.Props"}]}}}}})");
  REQUIRE(definitions);
  Model model;
  SystemDef system;
  system.name = "kubernetes";
  system.is_builtin = true;
  KindDef kind;
  kind.version = "v1";
  kind.kind = "Props";
  kind.plural = "props";
  kind.served.push_back({{31, 36}, distill_builtin(model, *definitions, "io.k8s.x.v1.Props")});
  system.kinds.push_back(kind);
  model.systems.push_back(system);
  const std::string text = write_source(model, model.systems[0]);
  CHECK(holds(text, " 1.31-1.36 @x.v1.Props\n"));
  CHECK(holds(text, "type x.v1.Props object\n .items array\n  [] ^x.v1.Props\n .not ^x.v1.Props\n"));

  auto again = read(text);
  REQUIRE(again);
  auto pack = Pack::from_bytes(sample_pack(*again));
  REQUIRE(pack);
  Catalogue catalogue;
  catalogue.add(*std::move(pack));
  const Type type = catalogue.find("v1", "Props").type;
  REQUIRE(type);
  CHECK(type.find_field("not").type == type);
  CHECK(type.find_field("items").type.items().find_field("not").type == type);
}

TEST_CASE("schema source: another structure under a recursive name gets a name of its own", "[validation][schema]") {
  const auto text = [](std::string_view more) {
    return R"({"io.k8s.x.v1.Props": {"type": "object", "properties": {)" + std::string(more) +
           R"("not": {"$ref": "#/components/schemas/io.k8s.x.v1.Props"}}}})";
  };
  const auto first = document::read_json(text(""));
  const auto second = document::read_json(text(R"("more": {"type": "string"},)"));
  REQUIRE(first);
  REQUIRE(second);
  Model model;
  const TypeId one = distill_builtin(model, *first, "io.k8s.x.v1.Props");
  CHECK(distill_builtin(model, *first, "io.k8s.x.v1.Props") == one);
  const TypeId two = distill_builtin(model, *second, "io.k8s.x.v1.Props");
  CHECK(two != one);
  CHECK(model.types.bound("x.v1.Props") == one);
  CHECK(model.types.bound("x.v1.Props~2") == two);
}

TEST_CASE("schema source: built-ins that declare nothing hold anything, and zero values are no defaults",
          "[validation][schema]") {
  const auto definitions = document::read_json(R"({
    "io.k8s.x.v1.A": {"type": "object", "properties": {
      "raw": {"type": "object"}, "any": {},
      "quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
      "port": {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
      "name": {"type": "string", "default": ""}, "protocol": {"type": "string", "default": "TCP"}}}})");
  REQUIRE(definitions);
  Model model;
  const TypeDef& type = model.types[distill_builtin(model, *definitions, "io.k8s.x.v1.A")];
  const auto field = [&](std::string_view name) {
    return *std::find_if(type.fields.begin(), type.fields.end(), [&](const FieldDef& f) { return f.name == name; });
  };
  CHECK(model.types[field("raw").type].preserves_unknown);
  CHECK(model.types[field("any").type].preserves_unknown);
  CHECK(model.types[field("quantity").type].base == Base::quantity);
  CHECK(model.types[field("port").type].base == Base::int_or_string);
  CHECK(field("name").default_json.empty());
  CHECK(field("protocol").default_json == "\"TCP\"");
}

TEST_CASE("schema source: a mistake is an error at its line", "[validation][schema]") {
  const auto why = [](std::string_view body) {
    auto model = read("mlk-schemas 1\nsystem x\n" + std::string(body));
    REQUIRE_FALSE(model);
    return model.error().what;
  };
  CHECK(holds(why("nonsense here\n"), "'a.schemas' line 3: unexpected 'nonsense'"));
  CHECK(holds(why("kind a/v1 A cluster plural=as\n * object\n  .x strin\n"), "line 5: unexpected 'strin'"));
  CHECK(holds(why("kind a/v1 A cluster plural=as\n * @none\n"), "type 'none' isn't in this file"));
  CHECK(holds(why("kind a/v1 A cluster plural=as\n * @b\ntype b object\n .x @b\n"), "type 'b' holds itself"));
  CHECK(holds(why("kind a/v1 A cluster plural=as\n * integer minimum=ten\n"), "unexpected 'ten'"));
  CHECK(holds(why("kind a/v1 A cluster plural=as\n * object\n    .x string\n"), "stands too deep"));
  CHECK_FALSE(read("something else\n"));
}

TEST_CASE("schema source: what is no CRD, or a patch of one, adds nothing", "[validation][schema]") {
  Model model;
  SystemDef system;
  REQUIRE(distill_text(model, system, "kind: Kustomization\n---\nkind: CustomResourceDefinition\nmetadata: {name: a}\n",
                       "a.yaml"));
  CHECK(system.kinds.empty());
  CHECK_FALSE(distill_text(model, system, "a: [\n", "b.yaml"));
}
