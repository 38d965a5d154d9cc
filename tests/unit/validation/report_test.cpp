#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/validation/report.hpp>

#include <catch2/catch.hpp>

using namespace mlk;
using namespace mlk::validation;

namespace {

const Source k_source{"deploy/train.yaml", R"(apiVersion: v1
kind: Pod
metadata: {name: train}
spec:
  tolerations: [{key: nvidia.com/gpu, operator: Exists}]
  containers:
  - name: main
    image: registry.example.com/train
    resources: {limits: {nvidia.com/gpu: 500m}}
)"};

}  // namespace

TEST_CASE("report text: the place, the line underlined, why, fix and a summary", "[validation][report]") {
  const Findings findings = validate_texts({k_source});
  CHECK(report_text(findings, {k_source}) ==
        "deploy/train.yaml:8:12: warning image-latest image 'registry.example.com/train' has neither tag nor digest\n"
        "  8 |     image: registry.example.com/train\n"
        "    |            ^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  why: what runs changes when somebody pushes, replicas differ, and an undo brings back nothing\n"
        "  fix: name a version, or better the digest\n"
        "deploy/train.yaml:9:42: error gpu-fractional container 'main' asks for 500m nvidia.com/gpu\n"
        "  9 |     resources: {limits: {nvidia.com/gpu: 500m}}\n"
        "    |                                          ^^^^\n"
        "  why: extended resources are whole numbers: the API server refuses fractions\n"
        "  fix: ask for a whole one, for a MIG slice such as nvidia.com/mig-1g.10gb, or for a shared GPU where the "
        "cluster has them\n"
        "1 object: 1 error, 1 warning\n");
}

TEST_CASE("report text: colour only where asked", "[validation][report]") {
  const Findings findings = validate_texts({k_source});
  CHECK(report_text(findings, {k_source}).find('\x1b') == std::string::npos);
  CHECK(report_text(findings, {k_source}, {.has_color = true}).find("\x1b[1;31merror") != std::string::npos);
}

TEST_CASE("report text: what a secret stands on isn't shown", "[validation][report]") {
  const Source source{"a.yaml",
                      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: main\n"
                      "    image: a:1\n    env: [{name: HF_TOKEN, value: \"topsecret\"}]\n"};
  const std::string text = report_text(validate_texts({source}), {source});
  CHECK(text.find("topsecret") == std::string::npos);
  CHECK(text.find("HF_TOKEN, value: •••") != std::string::npos);
}

TEST_CASE("report text: escape sequences of a manifest don't reach the terminal", "[validation][report]") {
  const Source source{"a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"a\\e[31m\"}\n"};
  CHECK(report_text(validate_texts({source}), {source}).find('\x1b') == std::string::npos);
}

TEST_CASE("report text: nothing found says so in the summary", "[validation][report]") {
  CHECK(report_text(Findings{.objects = 3}, {}) == "3 objects: 0 errors, 0 warnings\n");
  CHECK(report_text(Findings{.objects = 3, .unchecked = 1}, {}) ==
        "3 objects: 0 errors, 0 warnings; 1 of unknown kinds was not checked\n");
}

TEST_CASE("report json: a record with counts, absent values are null", "[validation][report]") {
  const document::Node record = report_json(validate_texts({k_source}));
  CHECK(record["schema"].string_or() == "mlk.dev/validate/v1");
  CHECK(record["errors"].as_int() == 1);
  CHECK(record["warnings"].as_int() == 1);
  CHECK(record["objects"].as_int() == 1);
  const document::Node& finding = record["findings"][std::size_t{1}];
  CHECK(finding["code"].string_or() == "gpu-fractional");
  CHECK(finding["place"]["line"].as_int() == 9);
  CHECK(finding["path"].string_or() == "spec.containers[0].resources.limits['nvidia.com/gpu']");
  CHECK(finding["object"].string_or() == "Pod/train");
  CHECK(finding.find("related") != nullptr);
  CHECK(document::read_json(document::write_json(record)).has_value());
}

TEST_CASE("report github: workflow commands with their special characters escaped", "[validation][report]") {
  Findings findings;
  Diagnostic found;
  found.code = "a-rule";
  found.message = "50% of\nit";
  found.place = {std::make_shared<const std::string>("a,b:c.yaml"), 3, 5, 3, 9};
  findings.diagnostics = {found};
  CHECK(report_github(findings) == "::error file=a%2Cb%3Ac.yaml,line=3,col=5,endLine=3,title=a-rule::50%25 of%0Ait\n");
  findings.diagnostics.front().severity = Severity::info;
  CHECK(report_github(findings).starts_with("::notice "));
}

TEST_CASE("report junit: a suite a file, failures down to the level asked", "[validation][report]") {
  const Findings findings = validate_texts({k_source});
  const std::string strict = report_junit(findings, {"deploy/train.yaml", "clean.yaml"}, Severity::warning);
  CHECK(strict.find("tests=\"3\" failures=\"2\"") != std::string::npos);
  CHECK(strict.find("<testsuite name=\"clean.yaml\" tests=\"1\" failures=\"0\"") != std::string::npos);
  const std::string lax = report_junit(findings, {"deploy/train.yaml"}, Severity::error);
  CHECK(lax.find("tests=\"2\" failures=\"1\"") != std::string::npos);
  CHECK(lax.find("<system-out>") != std::string::npos);
}

TEST_CASE("report junit: a name with markup stays text", "[validation][report]") {
  Findings findings;
  Diagnostic found;
  found.code = "a-rule";
  found.message = "<b>\"&\x01";
  findings.diagnostics = {found};
  const std::string text = report_junit(findings, {}, Severity::error);
  CHECK(text.find("&lt;b&gt;&quot;&amp;") != std::string::npos);
  CHECK(text.find('\x01') == std::string::npos);
}

TEST_CASE("report sarif: rules found, results with their regions, file names as URIs", "[validation][report]") {
  Source source = k_source;
  source.file = "my dir/train.yaml";
  const document::Node log = report_sarif(validate_texts({source}), "0.1.0");
  CHECK(log["version"].string_or() == "2.1.0");
  const document::Node& run = log["runs"][std::size_t{0}];
  const document::Node& driver = run["tool"]["driver"];
  CHECK(driver["name"].string_or() == "mlk");
  REQUIRE(driver["rules"].size() == 2);
  CHECK(driver["rules"][std::size_t{0}]["id"].string_or() == "gpu-fractional");
  const document::Node& result = run["results"][std::size_t{1}];
  CHECK(result["ruleId"].string_or() == "gpu-fractional");
  CHECK(result["ruleIndex"].as_int() == 0);
  CHECK(result["level"].string_or() == "error");
  const document::Node& physical = result["locations"][std::size_t{0}]["physicalLocation"];
  CHECK(physical["artifactLocation"]["uri"].string_or() == "my%20dir/train.yaml");
  CHECK(physical["region"]["startLine"].as_int() == 9);
  CHECK(physical["region"]["startColumn"].as_int() == 42);
}
