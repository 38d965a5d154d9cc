#include "api_status.hpp"

#include <mlk/core/text.hpp>
#include <mlk/kube/status.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace mlk::kube {
namespace {

// A message of the server is quoted up to here; what follows helps nobody on a terminal.
constexpr std::size_t k_quote_limit = 600;

std::string quoted(std::string_view text) {
  std::string clean = printable(text.substr(0, k_quote_limit));
  if (text.size() > k_quote_limit) clean += " …";
  return clean;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

/// The text between `before` and `after`, or empty.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const auto begin = text.find(before);
  if (begin == std::string_view::npos) return {};
  const auto start = begin + before.size();
  const auto end = text.find(after, start);
  return end == std::string_view::npos ? std::string_view() : text.substr(start, end - start);
}

Diagnostic field_error(const RequestSubject& subject, std::string code, std::string field, std::string message) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.path = std::move(field);
  diagnostic.object = fmt::format("{}/{}", subject.type.kind, subject.name);
  diagnostic.message = std::move(message);
  return diagnostic;
}

Error unauthorized(const ApiStatus& status, std::string_view context) {
  return Error(ErrorKind::auth, fmt::format("{} doesn't accept these credentials", context))
      .because(status.message.empty() || status.message == "Unauthorized"
                   ? "the token or certificate has expired, or it is for another cluster"
                   : quoted(status.message))
      .fixed_by("log in again with your cluster's own tool, or renew the user in the kubeconfig")
      .coded(std::string(codes::k_unauthorized));
}

/// RBAC's refusal, which says exactly what was missing.
Error missing_right(const ApiStatus& status, const RequestSubject& subject) {
  const std::string_view text = status.message;
  const auto said = [&](std::string_view before, std::string_view after, std::string_view other) {
    const auto found = between(text, before, after);
    return printable(found.empty() ? other : found);
  };
  const std::string verb = said("cannot ", " resource", subject.verb);
  std::string own_resource = subject.type.plural;
  if (!subject.subresource.empty()) own_resource += "/" + subject.subresource;
  const std::string resource = said("resource \"", "\"", own_resource);
  const bool group_said = text.find("in API group \"") != std::string_view::npos;
  const std::string group = group_said ? printable(between(text, "in API group \"", "\"")) : subject.type.group;
  const std::string where = said("in the namespace \"", "\"", subject.namespace_name);
  const std::string user = said("User \"", "\"", "this user");
  const bool is_cluster_wide = where.empty() || text.find("at the cluster scope") != std::string_view::npos;
  const std::string scope = is_cluster_wide ? "at the cluster scope" : fmt::format("in namespace '{}'", where);
  const std::string full = group.empty() ? resource : resource + "." + group;
  return Error(ErrorKind::auth, fmt::format("'{}' may not {} {} {}", user, verb, full, scope))
      .because(quoted(text))
      .fixed_by(
          fmt::format("ask for a {} with the rule {{apiGroups: [\"{}\"], resources: [\"{}\"], verbs: [\"{}\"]}}{}",
                      is_cluster_wide ? "ClusterRole" : "Role", group, resource, verb,
                      is_cluster_wide ? "" : fmt::format(" in namespace '{}'", where)))
      .coded(std::string(codes::k_forbidden));
}

Error forbidden(const ApiStatus& status, const RequestSubject& subject) {
  const std::string_view text = status.message;
  if (text.find("exceeded quota") != std::string_view::npos) {
    return Error(ErrorKind::failed, fmt::format("{} is over the namespace's quota", subject.describe()))
        .because(quoted(text))
        .fixed_by(fmt::format("ask for less, free something, or see 'kubectl describe quota -n {}'",
                              printable(subject.namespace_name)))
        .coded(std::string(codes::k_quota));
  }
  if (text.find(" cannot ") != std::string_view::npos || !status.is_status || text.empty()) {
    return missing_right(status, subject);
  }
  return Error(ErrorKind::failed, fmt::format("the cluster's policy refuses {}", subject.describe()))
      .because(quoted(text))
      .fixed_by("change what the message names, or ask the cluster's administrator")
      .coded(std::string(codes::k_denied));
}

Error not_found(const ApiStatus& status, const RequestSubject& subject, std::string_view context) {
  const auto make = [&](std::string what, std::string fix) {
    return Error(ErrorKind::not_found, std::move(what))
        .because(quoted(status.message))
        .fixed_by(std::move(fix))
        .coded(std::string(codes::k_not_found));
  };
  const bool says_type =
      !status.is_status || status.message.find("could not find the requested resource") != std::string::npos;
  if (says_type) {
    return make(
        fmt::format("{} doesn't serve {} ({})", context, subject.type.qualified_name(), subject.type.api_version()),
        "install what provides it, or check that the context is the right one");
  }
  if (status.kind == "namespaces" && subject.type.plural != "namespaces") {
    return make(fmt::format("namespace '{}' doesn't exist", printable(status.name)),
                "name another one with -n, or have it created");
  }
  return make(fmt::format("{} doesn't exist", subject.describe()),
              fmt::format("see what is there: kubectl get {}{}", subject.type.qualified_name(),
                          subject.namespace_name.empty() ? "" : " -n " + printable(subject.namespace_name)));
}

Error apply_conflict(const ApiStatus& status, const RequestSubject& subject) {
  std::vector<Diagnostic> fields;
  std::vector<std::string> reasons;
  for (const auto& cause : status.causes) {
    const auto manager = between(cause.message, "conflict with \"", "\"");
    const std::string owner = printable(manager.empty() ? std::string_view("another manager") : manager);
    const std::string field = printable(cause.field);
    reasons.push_back(fmt::format("{} belongs to '{}'", field, owner));
    fields.push_back(
        field_error(subject, "field-conflict", field, fmt::format("the field {} belongs to '{}'", field, owner)));
  }
  return Error(ErrorKind::conflict, fmt::format("{} has fields that others manage", subject.describe()))
      .because(join(reasons, ", "))
      .fixed_by("leave these fields to their owners, or take them over by force")
      .with(std::move(fields))
      .coded(std::string(codes::k_apply_conflict));
}

Error conflict(const ApiStatus& status, const RequestSubject& subject) {
  if (status.reason == "AlreadyExists") {
    return Error(ErrorKind::conflict, fmt::format("{} exists already", subject.describe()))
        .because(quoted(status.message))
        .fixed_by("choose another name, or delete the existing one")
        .coded(std::string(codes::k_already_exists));
  }
  const bool is_apply = std::any_of(status.causes.begin(), status.causes.end(),
                                    [](const auto& cause) { return cause.reason == "FieldManagerConflict"; });
  if (is_apply) return apply_conflict(status, subject);
  return Error(ErrorKind::conflict, fmt::format("{} was changed by somebody else meanwhile", subject.describe()))
      .because(quoted(status.message))
      .fixed_by("look at it again and repeat the command")
      .coded(std::string(codes::k_conflict));
}

/// The fields that an apply's schema check names, one a line: `….spec.foo: field not declared in schema`.
std::vector<Diagnostic> undeclared_fields(std::string_view message, const RequestSubject& subject) {
  std::vector<Diagnostic> fields;
  for (const auto& line : split(std::string(message), '\n')) {
    const auto colon = line.rfind(": ");
    const auto start = colon == std::string::npos ? colon : line.rfind(' ', colon - 1);
    if (colon == std::string::npos || colon == 0) continue;
    const auto begin = start == std::string::npos ? 0 : start + 1;
    if (line[begin] != '.') continue;
    const std::string field = printable(std::string_view(line).substr(begin + 1, colon - begin - 1));
    fields.push_back(field_error(subject, "field-invalid", field, printable(line.substr(colon + 2))));
  }
  return fields;
}

/// The fields that a strict check names in its one message: `strict decoding error: unknown field "spec.a", …`.
std::vector<Diagnostic> strict_fields(std::string_view message, const RequestSubject& subject) {
  std::vector<Diagnostic> fields;
  constexpr std::string_view k_start = "strict decoding error: ";
  auto at = message.find(k_start);
  if (at == std::string_view::npos) return fields;
  at += k_start.size();
  while (at < message.size()) {
    const auto quote = message.find('"', at);
    const auto end = quote == std::string_view::npos ? quote : message.find('"', quote + 1);
    if (end == std::string_view::npos) break;
    const std::string field = printable(message.substr(quote + 1, end - quote - 1));
    fields.push_back(field_error(subject, "field-invalid", field, printable(message.substr(at, end + 1 - at))));
    at = message.find_first_not_of(", ", end + 1);
  }
  return fields;
}

Error invalid(const ApiStatus& status, const RequestSubject& subject) {
  std::vector<Diagnostic> fields;
  for (const auto& cause : status.causes) {
    fields.push_back(field_error(subject, "field-invalid", printable(cause.field), quoted(cause.message)));
  }
  if (fields.empty()) fields = strict_fields(status.message, subject);
  if (fields.empty()) fields = undeclared_fields(status.message, subject);
  return Error(ErrorKind::failed, fmt::format("the API server refuses {}", subject.describe()))
      .because(quoted(status.message))
      .fixed_by("correct the fields that it names")
      .with(std::move(fields))
      .coded(std::string(codes::k_invalid));
}

Error busy(int http_status, const ApiStatus& status, std::string_view body, std::string_view context) {
  const bool is_limit = http_status == 429;
  std::string why = status.is_status ? quoted(status.message) : quoted(trim(body));
  if (why.empty()) why = fmt::format("it answered {} without a reason", http_status);
  return Error(ErrorKind::unavailable, is_limit ? fmt::format("{} has too many requests to answer this one", context)
                                                : fmt::format("{} failed with {}", context, http_status))
      .because(std::move(why))
      .fixed_by("try again in a moment")
      .coded(std::string(is_limit ? codes::k_too_many : codes::k_server));
}

Error unexpected(int http_status, const ApiStatus& status, std::string_view body, const RequestSubject& subject,
                 std::string_view context) {
  const auto text = trim(body);
  std::string why = status.is_status ? quoted(status.message) : quoted(text);
  if (!text.empty() && text.front() == '<') why = "it sent a web page: this may be a proxy or a login page";
  if (why.empty()) why = "the answer is empty";
  return Error(ErrorKind::failed,
               fmt::format("{} answered {} to '{} {}'", context, http_status, subject.verb, subject.describe()))
      .because(std::move(why))
      .fixed_by("check 'server' and 'proxy-url' in the kubeconfig")
      .coded(std::string(codes::k_unexpected));
}

bool has_code(const Error& error, std::string_view code) noexcept { return error.code == code; }

}  // namespace

std::string RequestSubject::describe() const {
  const std::string what =
      subresource.empty() ? lower(type.kind) : fmt::format("{} of {}", subresource, lower(type.kind));
  const std::string where =
      namespace_name.empty() || !type.namespaced ? "" : fmt::format(" in namespace '{}'", printable(namespace_name));
  if (name.empty()) return type.plural + where;
  return fmt::format("{} '{}'{}", what, printable(name), where);
}

bool is_not_found(const Error& error) noexcept { return has_code(error, codes::k_not_found); }
bool is_forbidden(const Error& error) noexcept { return has_code(error, codes::k_forbidden); }
bool is_already_exists(const Error& error) noexcept { return has_code(error, codes::k_already_exists); }
bool is_conflict(const Error& error) noexcept { return has_code(error, codes::k_conflict); }
bool is_apply_conflict(const Error& error) noexcept { return has_code(error, codes::k_apply_conflict); }
bool conflicts_only_with(const Error& error, std::string_view manager) {
  const std::string owner = fmt::format("belongs to '{}'", manager);
  return is_apply_conflict(error) && !error.diagnostics.empty() &&
         std::all_of(error.diagnostics.begin(), error.diagnostics.end(),
                     [&](const Diagnostic& field) { return field.message.ends_with(owner); });
}
bool is_expired(const Error& error) noexcept { return has_code(error, codes::k_expired); }

Error error_from_answer(int http_status, std::string_view body, const RequestSubject& subject,
                        std::string_view context) {
  const ApiStatus status = read_api_status(body);
  switch (http_status) {
    case 401:
      return unauthorized(status, context);
    case 403:
      return forbidden(status, subject);
    case 404:
      return not_found(status, subject, context);
    case 409:
      return conflict(status, subject);
    case 410:
      return Error(ErrorKind::unavailable, fmt::format("the position in {} is too old", subject.describe()))
          .because(quoted(status.message))
          .fixed_by("repeat the command")
          .coded(std::string(codes::k_expired));
    case 400:
    case 422:
      if (status.is_status) return invalid(status, subject);
      return unexpected(http_status, status, body, subject, context);
    default:
      break;
  }
  // An apply whose fields aren't in the schema is reported as a server error, which it isn't.
  const bool is_schema = status.message.find("failed to create typed patch object") != std::string::npos;
  if (http_status == 500 && is_schema) return invalid(status, subject);
  if (http_status == 429 || http_status >= 500) return busy(http_status, status, body, context);
  return unexpected(http_status, status, body, subject, context);
}

}  // namespace mlk::kube
