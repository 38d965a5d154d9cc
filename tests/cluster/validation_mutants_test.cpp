#include "bed.hpp"
#include "builtin_schemas.hpp"
#include "kube_bed.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/validation/rules.hpp>
#include <mlk/validation/validate.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

using namespace mlk;
using document::Entry;
using document::Node;

// What validation says of objects that were made wrong in one place, against what a real API server says of them.

namespace {

using Each = std::function<void(const std::string& what)>;

/// Calls `each` with every object that differs from the given one in one place: a field renamed, left out, or of
/// another value. The object is the same again afterwards.
void mutate(Node& node, const std::string& path, const Each& each) {
  static const std::vector<Node> k_values = {"abc", -7, true, Node::sequence({"a"}), Node::mapping({{"a", "b"}}), ""};
  if (node.is_sequence()) {
    for (Node& item : node.items_mutable()) mutate(item, path + "[]", each);
  }
  for (std::size_t i = 0; i < node.entries().size(); ++i) {
    const Entry kept = node.entries()[i];
    const std::string here = path + "." + kept.key;
    node.entries_mutable()[i].key += "x";
    each(here + " renamed");
    node.entries_mutable()[i].key = kept.key;
    for (const Node& value : k_values) {
      node.entries_mutable()[i].value = value;
      each(here + " = " + document::write_json(value));
    }
    node.erase(kept.key);
    each(here + " left out");
    auto& entries = node.entries_mutable();
    entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(i), kept);
    mutate(node.entries_mutable()[i].value, here, each);
  }
}

/// The first error that an API server would have too; empty when there is none.
std::string first_error(const Node& object) {
  static const std::set<std::string> k_mlks_own = {"duplicate-object", "port-mismatch", "token-literal"};
  validation::Options options;
  options.schemas = &test::builtin_schemas();
  for (const Diagnostic& found : validation::validate({object}, options).diagnostics) {
    if (found.severity == Severity::error && k_mlks_own.count(found.code) == 0) return found.code + " " + found.path;
  }
  return {};
}

struct Tally {
  int judged = 0;
  int refused = 0;                      ///< by the server
  std::vector<std::string> only_here;   ///< refused here, taken there
  std::vector<std::string> only_there;  ///< the other way round
};

void judge(const Node& object, const kube::ResourceType& type, kube::Client& client, const std::string& what,
           Tally& tally) {
  const auto answer = client.create(type, "nlp", object, {.dry_run = true});
  const std::string ours = first_error(object);
  ++tally.judged;
  if (!answer) ++tally.refused;
  if (answer && !ours.empty()) tally.only_here.push_back(what + ": " + ours);
  if (!answer && ours.empty()) tally.only_there.push_back(what + ": " + answer.error().what);
}

/// The good examples of all rules, each object once.
std::vector<Node> good_objects() {
  std::vector<Node> objects;
  std::set<std::string> seen;
  for (const validation::Rule& rule : validation::rules()) {
    if (rule.group == "yaml" || rule.id == "kind-unchecked") continue;
    for (Node& object : document::read_yaml(rule.good, "good", document::Schema::kubernetes).nodes) {
      if (seen.insert(document::write_json(object)).second) objects.push_back(std::move(object));
    }
  }
  return objects;
}

}  // namespace

TEST_CASE("validate: mutants of good objects are judged as the API server judges them", "[cluster][validate]") {
  auto bed = KubeBed::find();
  if (!bed) {
    WARN("skipped: there is no test bed");
    return;
  }
  auto client = bed->client("admin");
  std::map<std::string, Tally> tallies;
  for (Node& object : good_objects()) {
    const std::string kind = object["kind"].string_or();
    const auto type = client->find_type(object["apiVersion"].string_or(), kind);
    REQUIRE(type);
    object.at("metadata").set("name", test::unique_name("mutant"));
    mutate(object, kind, [&](const std::string& what) {
      // Of another kind it would belong to another URL.
      if (what.find(kind + ".kind") == 0 || what.find(kind + ".apiVersion") == 0) return;
      judge(object, *type, *client, what, tallies[kind]);
    });
  }
  int judged = 0;
  int refused = 0;
  int missed = 0;
  for (const auto& [kind, tally] : tallies) {
    INFO(kind);
    for (const std::string& each : tally.only_here) UNSCOPED_INFO("refused here alone: " << each);
    CHECK(tally.only_here.empty());
    for (const std::string& each : tally.only_there) UNSCOPED_INFO("not seen here: " << each);
    judged += tally.judged;
    refused += tally.refused;
    missed += static_cast<int>(tally.only_there.size());
  }
  INFO(judged << " mutants, " << refused << " refused by the server, " << missed << " of those not here");
  CHECK(judged > 1000);
  CHECK(missed * 50 <= refused);  // 98 of 100
}
