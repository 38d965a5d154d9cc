#include "schema_sample.hpp"
#include "temporary_folder.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <filesystem>

using namespace mlk;
using namespace mlk::validation::schema;

namespace {

// The pack of this build, alone: no data folder, no imports.
const Catalogue& builtin() {
  static const Catalogue catalogue = [] {
    auto loaded = load_catalogue([](const std::string&) { return std::nullopt; });
    REQUIRE(loaded);
    return *std::move(loaded);
  }();
  return catalogue;
}

// "spec.template.spec.containers[].resources": a field a word, [] for items, {} for values.
Type at(std::string_view api_version, std::string_view kind, std::string_view path) {
  Type type = builtin().find(api_version, kind).type;
  for (std::string word : split(path, '.')) {
    std::string steps;
    while (word.ends_with("[]") || word.ends_with("{}")) {
      steps.insert(steps.begin(), word.back() == ']' ? '[' : '{');
      word.resize(word.size() - 2);
    }
    type = type.find_field(word).type;
    for (const char step : steps) type = step == '[' ? type.items() : type.additional();
  }
  return type;
}

Match find_at(std::string_view api_version, std::string_view kind, unsigned minor) {
  return builtin().find(api_version, kind, minor);
}

}  // namespace

TEST_CASE("schema catalogue: every kind of every system is there, at its version", "[validation][schema]") {
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"v1", "Pod Service ConfigMap Secret Namespace PersistentVolumeClaim ServiceAccount ResourceQuota LimitRange"},
      {"apps/v1", "Deployment StatefulSet DaemonSet ReplicaSet"},
      {"batch/v1", "Job CronJob"},
      {"autoscaling/v2", "HorizontalPodAutoscaler"},
      {"policy/v1", "PodDisruptionBudget"},
      {"networking.k8s.io/v1", "Ingress NetworkPolicy"},
      {"rbac.authorization.k8s.io/v1", "Role RoleBinding ClusterRole ClusterRoleBinding"},
      {"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"},
      {"apiextensions.k8s.io/v1", "CustomResourceDefinition"},
      {"resource.k8s.io/v1", "ResourceClaim ResourceClaimTemplate DeviceClass"},
      {"serving.kserve.io/v1beta1", "InferenceService"},
      {"serving.kserve.io/v1alpha1",
       "ServingRuntime ClusterServingRuntime InferenceGraph TrainedModel "
       "LLMInferenceService"},
      {"serving.kserve.io/v1alpha2", "LLMInferenceService"},
      {"trainer.kubeflow.org/v1alpha1", "TrainJob TrainingRuntime ClusterTrainingRuntime"},
      {"kubeflow.org/v1", "PyTorchJob TFJob MPIJob JAXJob XGBoostJob PaddleJob"},
      {"ray.io/v1", "RayCluster RayJob RayService RayCronJob"},
      {"batch.volcano.sh/v1alpha1", "Job"},
      {"scheduling.volcano.sh/v1beta1", "PodGroup Queue"},
      {"topology.volcano.sh/v1alpha1", "HyperNode"},
      {"kueue.x-k8s.io/v1beta1", "ClusterQueue LocalQueue ResourceFlavor Workload"},
      {"kueue.x-k8s.io/v1beta2", "ClusterQueue LocalQueue ResourceFlavor Workload"},
      {"jobset.x-k8s.io/v1alpha2", "JobSet"},
      {"leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet"},
      {"keda.sh/v1alpha1", "ScaledObject ScaledJob TriggerAuthentication"},
      {"argoproj.io/v1alpha1", "Workflow WorkflowTemplate CronWorkflow"},
      {"gateway.networking.k8s.io/v1", "Gateway GatewayClass HTTPRoute GRPCRoute"},
      {"inference.networking.k8s.io/v1", "InferencePool"},
      {"monitoring.coreos.com/v1", "ServiceMonitor PodMonitor PrometheusRule Prometheus"},
      {"nvidia.com/v1", "ClusterPolicy"},
      {"nfd.k8s-sigs.io/v1alpha1", "NodeFeature NodeFeatureRule"}};
  for (const auto& [api_version, names] : kinds) {
    for (const std::string& kind : split(names, ' ')) {
      INFO(api_version << " " << kind);
      const Match match = builtin().find(api_version, kind);
      CHECK(match.status == Lookup::found);
      CHECK(match.type.base() == Base::object);
      CHECK(match.type.field_count() >= 3);
    }
  }
}

TEST_CASE("schema catalogue: deep paths lead to what the API server knows", "[validation][schema]") {
  const std::string container = "spec.template.spec.containers[]";
  CHECK(at("apps/v1", "Deployment", container + ".resources.limits{}").base() == Base::quantity);
  CHECK(at("apps/v1", "Deployment", container + ".ports[].containerPort").format() == "int32");
  CHECK(at("apps/v1", "Deployment", container + ".readinessProbe.httpGet.port").base() == Base::int_or_string);
  CHECK(at("apps/v1", "Deployment", "spec.template.spec.containers").list_keys()[0] == "name");
  CHECK(at("apps/v1", "Deployment", "spec.selector").is_map_atomic());
  CHECK(at("v1", "ConfigMap", "metadata.creationTimestamp").format() == "date-time");
  CHECK(at("apiextensions.k8s.io/v1", "CustomResourceDefinition",
           "spec.versions[].schema.openAPIV3Schema.properties{}.properties{}.not.maxLength")
            .base() == Base::integer);
  CHECK(at("serving.kserve.io/v1beta1", "InferenceService", "spec.predictor.model.modelFormat.name").base() ==
        Base::string);
  CHECK(at("serving.kserve.io/v1beta1", "InferenceService", "spec.predictor.model.resources.limits{}").base() ==
        Base::int_or_string);
  CHECK(at("kubeflow.org/v1", "PyTorchJob", "spec.pytorchReplicaSpecs{}.template.spec.containers[].image").base() ==
        Base::string);
  CHECK(at("ray.io/v1", "RayCluster", "spec.workerGroupSpecs[].template.spec.containers[].env[].value").base() ==
        Base::string);
  const Type flavors = at("kueue.x-k8s.io/v1beta1", "ClusterQueue", "spec.resourceGroups[].flavors");
  CHECK(flavors.list_type() == ListType::map);
  CHECK(flavors.items().find_field("resources").type.min_items() == 1U);
  CHECK_FALSE(at("kueue.x-k8s.io/v1beta1", "ClusterQueue", "spec").rules().empty());
  CHECK(builtin().object_meta().find_field("labels").type.additional().base() == Base::string);
  CHECK_FALSE(at("apps/v1", "Deployment", "spec.template.spec.container"));
}

TEST_CASE("schema catalogue: pods of different kinds share one type", "[validation][schema]") {
  const Type pod = at("apps/v1", "Deployment", "spec.template.spec");
  REQUIRE(pod);
  CHECK(pod == at("batch/v1", "Job", "spec.template.spec"));
  CHECK(pod == at("v1", "Pod", "spec"));
}

TEST_CASE("schema catalogue: what isn't known says how much of it is", "[validation][schema]") {
  CHECK(builtin().find("nothing.example.com/v1", "Pod").status == Lookup::unknown_group);
  CHECK(builtin().find("apps/v1", "Deploymnt").status == Lookup::unknown_kind);
  CHECK(builtin().find("apps/v3", "Deployment").status == Lookup::unknown_version);
  CHECK(builtin().find("v1", "Deployment").status == Lookup::unknown_kind);
  CHECK(builtin().find("", "").status == Lookup::unknown_kind);
  CHECK(builtin().versions_of("kueue.x-k8s.io", "ClusterQueue") == std::vector<std::string>{"v1beta1", "v1beta2"});
  const auto kinds = builtin().kinds_of("apps/v1");
  CHECK(std::find(kinds.begin(), kinds.end(), "Deployment") != kinds.end());
  CHECK(nearest("Deploymnt", kinds) == "Deployment");
  const auto versions = builtin().api_versions();
  CHECK(std::find(versions.begin(), versions.end(), "batch.volcano.sh/v1alpha1") != versions.end());
}

TEST_CASE("schema catalogue: an API that went long ago says when, and what came instead", "[validation][schema]") {
  const Match match = find_at("extensions/v1beta1", "Ingress", 36);
  CHECK(match.status == Lookup::removed);
  CHECK(match.removed == 22);
  CHECK(match.replacement == "networking.k8s.io/v1 Ingress");
  CHECK(find_at("policy/v1beta1", "PodDisruptionBudget", 31).removed == 25);
  CHECK(find_at("batch/v1beta1", "CronJob", 31).replacement == "batch/v1 CronJob");
  CHECK(find_at("autoscaling/v2beta2", "HorizontalPodAutoscaler", 36).status == Lookup::removed);
}

TEST_CASE("schema catalogue: within the known versions presence decides", "[validation][schema]") {
  CHECK(find_at("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 31).status == Lookup::found);
  CHECK(find_at("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 31).is_deprecated);
  const Match gone = find_at("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 32);
  CHECK(gone.status == Lookup::removed);
  CHECK(gone.removed == 32);
  CHECK(gone.replacement == "flowcontrol.apiserver.k8s.io/v1 FlowSchema");
  CHECK_FALSE(gone.type);

  const Match early = find_at("resource.k8s.io/v1", "ResourceClaim", 33);
  CHECK(early.status == Lookup::not_served_yet);
  CHECK(early.introduced == 34);
  CHECK(find_at("resource.k8s.io/v1", "ResourceClaim", 34).status == Lookup::found);
  const Match planned = find_at("v1", "Endpoints", 36);
  CHECK(planned.status == Lookup::found);
  CHECK(planned.is_deprecated);
  CHECK_FALSE(find_at("v1", "Endpoints", 32).is_deprecated);
  CHECK(builtin().minors().first == 31);
  CHECK(builtin().minors().last == 36);
  CHECK(find_at("apps/v1", "Deployment", 28).status == Lookup::found);
  CHECK(find_at("apps/v1", "Deployment", 40).status == Lookup::found);
}

TEST_CASE("schema catalogue: a field that came later is unknown before", "[validation][schema]") {
  const auto pod_spec = [](unsigned minor) { return find_at("v1", "Pod", minor).type.find_field("spec").type; };
  CHECK_FALSE(pod_spec(31).find_field("hostnameOverride"));
  CHECK(pod_spec(36).find_field("hostnameOverride"));
  CHECK(pod_spec(31).find_field("containers"));
}

TEST_CASE("schema catalogue: a deprecated version of a CRD says so, in its own words", "[validation][schema]") {
  const Match match = builtin().find("kueue.x-k8s.io/v1beta1", "ClusterQueue");
  CHECK(match.is_deprecated);
  REQUIRE(match.kind);
  CHECK(match.kind->deprecation_warning == "This version is deprecated. Use v1beta2 instead.");
  CHECK_FALSE(builtin().find("kueue.x-k8s.io/v1beta2", "ClusterQueue").is_deprecated);
}

TEST_CASE("schema catalogue: a list kind leads to the type of its items", "[validation][schema]") {
  const Match match = builtin().find("apps/v1", "DeploymentList");
  CHECK(match.status == Lookup::found);
  CHECK(match.is_list);
  CHECK(match.type == builtin().find("apps/v1", "Deployment").type);
}

TEST_CASE("schema catalogue: the last pack wins, and each says where it is from", "[validation][schema]") {
  std::string crd(k_sample_crd);
  const auto at = crd.find("              share:");
  auto first = compile_crds({{"a.yaml", crd}}, "first");
  auto second = compile_crds({{"b.yaml", crd.replace(at, 20, "              newer:")}}, "second");
  REQUIRE(first);
  REQUIRE(second);
  Catalogue catalogue;
  for (const std::string& bytes : {*first, *second}) {
    auto pack = Pack::from_bytes(bytes);
    REQUIRE(pack);
    catalogue.add(*std::move(pack));
  }
  const Match match = catalogue.find("example.com/v1", "Widget");
  CHECK(match.kind->system.name == "second");
  CHECK(match.type.find_field("spec").type.find_field("newer"));
  CHECK(catalogue.kinds().size() == 2);
  CHECK(catalogue.systems().size() == 2);
  CHECK(catalogue.find("example.com/v1alpha1", "Widget").status == Lookup::not_served);
}

TEST_CASE("schema catalogue: without a CRD in it nothing is compiled", "[validation][schema]") {
  CHECK_FALSE(compile_crds({{"a.yaml", "kind: Pod\n"}}, "x"));
  const auto broken = compile_crds({{"a.yaml", "a: [\n"}}, "x");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().what == "'a.yaml' can't be read");
}

TEST_CASE("schema catalogue: a data folder without the pack is an error that says where it looked",
          "[validation][schema]") {
  const TemporaryFolder folder;
  const auto env = [&](const std::string& name) {
    return name == "MLK_DATA_DIR" ? std::optional<std::string>(folder.path().string()) : std::nullopt;
  };
  const auto found = load_catalogue(env);
  REQUIRE_FALSE(found);
  CHECK(found.error().kind == ErrorKind::not_found);
  CHECK(found.error().why.find(folder.path().string()) != std::string::npos);
}

TEST_CASE("schema catalogue: imports lie over the built-ins", "[validation][schema]") {
  const TemporaryFolder folder;
  const auto bytes = compile_crds({{"a.yaml", std::string(k_sample_crd)}}, "own");
  REQUIRE(bytes);
  folder.write("mlk/schemas/own.mlkpack", *bytes);
  folder.write("mlk/schemas/notes.txt", "not a pack");
  const auto loaded = load_catalogue([&](const std::string& name) {
    return name == "XDG_DATA_HOME" ? std::optional<std::string>(folder.path().string()) : std::nullopt;
  });
  REQUIRE(loaded);
  CHECK(loaded->find("example.com/v1", "Widget").kind->system.is_imported);
  CHECK(loaded->find("apps/v1", "Deployment").status == Lookup::found);
}
