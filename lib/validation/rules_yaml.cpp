#include "rule_groups.hpp"

namespace mlk::inline v0::validation {

namespace {

constexpr std::string_view k_good = R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {model: sentiment}
)";

constexpr RuleEntry k_rules[] = {
    {{"duplicate-key", Severity::error, "yaml", "a key stands twice in one map",
      "the last one wins and the first is dropped without a word: kubectl converts to JSON before it sends",
      "keep one of them", "Kubernetes, sigs.k8s.io/yaml strict decoding",
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {model: sentiment, model: toxicity}
)",
      k_good}},
    {{"yaml-syntax", Severity::error, "yaml", "a document isn't YAML",
      "nothing in this document can be read; the documents after the next '---' are checked all the same",
      "mend the line that is named", "YAML 1.2.2",
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings
data: {model: sentiment}
)",
      k_good}},
    {{"yaml-separator", Severity::error, "yaml", "text stands behind '---' on its line",
      "Kubernetes splits documents at lines of '---' alone and refuses others", "put what follows on a line of its own",
      "Kubernetes, apimachinery YAML decoder",
      R"(--- {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}
)",
      k_good}},
    {{"yaml-alias-bomb", Severity::error, "yaml", "aliases would blow up into a huge document",
      "a few lines of aliases to aliases make gigabytes; Kubernetes refuses them too", "write the values out",
      "Kubernetes, CVE-2019-11253",
      R"(a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
)",
      k_good}},
    {{"yaml-depth",
      Severity::error,
      "yaml",
      "lists or maps are nested more than 512 deep",
      "no manifest is, and reading it would take time that grows with the square of the depth",
      "flatten the document",
      "mlk",
      {},
      k_good}},
    {{"yaml-key", Severity::error, "yaml", "a key is a list, a map or null",
      "JSON, which Kubernetes converts to, has text keys only", "use a text as the key", "Kubernetes, sigs.k8s.io/yaml",
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {[a, b]: sentiment}
)",
      k_good}},
    {{"yaml-number", Severity::error, "yaml", "a number that JSON can't express",
      "infinity and not-a-number have no JSON form, so the API server can't receive them", "quote it, if text is meant",
      "Kubernetes, sigs.k8s.io/yaml",
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {limit: .inf}
)",
      k_good}},
    {{"yaml-encoding", Severity::error, "yaml", "bytes that are no UTF-8, or control characters",
      "YAML is Unicode text", "save the file as UTF-8", "YAML 1.2.2, character set",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {model: \"\xff\"}\n", k_good}},
    {{"yaml-tag", Severity::error, "yaml", "a YAML tag that Kubernetes doesn't know",
      "tags such as !!binary have no JSON form", "leave the tag out", "Kubernetes, sigs.k8s.io/yaml",
      R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {model: !!binary c2VudGltZW50}
)",
      k_good}},
};

}  // namespace

std::span<const RuleEntry> yaml_rules() noexcept { return k_rules; }

}  // namespace mlk::inline v0::validation
