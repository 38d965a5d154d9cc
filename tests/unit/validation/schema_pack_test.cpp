#include "../../../lib/validation/schemas/format.hpp"
#include "schema_sample.hpp"
#include "temporary_folder.hpp"

#include <cstring>

using namespace mlk;
using namespace mlk::validation::schema;

namespace {

// Reads everything that a type says, as far as a budget goes: a damaged pack may hold cycles.
std::size_t read_all(Type type, std::size_t& budget) {
  if (!type || budget == 0) return 0;
  --budget;
  std::size_t sum = type.format().size() + type.pattern().size() + static_cast<std::size_t>(type.base());
  sum += static_cast<std::size_t>(type.list_type()) + type.minimum().has_value() + type.maximum().has_value() +
         type.multiple_of().has_value() + type.min_length().value_or(0) + type.max_properties().value_or(0);
  for (const auto& texts : {type.enum_values(), type.required(), type.list_keys()}) {
    for (std::size_t i = 0; i < texts.size() && budget > 0; ++i, --budget) sum += texts[i].size();
  }
  for (const auto& types : {type.all_of(), type.any_of(), type.one_of()}) {
    for (std::size_t i = 0; i < types.size() && budget > 0; ++i) sum += read_all(types[i], budget);
  }
  const auto rules = type.rules();
  for (std::size_t i = 0; i < rules.size() && budget > 0; ++i, --budget) {
    sum += rules[i].rule.size() + rules[i].message.size() + rules[i].field_path.size() + rules[i].reason.size();
  }
  for (std::size_t i = 0; i < type.field_count() && budget > 0; ++i) {
    const Field field = type.field(i);
    sum += field.default_json.size() + type.find_field(field.name).name.size() + read_all(field.type, budget);
  }
  return sum + read_all(type.items(), budget) + read_all(type.additional(), budget) + read_all(type.negated(), budget);
}

std::size_t read_all(Pack pack) {
  std::size_t sum = pack.systems().size() + pack.type_count();
  Catalogue catalogue;
  catalogue.add(std::move(pack));
  sum += catalogue.api_versions().size();
  for (const KindInfo& kind : catalogue.kinds()) {
    std::size_t budget = 2000;
    sum += read_all(catalogue.find(kind.api_version(), kind.kind, 33).type, budget);
  }
  std::size_t budget = 2000;
  sum += read_all(catalogue.find("example.com/v1", "Widget").type, budget);
  sum += read_all(catalogue.find("example.com/v1", "WidgetList", 31).type, budget);
  sum += static_cast<std::size_t>(catalogue.find("v1", "Nothing").status);
  sum += static_cast<std::size_t>(catalogue.find("old/v1", "Gone", 30).status);
  return sum + read_all(catalogue.object_meta(), budget);
}

Model small_model() {
  Model model = sample_model();
  model.lifecycle.push_back({"old/v1", "Gone", 10, 20, 30, "new/v1 Here"});
  model.systems[0].named["meta.v1.ObjectMeta"] = model.systems[0].kinds[0].served;
  return model;
}

std::string with_index_checksum(std::string bytes) {
  Header header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.index.at > bytes.size() || header.index.size > bytes.size() - header.index.at) return bytes;
  header.index_checksum = index_checksum(header, std::string_view(bytes).substr(header.index.at, header.index.size));
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes;
}

}  // namespace

TEST_CASE("schema pack: everything that a type says comes back", "[validation][schema]") {
  auto pack = Pack::from_bytes(sample_pack(sample_model()));
  REQUIRE(pack);
  CHECK(pack->verify());
  Catalogue catalogue;
  catalogue.add(*std::move(pack));
  const Match match = catalogue.find("example.com/v1", "Widget");
  REQUIRE(match.status == Lookup::found);
  REQUIRE(match.kind);
  CHECK(match.kind->is_namespaced);
  CHECK(match.kind->is_storage);
  CHECK(match.kind->plural == "widgets");
  CHECK(match.kind->short_names == "wd");
  CHECK(match.kind->system.version == "v0.1.0");
  CHECK(match.type.base() == Base::object);
  REQUIRE(match.type.rules().size() == 1);
  CHECK(match.type.rules()[0].rule == "self.metadata.name.size() < 20");
  CHECK(match.type.rules()[0].message == "too long");
  CHECK(match.type.rules()[0].reason == "FieldValueInvalid");
  CHECK(match.type.rules()[0].field_path == ".metadata");

  const Field spec = match.type.find_field("spec");
  REQUIRE(spec);
  CHECK(spec.is_required);
  REQUIRE(spec.type.required().size() == 3);
  CHECK(spec.type.required()[0] == "elsewhere");
  CHECK(spec.type.one_of().size() == 2);
  CHECK(spec.type.one_of()[1].required()[0] == "right");
  CHECK(spec.type.negated().required().size() == 2);

  const Field size = spec.type.find_field("size");
  CHECK(size.default_json == "3");
  CHECK(size.type.format() == "int32");
  CHECK(size.type.minimum() == 1.0);
  CHECK(size.type.maximum() == 9.0);
  CHECK(size.type.is_maximum_exclusive());
  CHECK_FALSE(size.type.is_minimum_exclusive());
  CHECK_FALSE(size.type.multiple_of());
  const Type mode = spec.type.find_field("mode").type;
  CHECK(mode.is_nullable());
  REQUIRE(mode.enum_values().size() == 2);
  CHECK(mode.enum_values()[1] == "\"slow mode\"");
  const Type left = spec.type.find_field("left").type;
  CHECK(left.pattern() == R"(^[a-z"\\]+$)");
  CHECK(left.min_length() == 1U);
  CHECK(left.max_length() == 63U);
  CHECK(left == spec.type.find_field("right").type);
  const Type labels = spec.type.find_field("labels").type;
  CHECK(labels.additional().base() == Base::string);
  CHECK(labels.max_properties() == 4U);
  CHECK(labels.is_map_atomic());
  const Type raw = spec.type.find_field("raw").type;
  CHECK(raw.preserves_unknown());
  CHECK(raw.is_embedded_resource());
  const Type parts = spec.type.find_field("parts").type;
  CHECK(parts.list_type() == ListType::map);
  REQUIRE(parts.list_keys().size() == 2);
  CHECK(parts.list_keys()[1] == "port");
  CHECK(parts.min_items() == 1U);
  CHECK(parts.max_items() == 5U);
  CHECK(parts.items().find_field("odd name!"));
  CHECK(parts.items().rules()[0].has_optional_old_self);
  CHECK_FALSE(spec.type.find_field("Size"));
  CHECK_FALSE(spec.type.find_field(""));
}

TEST_CASE("schema pack: a field that doesn't exist answers with nothing, all the way down", "[validation][schema]") {
  const Type none;
  CHECK_FALSE(none.find_field("a").type.items().find_field("b"));
  CHECK(none.rules().empty());
  CHECK(none.field_count() == 0);
  CHECK(none.format().empty());
  CHECK_FALSE(none.minimum());
}

TEST_CASE("schema pack: a hundred fields are each found, and nothing else is", "[validation][schema]") {
  std::string crd =
      "kind: CustomResourceDefinition\nspec:\n  group: g\n  names: {kind: K, plural: ks}\n"
      "  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n        properties:\n";
  for (int i = 0; i < 100; ++i)
    crd += "          field" + std::to_string(i) + ": {type: string, maxLength: " + std::to_string(i + 1) + "}\n";
  Catalogue catalogue;
  auto pack = Pack::from_bytes(sample_pack(sample_model(crd)));
  REQUIRE(pack);
  catalogue.add(*std::move(pack));
  const Type type = catalogue.find("g/v1", "K").type;
  REQUIRE(type.field_count() == 100);
  for (unsigned i = 0; i < 100; ++i) CHECK(type.find_field("field" + std::to_string(i)).type.max_length() == i + 1);
  for (unsigned i = 100; i < 200; ++i) CHECK_FALSE(type.find_field("field" + std::to_string(i)));
}

TEST_CASE("schema pack: cut short anywhere it is refused", "[validation][schema]") {
  const std::string bytes = sample_pack(small_model());
  REQUIRE(Pack::from_bytes(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto pack = Pack::from_bytes(std::string_view(bytes).substr(0, size));
    REQUIRE_FALSE(pack);
    REQUIRE_FALSE(pack.error().why.empty());
  }
}

TEST_CASE("schema pack: any changed byte is refused at opening or by verify, and reading goes on safely",
          "[validation][schema]") {
  const std::string bytes = sample_pack(small_model());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const unsigned char change : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
      auto pack = Pack::from_bytes(damaged);
      if (!pack) continue;
      INFO("byte " << at);
      REQUIRE_FALSE(pack->verify());
      read_all(*std::move(pack));
    }
  }
}

TEST_CASE("schema pack: a damaged index with a checksum that fits reads safely", "[validation][schema]") {
  const std::string bytes = sample_pack(small_model());
  std::size_t opened = 0;
  for (std::size_t at = 12; at < bytes.size(); ++at) {
    for (const unsigned char change : {0x01, 0x10, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ change);
      auto pack = Pack::from_bytes(with_index_checksum(damaged));
      if (!pack) continue;
      ++opened;
      read_all(*std::move(pack));
    }
  }
  CHECK(opened > bytes.size());
}

TEST_CASE("schema pack: one of a newer format says so", "[validation][schema]") {
  std::string bytes = sample_pack(small_model());
  bytes[8] = 9;
  const auto pack = Pack::from_bytes(bytes);
  REQUIRE_FALSE(pack);
  CHECK(pack.error().why == "it has format 9, and this version of mlk reads format 1");
}

TEST_CASE("schema pack: a file that isn't one is an error that names it", "[validation][schema]") {
  const TemporaryFolder folder;
  for (const std::string& text : {std::string(), std::string("a"), std::string(5000, 'x')}) {
    const auto path = folder.write("a.mlkpack", text);
    const auto pack = Pack::open(path);
    REQUIRE_FALSE(pack);
    CHECK(pack.error().what.find("a.mlkpack") != std::string::npos);
  }
  CHECK(Pack::open(folder / "none.mlkpack").error().kind == ErrorKind::not_found);
  CHECK_FALSE(Pack::open(folder.path()));
}

TEST_CASE("schema pack: mapped from a file it reads as from memory", "[validation][schema]") {
  const TemporaryFolder folder;
  const std::string bytes = sample_pack(small_model());
  auto mapped = Pack::open(folder.write("a.mlkpack", bytes));
  auto copied = Pack::from_bytes(bytes);
  REQUIRE(mapped);
  REQUIRE(copied);
  CHECK(mapped->verify());
  CHECK(read_all(*std::move(mapped)) == read_all(*std::move(copied)));
}
