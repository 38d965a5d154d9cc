#include "cli/completion/question.hpp"

#include "commands/context.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

#include <array>
#include <utility>

namespace mlk::cli {
namespace {

constexpr std::array<std::pair<Source, std::string_view>, 4> k_kinds{{
    {Source::namespaces, "namespaces"},
    {Source::live_jobs, "jobs"},
    {Source::live_services, "services"},
    {Source::image_tags, "tags"},
}};

std::string_view kind_of(Source source) {
  for (const auto& [known, name] : k_kinds) {
    if (known == source) return name;
  }
  return {};
}

/// Puts what mlk.yaml says about the cluster where the line says nothing; a file that can't be read says nothing.
void fill_from_project(Target& target, std::string_view text) {
  if (text.empty()) return;
  const document::Documents read = document::read_yaml(text, "mlk.yaml", document::Schema::core);
  if (read.nodes.empty()) return;
  const document::Node& project = read.nodes.front();
  const std::string chosen =
      target.environment.empty() ? project["default-environment"].string_or() : target.environment;
  const document::Node& environment = project["environments"][chosen];
  if (target.context.empty()) target.context = environment["cluster"]["context"].string_or();
  if (target.namespace_name.empty()) target.namespace_name = environment["namespace"].string_or();
  if (target.namespace_name.empty()) target.namespace_name = project["namespace"].string_or();
}

/// "registry/repo" of a half-typed "registry/repo:ta", or nothing before the colon of the tag.
std::string repository_of(std::string_view current) {
  const std::size_t slash = current.rfind('/');
  const std::size_t colon = current.rfind(':');
  if (slash == std::string_view::npos || colon == std::string_view::npos || colon < slash) return {};
  std::string_view repository = current.substr(0, colon);
  repository.remove_prefix(image_scheme(repository).size());
  return std::string(repository);
}

/// Who asks, as far as it can be said without a secret.
std::string describe_user(const kube::Config& config, const Target& target) {
  std::string text = config.user;
  for (const auto& file : config.files) text += "," + file.string();
  if (!config.credentials.client_certificate_pem.empty()) {
    text += "," + std::to_string(std::hash<std::string>{}(config.credentials.client_certificate_pem));
  }
  return text + "," + target.as + "," + join(target.as_groups, ",");
}

}  // namespace

std::string_view image_scheme(std::string_view name) noexcept {
  for (const std::string_view scheme : {"oci://", "docker://"}) {
    if (name.starts_with(scheme)) return scheme;
  }
  return {};
}

std::string Question::key() const {
  std::string key = std::string(kind_of(source)) + " " + repository + " " + identity;
  for (char& letter : key) {
    if (static_cast<unsigned char>(letter) < 0x20) letter = ' ';
  }
  return key;
}

std::optional<Question> make_question(Source source, const Target& target, std::string_view current,
                                      std::string_view project_text, const commands::Context& context) {
  Question question;
  question.source = source;
  question.target = target;
  if (source == Source::image_tags) {
    question.repository = repository_of(current);
    question.identity =
        context.env("DOCKER_CONFIG").value_or("") + "," + context.env("REGISTRY_AUTH_FILE").value_or("");
    if (question.repository.empty()) return std::nullopt;
    return question;
  }
  fill_from_project(question.target, project_text);
  if (!question.target.kubeconfig.empty()) {
    question.target.kubeconfig = (context.cwd() / question.target.kubeconfig).string();
  }
  kube::Overrides overrides;
  overrides.context = question.target.context;
  overrides.namespace_name = question.target.namespace_name;
  const auto config = kube::load_config(kube_sources(question.target.kubeconfig, context), overrides);
  if (!config) return std::nullopt;
  question.target.context = config->context;
  question.target.namespace_name = config->namespace_name;
  question.identity = config->server + " " + describe_user(*config, question.target);
  if (source != Source::namespaces) question.identity += " " + config->namespace_name;
  return question;
}

std::vector<std::string> refresh_command(const Question& question, const std::filesystem::path& program) {
  const Target& target = question.target;
  std::vector<std::string> words{program.string(),    "__refresh",           std::string(kind_of(question.source)),
                                 question.repository, question.identity,     target.kubeconfig,
                                 target.context,      target.namespace_name, target.as};
  words.insert(words.end(), target.as_groups.begin(), target.as_groups.end());
  return words;
}

std::optional<Question> parse_refresh(const std::vector<std::string>& words) {
  constexpr std::size_t k_fixed = 7;
  if (words.size() < k_fixed) return std::nullopt;
  Question question;
  for (const auto& [source, name] : k_kinds) {
    if (name == words[0]) question.source = source;
  }
  if (question.source == Source::nothing) return std::nullopt;
  question.repository = words[1];
  question.identity = words[2];
  question.target.kubeconfig = words[3];
  question.target.context = words[4];
  question.target.namespace_name = words[5];
  question.target.as = words[6];
  question.target.as_groups.assign(words.begin() + k_fixed, words.end());
  return question;
}

kube::Sources kube_sources(const std::string& kubeconfig, const commands::Context& context) {
  kube::Sources sources;
  sources.flag = kubeconfig.empty() ? "" : context.resolve(kubeconfig).string();
  sources.kubeconfig = context.env("KUBECONFIG").value_or("");
  sources.home = context.env("HOME").value_or("");
  sources.service_host = context.env("KUBERNETES_SERVICE_HOST").value_or("");
  sources.service_port = context.env("KUBERNETES_SERVICE_PORT").value_or("");
  return sources;
}

std::string absolute_kubeconfig(const commands::Context& context) {
  std::vector<std::string> files;
  for (const std::string& file : split(context.env("KUBECONFIG").value_or(""), ':')) {
    if (!file.empty()) files.push_back((context.cwd() / file).string());
  }
  return join(files, ":");
}

std::filesystem::path cache_folder(const commands::Context& context) {
  const std::filesystem::path base = context.cache_dir();
  return base.empty() ? base : base / "completion";
}

}  // namespace mlk::cli
