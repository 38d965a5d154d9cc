#include "rule_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mlk::inline v0::validation {

namespace {

void check_latest(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    for (const Container& container : pods.containers) {
      const Spot image = container.spot["image"];
      const std::string reference = image.text();
      if (reference.empty() || reference.find('@') != std::string::npos) continue;
      const auto slash = reference.rfind('/');
      const auto colon = reference.find(':', slash == std::string::npos ? 0 : slash);
      const std::string tag = colon == std::string::npos ? std::string() : reference.substr(colon + 1);
      if (!tag.empty() && tag != "latest") continue;
      finder.report("image-latest", image,
                    {tag.empty() ? fmt::format("image '{}' has neither tag nor digest", reference)
                                 : fmt::format("image '{}' moves", reference),
                     {},
                     {}});
    }
  }
}

struct KnownToken {
  std::string_view prefix;
  std::size_t least;  ///< characters after the prefix
  std::string_view what;
};

constexpr KnownToken k_tokens[] = {
    {"hf_", 30, "a Hugging Face token"}, {"ghp_", 30, "a GitHub token"},      {"github_pat_", 30, "a GitHub token"},
    {"glpat-", 18, "a GitLab token"},    {"AKIA", 16, "an AWS access key"},   {"ASIA", 16, "an AWS access key"},
    {"sk-", 32, "an API key"},           {"xoxb-", 20, "a Slack token"},      {"AIza", 35, "a Google API key"},
    {"nvapi-", 30, "an NVIDIA API key"}, {"-----BEGIN", 20, "a private key"}, {"dckr_pat_", 20, "a Docker token"},
};

bool is_token_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/// What a text begins with or holds after "=" or a space, if it is a token that one knows by its looks.
std::optional<std::string_view> known_token(std::string_view text) {
  for (const KnownToken& token : k_tokens) {
    for (auto at = text.find(token.prefix); at != std::string_view::npos; at = text.find(token.prefix, at + 1)) {
      if (at > 0 && is_token_character(text[at - 1])) continue;
      const std::string_view rest = text.substr(at + token.prefix.size());
      const bool is_key = token.prefix.starts_with('-');
      const auto end =
          is_key
              ? rest.size()
              : static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), is_token_character) - rest.begin());
      if (end >= token.least && (!is_key || rest.find("PRIVATE KEY") != std::string_view::npos)) return token.what;
    }
  }
  return std::nullopt;
}

/// Whether a variable's name says that its value is secret: whole words, so MAX_TOKENS and TOKENIZERS_… aren't.
bool is_secret_name(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  for (const std::string_view suffix : {"_FILE", "_PATH", "_DIR", "_URL", "_NAME", "_ENDPOINT", "_TTL", "_ID"}) {
    if (upper.ends_with(suffix) && upper != "AWS_ACCESS_KEY_ID") return false;
  }
  constexpr std::string_view k_words[] = {"TOKEN",  "SECRET",     "PASSWORD",   "PASSWD",      "API_KEY",
                                          "APIKEY", "ACCESS_KEY", "SECRET_KEY", "PRIVATE_KEY", "CREDENTIALS"};
  for (const std::string_view word : k_words) {
    const auto at = upper.rfind(word);
    if (at == std::string::npos || (at > 0 && upper[at - 1] != '_')) continue;
    const std::string_view rest = std::string_view(upper).substr(at + word.size());
    if (rest.empty() || rest.starts_with('_')) return true;
  }
  return false;
}

/// A value that can't be a secret, or stands for one: "true", "5", "$(OTHER)".
bool is_plain(std::string_view value) {
  return value.empty() || value.starts_with("$(") || value == "true" || value == "false" ||
         value.find_first_not_of("0123456789.") == std::string_view::npos;
}

void check_env(const Container& container, Finder& finder) {
  for (const Spot& variable : container.spot["env"].children()) {
    const Spot value = variable["value"];
    const std::string text = value.text();
    const std::string name = variable["name"].text();
    const auto token = known_token(text);
    if (!token && (!is_secret_name(name) || is_plain(text))) continue;
    finder.report(
        "token-literal", value,
        {token ? fmt::format("{} stands in the variable '{}'", *token, name)
               : fmt::format("the value of '{}' stands in the manifest", name),
         {},
         fmt::format("take it from a Secret: {{name: {}, valueFrom: {{secretKeyRef: {{name: …, key: …}}}}}}", name)});
  }
}

void check_tokens(const Bundle& bundle, Finder& finder) {
  for (const PodSet& pods : bundle.pod_sets) {
    for (const Container& container : pods.containers) {
      check_env(container, finder);
      for (const std::string_view part : {"command", "args"}) {
        for (const Spot& word : container.spot[part].children()) {
          const auto token = known_token(word.text());
          if (!token) continue;
          finder.report("token-literal", word,
                        {fmt::format("{} stands in the {} of container '{}'", *token, part, container.name()),
                         {},
                         "take it from a Secret through a variable: $(NAME)"});
        }
      }
    }
  }
  for (const Spot& map : bundle.of_kind("ConfigMap")) {
    for (const Spot& value : map["data"].children()) {
      const auto token = known_token(value.text());
      if (token) finder.report("token-literal", value, {fmt::format("{} stands in a ConfigMap", *token), {}, {}});
    }
  }
}

constexpr RuleEntry k_rules[] = {
    {{"image-latest", Severity::warning, "security", "an image without a tag, or with the tag latest",
      "what runs changes when somebody pushes, replicas differ, and an undo brings back nothing",
      "name a version, or better the digest", "kube-linter, latest-tag",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers: [{name: main, image: "registry.example.com/serve:latest"}]
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers: [{name: main, image: "registry.example.com/serve:1.4"}]
)"},
     check_latest},
    {{"token-literal", Severity::error, "security", "a token or password stands in the manifest",
      "manifests go into Git, into logs and to everybody who may read pods",
      "put it into a Secret and refer to it; revoke it if the manifest has left this machine",
      "polaris, sensitiveContainerEnvVar",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    env: [{name: HF_TOKEN, value: "not-a-real-token"}]
)",
      R"(apiVersion: v1
kind: Pod
metadata: {name: serve}
spec:
  containers:
  - name: main
    image: registry.example.com/serve:1.4
    env: [{name: HF_TOKEN, valueFrom: {secretKeyRef: {name: hugging-face, key: token}}}]
)"},
     check_tokens},
};

}  // namespace

std::span<const RuleEntry> security_rules() noexcept { return k_rules; }

}  // namespace mlk::inline v0::validation
