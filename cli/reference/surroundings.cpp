#include "cli/reference/surroundings.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <span>

namespace mlk::cli::reference {
namespace {

/// Which verbs something matters to: those that have one of the flags, or those of a noun. Where nothing is said it
/// holds for all, and stands on the program's page alone.
struct Row {
  std::string_view name;
  std::string_view text;
  std::string_view flags;  ///< "--kubeconfig,--plain-http"
  std::string_view noun;
  std::string_view verb;  ///< empty: all of the noun
};

constexpr Row k_variables[] = {
    {"KUBECONFIG", "kubeconfig files with colons between them, where --kubeconfig names none", "--kubeconfig"},
    {"KUBERNETES_SERVICE_HOST,KUBERNETES_SERVICE_PORT",
     "the API server as a pod knows it; used with the pod's service account where there is no kubeconfig",
     "--kubeconfig"},
    {"REGISTRY_AUTH_FILE", "the file with the credentials of registries, before all others", "--plain-http"},
    {"DOCKER_CONFIG", "the folder with docker's config.json, instead of ~/.docker", "--plain-http"},
    {"HTTPS_PROXY,HTTP_PROXY,ALL_PROXY,NO_PROXY",
     "proxy for clusters and registries, and hosts that are reached without one; lower case counts first",
     "--kubeconfig,--plain-http"},
    {"SSL_CERT_FILE,SSL_CERT_DIR", "the certificate authorities to trust instead of the system's",
     "--kubeconfig,--plain-http"},
    {"SOURCE_DATE_EPOCH", "the time that files in layers get, in seconds since 1970; else that is 0", "", "model",
     "pack"},
    {"XDG_DATA_HOME", "the folder above mlk/models, where images are kept; ~/.local/share where it is unset", "",
     "model"},
    {"MLK_LEASE_DURATION",
     "how long a rollout counts as driven after its driver was heard of last, such as 30s (default 15s)", "", "serve"},
    {"XDG_CACHE_HOME", "the folder above mlk with what can be found again; ~/.cache where it is unset"},
    {"NO_COLOR", "no colour when set, unless --color says otherwise"},
    {"TERM", "'dumb' or unset: no colour, no bars and no live views"},
};

constexpr Row k_files[] = {
    {"mlk.yaml", "the project: models, jobs and services; in the folder you are in, where --file names none", "--file"},
    {"mlk.lock", "beside mlk.yaml: digests and what 'auto' stands for; to be committed", "--file"},
    {"~/.kube/config", "the kubeconfig, where neither --kubeconfig nor KUBECONFIG names one", "--kubeconfig"},
    {"~/.docker/config.json,~/.config/containers/auth.json,$XDG_RUNTIME_DIR/containers/auth.json",
     "credentials of registries, as docker and podman keep them", "--plain-http"},
    {".mlkignore", "in a model's folder: what isn't packed, written like .gitignore", "", "model", "pack"},
    {"~/.local/share/mlk/models", "the images on this machine, as an OCI layout", "", "model"},
    {"~/.cache/mlk", "digests of layers, and answers for Tab; may be removed at any time"},
};

struct Format {
  std::string_view name, meaning;
};

constexpr Format k_formats[] = {
    {"table", "for people; piped, nothing is cut and times are RFC 3339"},
    {"wide", "the table with more columns"},
    {"json",
     "for programs: a record with a 'schema' field, or the document itself where that is the result; events are "
     "records too, one a line"},
    {"yaml", "the same as json, written as YAML"},
    {"name", "names alone, one a line"},
    {"jsonpath", "what an expression finds in the JSON form: -o jsonpath='{.name}'"},
    {"text", "findings with the lines that they are about, for people"},
    {"github", "workflow commands that GitHub Actions shows as annotations"},
    {"junit", "JUnit XML, which most CI systems show as tests"},
    {"sarif", "SARIF 2.1.0, which code scanning reads"},
};

Entry entry_of(const Row& row) { return {split(row.name, ','), "", false, std::string(row.text)}; }

bool matters(const Row& row, const Command& command, const Flags& flags) {
  if (!row.noun.empty()) return command.noun == row.noun && (row.verb.empty() || command.verb == row.verb);
  const std::vector<std::string> wanted = split(row.flags, ',');
  return std::any_of(wanted.begin(), wanted.end(),
                     [&](const std::string& name) { return !name.empty() && flags.find(name) != nullptr; });
}

std::vector<Entry> all(std::span<const Row> rows) {
  std::vector<Entry> entries;
  for (const Row& row : rows) entries.push_back(entry_of(row));
  return entries;
}

std::vector<Entry> of(std::span<const Row> rows, const Command& command, const Flags& flags) {
  std::vector<Entry> entries;
  for (const Row& row : rows) {
    if (matters(row, command, flags)) entries.push_back(entry_of(row));
  }
  return entries;
}

}  // namespace

std::vector<Entry> all_variables() { return all(k_variables); }

std::vector<Entry> variables_of(const Command& command, const Flags& flags) { return of(k_variables, command, flags); }

std::vector<Entry> all_files() { return all(k_files); }

std::vector<Entry> files_of(const Command& command, const Flags& flags) { return of(k_files, command, flags); }

std::string_view meaning_of_format(std::string_view format) noexcept {
  const auto* const found = std::find_if(std::begin(k_formats), std::end(k_formats),
                                         [&](const Format& known) { return known.name == format; });
  return found == std::end(k_formats) ? std::string_view() : found->meaning;
}

std::vector<Entry> all_formats() {
  std::vector<Entry> entries;
  for (const Format& format : k_formats) {
    entries.push_back({{std::string(format.name)}, "", false, std::string(format.meaning)});
  }
  return entries;
}

}  // namespace mlk::cli::reference
