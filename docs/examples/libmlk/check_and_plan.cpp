// Validates a manifest and says where its pods fit on a cluster that is described in a file.
//
//   check_and_plan job.yaml cluster.yaml
//
// cluster.yaml holds Node and Pod objects, as `kubectl get nodes,pods -A -o yaml` prints them.
#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/placement/plan.hpp>
#include <mlk/placement/workload.hpp>
#include <mlk/validation/report.hpp>
#include <mlk/validation/validate.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace {

/// The objects of a file; a List's items are objects of their own.
mlk::Result<std::vector<mlk::document::Node>> read_objects(const char* path) {
  MLK_TRY(const std::string text, mlk::read_file(path));
  const auto documents = mlk::document::read_yaml(text, path, mlk::document::Schema::kubernetes);
  if (mlk::has_error(documents.diagnostics)) {
    return mlk::Error(mlk::ErrorKind::failed, to_string(documents.diagnostics.front()));
  }
  std::vector<mlk::document::Node> objects;
  for (const mlk::document::Node& node : documents.nodes) {
    if (node["items"].is_sequence()) {
      objects.insert(objects.end(), node["items"].items().begin(), node["items"].items().end());
    } else {
      objects.push_back(node);
    }
  }
  return objects;
}

mlk::Result<bool> check_and_plan(const char* manifest, const char* cluster) {
  MLK_TRY(const std::string text, mlk::read_file(manifest));
  const auto findings = mlk::validation::validate_text(text, manifest);
  std::fputs(mlk::validation::report_text(findings, {{manifest, text}}).c_str(), stdout);

  MLK_TRY(const auto objects, read_objects(manifest));
  MLK_TRY(const auto workloads, mlk::placement::read_workloads(objects));
  MLK_TRY(const auto nodes_and_pods, read_objects(cluster));
  MLK_TRY(const auto inventory, mlk::placement::read_inventory(nodes_and_pods));
  bool all_fit = true;
  for (const auto& answer : mlk::placement::plan(inventory, workloads)) {
    std::printf("%s: %s, %s\n", answer.workload.c_str(), std::string(to_string(answer.verdict)).c_str(),
                answer.reason.c_str());
    for (const auto& each : answer.assignments) std::printf("  %s: %lld\n", each.node.c_str(), (long long)each.pods);
    all_fit = all_fit && answer.verdict == mlk::placement::Verdict::fits;
  }
  return all_fit && !findings.has(mlk::Severity::error);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: check_and_plan MANIFEST CLUSTER\n", stderr);
    return 2;
  }
  const auto is_fine = check_and_plan(argv[1], argv[2]);
  if (!is_fine) {
    std::fprintf(stderr, "error: %s\n", is_fine.error().what.c_str());
    return 1;
  }
  return *is_fine ? 0 : 3;
}
