#include "calls.hpp"
#include "client_impl.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/writer.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mlk::kube {
namespace {

using Tree = document::Node;

constexpr std::string_view k_json = "application/json";

/// One object lives in a namespace: where none is named, in the context's.
std::string_view place_of(const Session& session, const ResourceType& type, std::string_view namespace_name) {
  if (!type.namespaced) return {};
  return namespace_name.empty() ? std::string_view(session.config().namespace_name) : namespace_name;
}

std::string name_of(const Tree& object) { return object["metadata"]["name"].string_or(); }

void add_write_query(Query& query, const Session& session, bool dry_run) {
  query.emplace_back("fieldManager", session.options().field_manager);
  query.emplace_back("fieldValidation", "Strict");
  if (dry_run) query.emplace_back("dryRun", "All");
}

std::string_view propagation_name(Propagation propagation) {
  switch (propagation) {
    case Propagation::foreground:
      return "Foreground";
    case Propagation::orphan:
      return "Orphan";
    case Propagation::background:
      break;
  }
  return "Background";
}

Tree delete_body(const DeleteOptions& options) {
  Tree body = Tree::mapping(
      {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", propagation_name(options.propagation)}});
  if (options.grace_seconds) body.set("gracePeriodSeconds", *options.grace_seconds);
  if (!options.uid.empty()) body.at({"preconditions", "uid"}) = Tree(options.uid);
  if (!options.resource_version.empty()) {
    body.at({"preconditions", "resourceVersion"}) = Tree(options.resource_version);
  }
  if (options.dry_run) body.set("dryRun", Tree::sequence({Tree("All")}));
  return body;
}

int leading_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Call call_for(std::string method, std::string verb, const ResourceType& type, std::string_view namespace_name,
              std::string_view name, std::string_view subresource) {
  Call call;
  call.method = std::move(method);
  call.path = type.path(namespace_name, name, subresource);
  call.subject.verb = std::move(verb);
  call.subject.type = type;
  if (type.namespaced) call.subject.namespace_name = namespace_name;
  call.subject.name = name;
  call.subject.subresource = subresource;
  return call;
}

Client::Client(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::connect(http::Loop& loop, Config config, ClientOptions options) {
  if (config.server.empty()) return Error(ErrorKind::usage, "no server is configured");
  return std::unique_ptr<Client>(new Client(std::make_unique<Impl>(loop, std::move(config), std::move(options))));
}

const Config& Client::config() const noexcept { return m_impl->session->config(); }
http::Loop& Client::loop() noexcept { return m_impl->session->loop(); }
void Client::set_stop(std::stop_token stop) noexcept { m_impl->session->set_stop(std::move(stop)); }
void Client::set_deadline(std::optional<SteadyTime> deadline) noexcept { m_impl->session->set_deadline(deadline); }

Result<Tree> Client::get(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                         std::string_view subresource) {
  auto& session = *m_impl->session;
  return session.fetch_json(call_for("GET", "get", type, place_of(session, type, namespace_name), name, subresource));
}

Result<std::optional<Tree>> Client::find(const ResourceType& type, std::string_view namespace_name,
                                         std::string_view name) {
  auto object = get(type, namespace_name, name);
  if (object) return std::optional<Tree>(*std::move(object));
  if (is_not_found(object.error())) return std::optional<Tree>();
  return std::move(object).error();
}

Result<Tree> Client::create(const ResourceType& type, std::string_view namespace_name, const Tree& object,
                            const WriteOptions& options) {
  auto& session = *m_impl->session;
  // With a subresource the object is the one that already has that name: POST …/pods/x/eviction.
  const std::string name = name_of(object);
  Call call = call_for("POST", "create", type, place_of(session, type, namespace_name),
                       options.subresource.empty() ? std::string_view() : std::string_view(name), options.subresource);
  call.subject.name = name;
  call.content_type = k_json;
  call.body = document::write_json(object, 0);
  call.is_repeatable = options.dry_run;
  add_write_query(call.query, session, options.dry_run);
  return session.fetch_json(call);
}

Result<Tree> Client::replace(const ResourceType& type, std::string_view namespace_name, const Tree& object,
                             const WriteOptions& options) {
  auto& session = *m_impl->session;
  Call call =
      call_for("PUT", "update", type, place_of(session, type, namespace_name), name_of(object), options.subresource);
  call.content_type = k_json;
  call.body = document::write_json(object, 0);
  // A second send of a write that did arrive would look like somebody else's conflict.
  call.is_repeatable = options.dry_run;
  add_write_query(call.query, session, options.dry_run);
  return session.fetch_json(call);
}

Result<Tree> Client::merge_patch(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                                 const Tree& patch, const PatchOptions& options) {
  auto& session = *m_impl->session;
  Call call = call_for("PATCH", "patch", type, place_of(session, type, namespace_name), name, options.subresource);
  call.content_type = "application/merge-patch+json";
  Tree body = patch;
  if (!options.resource_version.empty()) body.at({"metadata", "resourceVersion"}) = Tree(options.resource_version);
  call.body = document::write_json(body, 0);
  call.is_repeatable = options.dry_run || options.resource_version.empty();
  add_write_query(call.query, session, options.dry_run);
  return session.fetch_json(call);
}

Result<Tree> Client::json_patch(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                                const Tree& operations, const PatchOptions& options) {
  auto& session = *m_impl->session;
  Call call = call_for("PATCH", "patch", type, place_of(session, type, namespace_name), name, options.subresource);
  call.content_type = "application/json-patch+json";
  Tree body = Tree::sequence();
  if (!options.resource_version.empty()) {
    // Writing the version that it has anyway is the precondition: another one is a conflict. A "test" would be reported
    // as an invalid request that doesn't say which operation failed.
    body.push_back(
        Tree::mapping({{"op", "replace"}, {"path", "/metadata/resourceVersion"}, {"value", options.resource_version}}));
  }
  for (const auto& operation : operations.items()) body.push_back(operation);
  call.body = document::write_json(body, 0);
  call.is_repeatable = options.dry_run;
  add_write_query(call.query, session, options.dry_run);
  return session.fetch_json(call);
}

Result<Tree> Client::apply(const ResourceType& type, std::string_view namespace_name, const Tree& object,
                           const ApplyOptions& options) {
  auto& session = *m_impl->session;
  std::string where(namespace_name);
  if (where.empty()) where = object["metadata"]["namespace"].string_or();
  Call call = call_for("PATCH", "patch", type, place_of(session, type, where), name_of(object), options.subresource);
  call.content_type = "application/apply-patch+yaml";
  if (object["metadata"].find("managedFields") == nullptr) {
    call.body = document::write_json(object, 0);
  } else {
    Tree body = object;
    body.at("metadata").erase("managedFields");
    call.body = document::write_json(body, 0);
  }
  call.query.emplace_back("fieldManager",
                          options.field_manager.empty() ? session.options().field_manager : options.field_manager);
  call.query.emplace_back("fieldValidation", "Strict");
  if (options.force) call.query.emplace_back("force", "true");
  if (options.dry_run) call.query.emplace_back("dryRun", "All");
  return session.fetch_json(call);
}

Result<void> Client::remove(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                            const DeleteOptions& options) {
  auto& session = *m_impl->session;
  Call call = call_for("DELETE", "delete", type, place_of(session, type, namespace_name), name);
  call.content_type = k_json;
  call.body = document::write_json(delete_body(options), 0);
  // Only a uid makes sure that a second send can't hit a newer object of the same name.
  call.is_repeatable = options.dry_run || !options.uid.empty();
  MLK_CHECK(session.fetch(call));
  return {};
}

Result<std::int32_t> Client::get_scale(const ResourceType& type, std::string_view namespace_name,
                                       std::string_view name) {
  MLK_TRY(const Tree scale, get(type, namespace_name, name, "scale"));
  return static_cast<std::int32_t>(scale["spec"]["replicas"].int_or(0));
}

Result<void> Client::set_scale(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                               std::int32_t replicas) {
  Tree patch;
  patch.at({"spec", "replicas"}) = Tree(static_cast<std::int64_t>(replicas));
  PatchOptions options;
  options.subresource = "scale";
  MLK_CHECK(merge_patch(type, namespace_name, name, patch, options));
  return {};
}

Result<void> Client::run_until(const std::function<bool()>& done, std::optional<Milliseconds> timeout) {
  return m_impl->session->run_until(done, timeout);
}

Result<std::vector<Event>> Client::events_of(std::string_view namespace_name, std::string_view object_uid) {
  ListOptions options;
  options.field_selector = fmt::format("involvedObject.uid={}", object_uid);
  std::vector<Event> events;
  MLK_CHECK(list(types::events, namespace_name, options, [&](Tree&& object) {
    events.push_back(event_from(object));
    return true;
  }));
  std::stable_sort(events.begin(), events.end(),
                   [](const Event& a, const Event& b) { return a.last_seen < b.last_seen; });
  return events;
}

Result<AccessAnswer> Client::can_i(const AccessQuestion& question) {
  Tree attributes = Tree::mapping({{"verb", question.verb}, {"resource", question.resource}});
  if (!question.group.empty()) attributes.set("group", question.group);
  if (!question.subresource.empty()) attributes.set("subresource", question.subresource);
  if (!question.namespace_name.empty()) attributes.set("namespace", question.namespace_name);
  if (!question.name.empty()) attributes.set("name", question.name);
  Tree review = Tree::mapping({{"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SelfSubjectAccessReview"}});
  review.at({"spec", "resourceAttributes"}) = std::move(attributes);
  Call call = call_for("POST", "create", types::self_subject_access_reviews, {}, {});
  call.content_type = k_json;
  call.body = document::write_json(review, 0);
  MLK_TRY(const Tree answer, m_impl->session->fetch_json(call));
  const Tree& status = answer["status"];
  AccessAnswer out;
  out.is_allowed = status["allowed"].bool_or(false) && !status["denied"].bool_or(false);
  out.reason = status["reason"].string_or();
  if (out.reason.empty()) out.reason = status["evaluationError"].string_or();
  return out;
}

Result<ServerVersion> Client::version() {
  Call call;
  call.path = "/version";
  call.subject.verb = "get";
  call.subject.type = ResourceType{"", "v1", "Version", "the server's version", false};
  MLK_TRY(const Tree answer, m_impl->session->fetch_json(call));
  // Some vendors write "36+".
  return ServerVersion{leading_number(answer["major"].string_or()), leading_number(answer["minor"].string_or()),
                       answer["gitVersion"].string_or()};
}

Result<std::optional<ResourceType>> Client::find_served(std::string_view api_version, std::string_view kind) {
  if (const ResourceType* builtin = find_builtin(api_version, kind)) return std::optional(*builtin);
  return m_impl->discovery.find(api_version, kind);
}

Result<ResourceType> Client::find_type(std::string_view api_version, std::string_view kind) {
  MLK_TRY(auto type, find_served(api_version, kind));
  if (type) return *std::move(type);
  return Error(ErrorKind::not_found,
               fmt::format("{} doesn't serve {} '{}'", config().describe(), printable(api_version), printable(kind)))
      .because("its list of APIs has no such type")
      .fixed_by("install what provides it, or check that the context is the right one")
      .coded(std::string(codes::k_not_found));
}

Result<std::vector<ResourceType>> Client::list_types() { return m_impl->discovery.all(); }

}  // namespace mlk::kube
