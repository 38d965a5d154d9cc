#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/resource.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mlk::kube {

/// What a request was about, for messages.
struct RequestSubject {
  std::string verb;  ///< as RBAC says it: "get", "list", "create", "patch", "delete", "watch" …
  ResourceType type;
  std::string namespace_name;
  std::string name;
  std::string subresource;

  /// "job 'tune' in namespace 'nlp'", "jobs in namespace 'nlp'", "node 'a'".
  std::string describe() const;
};

/// Stable values of Error::code for failures that the API server reports.
namespace codes {
inline constexpr std::string_view k_unauthorized = "kube-unauthorized";      // 401
inline constexpr std::string_view k_forbidden = "kube-forbidden";            // 403 by RBAC
inline constexpr std::string_view k_quota = "kube-quota-exceeded";           // 403 by a ResourceQuota
inline constexpr std::string_view k_denied = "kube-denied";                  // 403 by an admission policy or webhook
inline constexpr std::string_view k_not_found = "kube-not-found";            // 404
inline constexpr std::string_view k_already_exists = "kube-already-exists";  // 409 of a create
inline constexpr std::string_view k_conflict = "kube-conflict";              // 409: somebody else wrote first
inline constexpr std::string_view k_apply_conflict = "kube-apply-conflict";  // 409: a field belongs to another manager
inline constexpr std::string_view k_expired = "kube-expired";                // 410
inline constexpr std::string_view k_invalid = "kube-invalid";                // 422, and 400 of a strict field check
inline constexpr std::string_view k_too_many = "kube-too-many-requests";     // 429
inline constexpr std::string_view k_server = "kube-server-error";            // 5xx
inline constexpr std::string_view k_unreachable = "kube-unreachable";        // no connection, or it broke
inline constexpr std::string_view k_tls = "kube-tls";                        // the certificate isn't trusted
inline constexpr std::string_view k_not_started = "kube-not-started";        // a log of a container that waits
inline constexpr std::string_view k_unexpected = "kube-unexpected-answer";   // no Kubernetes API at that address
}  // namespace codes

bool is_not_found(const Error& error) noexcept;
bool is_forbidden(const Error& error) noexcept;
bool is_already_exists(const Error& error) noexcept;
/// 409 because the object changed since it was read, or a precondition (uid, resourceVersion) didn't hold.
bool is_conflict(const Error& error) noexcept;
bool is_apply_conflict(const Error& error) noexcept;
/// Whether every field of an apply conflict belongs to this very manager (by other means than apply).
bool conflicts_only_with(const Error& error, std::string_view manager);
bool is_expired(const Error& error) noexcept;

/// The Error for an answer that isn't a success. `body` may be a Status object, text, HTML or nothing. `context` is
/// Config::describe(); `user` is who the kubeconfig says asks, or empty. 401 and 403 are auth (403 names verb, resource
/// and namespace, and its fix is the rule that would allow it), 404 not_found, 409 conflict, 429 and 5xx unavailable;
/// 422 and strict-field 400 list each field's cause as a diagnostic.
Error error_from_answer(int http_status, std::string_view body, const RequestSubject& subject,
                        std::string_view context);

}  // namespace mlk::kube
