#include <mlk/kube/status.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace mlk;
using namespace mlk::kube;

namespace {

RequestSubject job_subject(std::string verb) { return {std::move(verb), types::jobs, "nlp", "tune", ""}; }

std::string status(int code, const std::string& reason, const std::string& message, const std::string& details = "") {
  return fmt::format(
      R"({{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{}","reason":"{}",{}"code":{}}})", message,
      reason, details.empty() ? "" : "\"details\":" + details + ",", code);
}

Error answer(int code, const std::string& body, std::string verb = "get") {
  return error_from_answer(code, body, job_subject(std::move(verb)), "context 'prod' (https://h)");
}

}  // namespace

TEST_CASE("status: 403 names verb, resource, namespace and user, and the rule that would allow it", "[kube][status]") {
  const auto error = answer(
      403,
      status(403, "Forbidden",
             "jobs.batch \\\"tune\\\" is forbidden: User \\\"dev\\\" cannot create resource \\\"jobs\\\" in API group "
             "\\\"batch\\\" in the namespace \\\"nlp\\\""),
      "patch");
  CHECK(error.kind == ErrorKind::auth);
  CHECK(error.what == "'dev' may not create jobs.batch in namespace 'nlp'");
  CHECK(
      error.fix ==
      "ask for a Role with the rule {apiGroups: [\"batch\"], resources: [\"jobs\"], verbs: [\"create\"]} in namespace "
      "'nlp'");
  CHECK(is_forbidden(error));

  const auto nodes = error_from_answer(403,
                                       status(403, "Forbidden",
                                              "nodes is forbidden: User \\\"dev\\\" cannot list resource \\\"nodes\\\" "
                                              "in API group \\\"\\\" at the cluster "
                                              "scope"),
                                       {"list", types::nodes, "", "", ""}, "context 'x'");
  CHECK(nodes.what == "'dev' may not list nodes at the cluster scope");
  CHECK(nodes.fix.starts_with("ask for a ClusterRole with the rule {apiGroups: [\"\"], resources: [\"nodes\"]"));
  CHECK(answer(403, "", "list").what == "'this user' may not list jobs.batch in namespace 'nlp'");
}

TEST_CASE("status: a quota and a policy are told apart from missing rights", "[kube][status]") {
  const auto quota = answer(403, status(403, "Forbidden", "pods x is forbidden: exceeded quota: gpu, requested: 8"));
  CHECK(quota.code == codes::k_quota);
  CHECK(quota.kind == ErrorKind::failed);
  const auto policy = answer(403, status(403, "Forbidden", "pods x is forbidden: violates PodSecurity restricted"));
  CHECK(policy.code == codes::k_denied);
  CHECK_FALSE(is_forbidden(policy));
}

TEST_CASE("status: 404 tells a missing object, namespace and type apart", "[kube][status]") {
  CHECK(answer(404, status(404, "NotFound", "jobs.batch tune not found", R"({"name":"tune","kind":"jobs"})")).what ==
        "job 'tune' in namespace 'nlp' doesn't exist");
  CHECK(
      answer(404, status(404, "NotFound", "namespaces nlp not found", R"({"name":"nlp","kind":"namespaces"})")).what ==
      "namespace 'nlp' doesn't exist");
  const auto type = answer(404, "404 page not found\n");
  CHECK(type.what == "context 'prod' (https://h) doesn't serve jobs.batch (batch/v1)");
  CHECK(is_not_found(type));
}

TEST_CASE("status: the three conflicts are told apart", "[kube][status]") {
  CHECK(is_already_exists(answer(409, status(409, "AlreadyExists", "exists"), "create")));
  const auto outdated = answer(409, status(409, "Conflict", "the object has been modified"), "update");
  CHECK(is_conflict(outdated));
  CHECK(outdated.kind == ErrorKind::conflict);
  const auto fields = answer(
      409,
      status(
          409, "Conflict", "Apply failed with 2 conflicts",
          R"({"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using batch/v1","field":".spec.suspend"},
                {"reason":"FieldManagerConflict","message":"conflict with \"hpa\" with subresource \"scale\" using v1","field":".spec.parallelism"}]})"),
      "patch");
  CHECK(is_apply_conflict(fields));
  CHECK(fields.why == ".spec.suspend belongs to 'kubectl', .spec.parallelism belongs to 'hpa'");
  REQUIRE(fields.diagnostics.size() == 2);
  CHECK(fields.diagnostics[0].path == ".spec.suspend");
  CHECK_FALSE(conflicts_only_with(fields, "kubectl"));
}

TEST_CASE("status: invalid objects list every field", "[kube][status]") {
  const auto invalid =
      answer(422, status(422, "Invalid", "Job is invalid",
                         R"({"causes":[{"reason":"FieldValueInvalid","message":"must be positive","field":"spec.a"},
                                             {"reason":"FieldValueRequired","message":"is required","field":"spec.b"}]})"));
  REQUIRE(invalid.diagnostics.size() == 2);
  CHECK(invalid.diagnostics[1].path == "spec.b");
  CHECK(invalid.code == codes::k_invalid);
  const auto strict = answer(400, status(400, "BadRequest",
                                         "Job in version v1 cannot be handled: strict decoding error: unknown field "
                                         "\\\"spec.foo\\\", unknown field \\\"spec.template.bar\\\""));
  REQUIRE(strict.diagnostics.size() == 2);
  CHECK(strict.diagnostics[1].path == "spec.template.bar");
  CHECK(strict.diagnostics[1].message == "unknown field \"spec.template.bar\"");
}

TEST_CASE("status: an apply whose fields the schema lacks is invalid, not a server error", "[kube][status]") {
  const auto one = answer(500, status(500, "",
                                      "failed to create typed patch object (/a; batch/v1, Kind=Job): .spec.foo: "
                                      "field not declared in schema"));
  CHECK(one.code == codes::k_invalid);
  REQUIRE(one.diagnostics.size() == 1);
  CHECK(one.diagnostics[0].path == "spec.foo");
  CHECK(one.diagnostics[0].message == "field not declared in schema");
  const auto two = answer(500, status(500, "",
                                      "failed to create typed patch object (/a; batch/v1, Kind=Job): errors:\\n "
                                      " .spec.a: field not declared in schema\\n  .spec.b[0].c: field not "
                                      "declared in schema"));
  REQUIRE(two.diagnostics.size() == 2);
  CHECK(two.diagnostics[1].path == "spec.b[0].c");
}

TEST_CASE("status: busy, expired, refused and unknown answers", "[kube][status]") {
  CHECK(answer(429, "").kind == ErrorKind::unavailable);
  CHECK(answer(503, "upstream connect error").why == "upstream connect error");
  CHECK(is_expired(answer(410, status(410, "Expired", "too old"))));
  CHECK(answer(401, status(401, "Unauthorized", "Unauthorized")).kind == ErrorKind::auth);
  const auto page = answer(400, "<!DOCTYPE html><html>login</html>");
  CHECK(page.code == codes::k_unexpected);
  CHECK(page.why.find("web page") != std::string::npos);
  const auto control = answer(418, "\x1b[31mred");
  CHECK(control.why.find('\x1b') == std::string::npos);
  CHECK(answer(500, std::string(100'000, 'x')).why.size() < 1000);
}
