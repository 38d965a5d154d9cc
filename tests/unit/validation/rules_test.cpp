#include "builtin_schemas.hpp"

#include <mlk/core/text.hpp>
#include <mlk/validation/rules.hpp>
#include <mlk/validation/validate.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

using namespace mlk;
using namespace mlk::validation;

namespace {

std::vector<std::string> codes(const Findings& findings) {
  std::vector<std::string> all;
  for (const Diagnostic& found : findings.diagnostics) all.push_back(found.code);
  return all;
}

bool has_code(const Findings& findings, std::string_view code) {
  const auto all = codes(findings);
  return std::find(all.begin(), all.end(), code) != all.end();
}

const Options& with_schemas() {
  static const Options options{{}, &test::builtin_schemas()};
  return options;
}

}  // namespace

TEST_CASE("rules: each finds its bad example", "[validation][rules]") {
  for (const Rule& rule : rules()) {
    INFO(rule.id);
    // Nested too deep to be shown; the reader's own tests have it.
    if (rule.id == "yaml-depth") continue;
    const Findings findings = validate_text(rule.bad, "bad.yaml", with_schemas());
    INFO(join(codes(findings), ", "));
    CHECK(has_code(findings, rule.id));
    for (const Diagnostic& found : findings.diagnostics) {
      if (found.code != rule.id) continue;
      CHECK(found.severity == rule.severity);
      CHECK(found.place.is_known());
      CHECK_FALSE(found.message.empty());
      CHECK_FALSE(found.why.empty());
      CHECK_FALSE(found.fix.empty());
      CHECK(found.message.back() != '.');
    }
  }
}

TEST_CASE("rules: the bad example has nothing else wrong with it", "[validation][rules]") {
  for (const Rule& rule : rules()) {
    if (rule.group == "yaml") continue;
    INFO(rule.id);
    for (const std::string& code : codes(validate_text(rule.bad, "bad.yaml", with_schemas()))) CHECK(code == rule.id);
  }
}

TEST_CASE("rules: nothing is found in a good example", "[validation][rules]") {
  for (const Rule& rule : rules()) {
    INFO(rule.id);
    const Findings findings = validate_text(rule.good, "good.yaml", with_schemas());
    INFO(join(codes(findings), ", "));
    CHECK(findings.diagnostics.empty());
    CHECK(findings.objects > 0);
  }
}

TEST_CASE("rules: ids are sorted, unique and lower-case words", "[validation][rules]") {
  std::set<std::string> seen;
  std::string before;
  for (const std::string& id : rule_ids()) {
    CHECK(before < id);
    CHECK(seen.insert(id).second);
    CHECK(id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos);
    before = id;
    REQUIRE(find_rule(id) != nullptr);
    CHECK(find_rule(id)->id == id);
  }
  CHECK(find_rule("no-such-rule") == nullptr);
  CHECK(find_rule("") == nullptr);
}

TEST_CASE("rules: the ML rules of the first version are there with their severities", "[validation][rules]") {
  for (const auto id : {"gpu-limit-missing", "gpu-req-ne-limit", "gpu-fractional", "port-mismatch", "token-literal"}) {
    INFO(id);
    REQUIRE(find_rule(id) != nullptr);
    CHECK(find_rule(id)->severity == Severity::error);
  }
  for (const auto id : {"shm-missing", "gpu-toleration", "startup-probe", "pdb-missing", "image-latest"}) {
    INFO(id);
    REQUIRE(find_rule(id) != nullptr);
    CHECK(find_rule(id)->severity == Severity::warning);
  }
}

TEST_CASE("explain: says what, why, how to mend it, and shows both manifests", "[validation][explain]") {
  const std::string text = explain(*find_rule("gpu-fractional"));
  CHECK(text.find("gpu-fractional (error, gpu)") == 0);
  CHECK(text.find("why: ") != std::string::npos);
  CHECK(text.find("fix: ") != std::string::npos);
  CHECK(text.find("nvidia.com/gpu: 500m") != std::string::npos);
  CHECK(text.find("nvidia.com/gpu: 1}") != std::string::npos);
  CHECK(text.find("source: Kubernetes") != std::string::npos);
}

TEST_CASE("rules: a disabled rule stays silent", "[validation][rules]") {
  const Rule& rule = *find_rule("image-latest");
  CHECK(validate_text(rule.bad, "a.yaml", {.disabled = {"image-latest"}}).diagnostics.empty());
  const Rule& key = *find_rule("duplicate-key");
  CHECK(validate_text(key.bad, "a.yaml", {.disabled = {"duplicate-key"}}).diagnostics.empty());
}
