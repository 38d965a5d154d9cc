#include <mlk/document/reader.hpp>
#include <mlk/validation/validate.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>

using namespace mlk;
using namespace mlk::validation;

namespace {

/// The only finding of a text.
Diagnostic only(std::string_view text) {
  const Findings findings = validate_text(text, "a.yaml");
  for (const Diagnostic& found : findings.diagnostics) UNSCOPED_INFO(to_string(found));
  REQUIRE(findings.diagnostics.size() == 1);
  return findings.diagnostics.front();
}

constexpr std::string_view k_job = R"(apiVersion: batch/v1
kind: Job
metadata:
  name: train
spec:
  completionMode: Indexed
  completions: 2
  parallelism: 2
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: main
        image: registry.example.com/train:1.4
)";

std::string with_more(std::string_view lines) { return fmt::format("{}{}", k_job, lines); }

std::string with(std::string_view text, std::string_view old_part, std::string_view new_part) {
  std::string out(text);
  const auto at = out.find(old_part);
  REQUIRE(at != std::string::npos);
  return out.replace(at, old_part.size(), new_part);
}

}  // namespace

TEST_CASE("validate: a right Job has no findings", "[validation][structure]") {
  CHECK(validate_text(k_job, "a.yaml").diagnostics.empty());
}

TEST_CASE("validate: an unknown field is named with the nearest one, at its key", "[validation][structure]") {
  const Diagnostic found =
      only(with(k_job, "restartPolicy: Never", "restartPolicy: Never\n      nodeSelecter: {a: b}"));
  CHECK(found.code == "field-unknown");
  CHECK(found.place.line == 12);
  CHECK(found.place.column == 7);
  CHECK(found.path == "spec.template.spec.nodeSelecter");
  CHECK(found.object == "Job/train");
  CHECK(found.message.find("did you mean 'nodeSelector'") != std::string::npos);
}

TEST_CASE("validate: a field's case counts", "[validation][structure]") {
  CHECK(only(with(k_job, "completions: 2", "Completions: 2\n  completions: 2")).code == "field-unknown");
}

TEST_CASE("validate: a boolean where text is wanted comes from YAML 1.1's yes", "[validation][structure]") {
  const Diagnostic found = only(with_more("        env: [{name: DEBUG, value: yes}]\n"));
  CHECK(found.code == "field-type");
  CHECK(found.message == "'value' is a boolean, not a string");
  CHECK(found.fix == "put it in quotes");
}

TEST_CASE("validate: an integer in quotes is told to lose them", "[validation][structure]") {
  const Diagnostic found = only(with(k_job, "parallelism: 2", "parallelism: \"2\""));
  CHECK(found.code == "field-type");
  CHECK(found.fix == "write it without quotes");
}

TEST_CASE("validate: an enumeration names its values and the nearest", "[validation][structure]") {
  const Diagnostic found = only(with(k_job, "Indexed", "indexed"));
  CHECK(found.code == "value-invalid");
  CHECK(found.message.find("did you mean 'Indexed'") != std::string::npos);
  CHECK(found.fix == "one of: NonIndexed, Indexed");
}

TEST_CASE("validate: an Indexed Job needs completions", "[validation][structure]") {
  CHECK(only(with(k_job, "  completions: 2\n", "")).code == "field-conflict");
}

TEST_CASE("validate: an Indexed Job's pods need a host name of 63 characters at most", "[validation][structure]") {
  const Diagnostic found = only(with(k_job, "name: train", fmt::format("name: {:a>62}", "")));
  CHECK(found.code == "name-invalid");
  CHECK(found.message.find("64 characters") != std::string::npos);
  CHECK(validate_text(with(k_job, "name: train", fmt::format("name: {:a>61}", "")), "a.yaml").diagnostics.empty());
}

TEST_CASE("validate: names are checked by the kind's own grammar", "[validation][structure]") {
  CHECK(only("apiVersion: v1\nkind: Service\nmetadata: {name: 7b}\nspec: {clusterIP: None}\n").code == "name-invalid");
  CHECK(validate_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 7b.settings}\n", "a").diagnostics.empty());
  CHECK(only("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a_b}\n").code == "name-invalid");
  CHECK(only("apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b}}\n").code == "field-required");
  CHECK(validate_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n", "a").diagnostics.empty());
}

TEST_CASE("validate: null counts as a missing field", "[validation][structure]") {
  CHECK(only(with(k_job, "image: registry.example.com/train:1.4", "image:")).code == "field-required");
  CHECK(validate_text(with(k_job, "parallelism: 2", "parallelism: 2\n  suspend: null"), "a").diagnostics.empty());
}

TEST_CASE("validate: a probe has exactly one handler", "[validation][structure]") {
  CHECK(only(with_more("        readinessProbe: {periodSeconds: 5}\n")).code == "field-conflict");
}

TEST_CASE("validate: a volume has one source at most, and is an emptyDir without any", "[validation][structure]") {
  CHECK(only(with_more("      volumes: [{name: data, emptyDir: {}, hostPath: {path: /data}}]\n")).code ==
        "field-conflict");
  CHECK(validate_text(with_more("      volumes: [{name: data}]\n"), "a.yaml").diagnostics.empty());
}

TEST_CASE("validate: unknown kinds are counted and said", "[validation][structure]") {
  const Findings findings = validate_text("apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n", "a.yaml");
  CHECK(findings.objects == 1);
  CHECK(findings.unchecked == 1);
  REQUIRE(findings.diagnostics.size() == 1);
  CHECK(findings.diagnostics.front().severity == Severity::info);
  CHECK_FALSE(findings.has(Severity::warning));
  CHECK(findings.has(Severity::info));
}

TEST_CASE("validate: the items of a List are objects", "[validation][structure]") {
  const Findings findings = validate_text(
      "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: A}}\n"
      "- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n",
      "a.yaml");
  CHECK(findings.objects == 2);
  REQUIRE(findings.diagnostics.size() == 1);
  CHECK(findings.diagnostics.front().object == "ConfigMap/A");
}

TEST_CASE("validate: documents after a broken one are still checked", "[validation][structure]") {
  const Findings findings =
      validate_text("a: [1\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: A}\n", "a.yaml");
  REQUIRE(findings.diagnostics.size() == 2);
  CHECK(findings.diagnostics[0].code == "yaml-syntax");
  CHECK(findings.diagnostics[1].code == "name-invalid");
}

TEST_CASE("validate: findings are sorted by place and the same every time", "[validation][structure]") {
  const std::string text = with(with(k_job, "Indexed", "indexed"), "completions: 2", "completions: -1");
  const Findings first = validate_text(text, "a.yaml");
  const Findings again = validate_text(text, "a.yaml");
  REQUIRE(first.diagnostics.size() == again.diagnostics.size());
  REQUIRE(first.diagnostics.size() == 2);
  CHECK(std::is_sorted(first.diagnostics.begin(), first.diagnostics.end(),
                       [](const Diagnostic& a, const Diagnostic& b) { return a.place.line < b.place.line; }));
  for (std::size_t i = 0; i < first.diagnostics.size(); ++i) {
    CHECK(to_string(first.diagnostics[i]) == to_string(again.diagnostics[i]));
  }
}

TEST_CASE("validate: several files are one bundle", "[validation][structure]") {
  const std::string deployment = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: serve}
spec:
  replicas: 2
  selector: {matchLabels: {app: serve}}
  template:
    metadata: {labels: {app: serve}}
    spec: {containers: [{name: main, image: "a:1"}]}
)";
  const std::string budget = R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: serve}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: serve}}}
)";
  CHECK(validate_texts({{"d.yaml", deployment}}).diagnostics.size() == 1);
  CHECK(validate_texts({{"d.yaml", deployment}, {"p.yaml", budget}}).diagnostics.empty());
}

TEST_CASE("validate: a finding on a value that stands nowhere takes the nearest place around it",
          "[validation][structure]") {
  document::Node object = document::read_yaml_one("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
                                                  "mlk.yaml", document::Schema::kubernetes)
                              .value();
  object.at("metadata").set("name", "Wrong");
  const Findings findings = validate({object});
  REQUIRE(findings.diagnostics.size() == 1);
  CHECK(findings.diagnostics.front().place.line == 3);
}

TEST_CASE("validate: what is no object is said, whatever it is", "[validation][structure]") {
  for (const auto text : {"just text\n", "- 1\n- 2\n", "42\n", "{}\n", "kind: Job\n", "apiVersion: 1\nkind: [a]\n"}) {
    INFO(text);
    CHECK(only(text).code == "object-incomplete");
  }
}

TEST_CASE("validate: objects that lack nearly everything never crash the rules", "[validation][structure]") {
  for (const std::string_view kind :
       {"v1 Pod", "v1 Service", "batch/v1 CronJob", "batch/v1 Job", "apps/v1 Deployment", "apps/v1 StatefulSet",
        "autoscaling/v2 HorizontalPodAutoscaler", "policy/v1 PodDisruptionBudget", "networking.k8s.io/v1 NetworkPolicy",
        "gateway.networking.k8s.io/v1 HTTPRoute", "v1 PersistentVolumeClaim", "v1 ConfigMap"}) {
    const auto space = kind.find(' ');
    const std::string head = fmt::format("apiVersion: {}\nkind: {}\n", kind.substr(0, space), kind.substr(space + 1));
    for (const std::string_view rest :
         {"", "metadata: {}\n", "metadata: {name: a}\n", "metadata: {name: a}\nspec: {}\n",
          "metadata: {name: a}\nspec: {template: {}, jobTemplate: {}}\n"}) {
      INFO(head << rest);
      CHECK(validate_text(head + std::string(rest), "a.yaml").objects == 1);
    }
  }
}

TEST_CASE("validate: absurd types never crash the rules", "[validation][structure]") {
  for (const auto text :
       {"apiVersion: v1\nkind: Pod\nmetadata: []\nspec: 3\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: {a: b}}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [3, [], null]}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{resources: 7, env: 3, volumeMounts: x}]}",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: {a: b}, selector: [1]}\n",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: 1\nspec: {selector: 1, template: 2, replicas: [3]}\n",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\nspec: {rules: 3}\n",
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec: []\n"}) {
    INFO(text);
    CHECK(validate_text(text, "a.yaml").has(Severity::error));
  }
}

TEST_CASE("validate: many files on many threads are found to be what they are one by one", "[validation][structure]") {
  std::vector<Source> sources;
  std::size_t wrong = 0;
  for (int i = 0; i < 200; ++i) {
    std::string text(k_job);
    text.replace(text.find("train"), 5, fmt::format("train-{}", i));
    if (i % 3 == 0) text = with(text, "completions: 2", "completoins: 2");
    if (i % 7 == 0) text += "  broken: [\n";
    wrong += i % 3 == 0 && i % 7 != 0 ? 1 : 0;
    sources.push_back({fmt::format("{}.yaml", i), text});
  }
  const Findings findings = validate_texts(sources);
  CHECK(findings.objects == 200 - 29);
  CHECK(std::count_if(findings.diagnostics.begin(), findings.diagnostics.end(), [](const Diagnostic& each) {
          return each.code == "field-unknown";
        }) == static_cast<std::ptrdiff_t>(wrong));
  CHECK(std::count_if(findings.diagnostics.begin(), findings.diagnostics.end(),
                      [](const Diagnostic& each) { return each.code == "yaml-syntax"; }) == 29);
  const Findings again = validate_texts(sources);
  CHECK(again.diagnostics.size() == findings.diagnostics.size());
}
