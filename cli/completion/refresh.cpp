#include "cli/completion/cache.hpp"
#include "cli/completion/live.hpp"
#include "cli/completion/question.hpp"
#include "commands/context.hpp"

#include <mlk/kube/client.hpp>
#include <mlk/oci/registry.hpp>

#include <algorithm>
#include <set>

namespace mlk::cli {
namespace {

constexpr Milliseconds k_longest{10'000};  // nobody waits for it, but it must not stay either

using Names = std::set<std::string>;

Result<Names> fetch_from_cluster(const Question& question, commands::Context& context) {
  commands::options::Cluster options;
  options.kubeconfig = question.target.kubeconfig;
  options.context = question.target.context;
  options.namespace_name = question.target.namespace_name;
  options.as = question.target.as;
  options.as_groups = question.target.as_groups;
  options.request_timeout = k_longest;
  MLK_TRY(kube::Client * client, context.cluster(options));
  client->set_deadline(context.clock().steady() + k_longest);
  const bool is_namespaces = question.source == Source::namespaces;
  const kube::ResourceType& type = is_namespaces                          ? kube::types::namespaces
                                   : question.source == Source::live_jobs ? kube::types::jobs
                                                                          : kube::types::services;
  kube::ListOptions list;
  // All at once: a page more is a round trip more, and names are small.
  list.limit = 0;
  if (!is_namespaces) list.label_selector = "app.kubernetes.io/managed-by=mlk";
  Names names;
  MLK_CHECK(client->list_metadata(
      type, is_namespaces ? "" : question.target.namespace_name, list, [&](kube::ObjectMeta&& meta) {
        const std::string_view service = meta.label("mlk.dev/service");
        names.insert(type == kube::types::services && !service.empty() ? std::string(service) : std::move(meta.name));
        return true;
      }));
  return names;
}

Result<Names> fetch_tags(const Question& question, commands::Context& context) {
  const std::size_t slash = question.repository.find('/');
  if (slash == std::string::npos) return Names{};
  oci::RegistryOptions options;
  options.attempts = 1;
  options.stall = k_longest;
  const std::string registry = question.repository.substr(0, slash);
  auto credentials = oci::CredentialStore::from([&context](const std::string& name) { return context.env(name); });
  oci::RegistryClient client(registry, std::make_shared<oci::RegistryAuth>(std::move(credentials)), context.clock(),
                             options);
  const std::string repository = question.repository.substr(slash + 1);
  MLK_TRY(const std::vector<std::string> tags, client.tags(repository, context.stop()));
  Names names;
  for (const std::string& tag : tags) names.insert(question.repository + ":" + tag);
  return names;
}

}  // namespace

void refresh(const std::vector<std::string>& words, commands::Context& context) {
  const std::optional<Question> question = parse_refresh(words);
  if (!question) return;
  const CompletionCache cache(cache_folder(context));
  const std::string key = question->key();
  const auto claim = cache.claim(key);
  if (claim == nullptr) return;
  const auto names =
      question->source == Source::image_tags ? fetch_tags(*question, context) : fetch_from_cluster(*question, context);
  CachedAnswer answer;
  if (names) {
    for (const std::string& name : *names) answer.candidates.push_back({name, ""});
  } else {
    // What was known stays, and the failure keeps the next Tab from waiting again.
    if (auto known = cache.find(key)) answer = std::move(*known);
    answer.is_failed = true;
  }
  answer.asked = context.clock().system();
  static_cast<void>(cache.store(key, answer));
}

}  // namespace mlk::cli
