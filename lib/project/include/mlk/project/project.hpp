#pragma once

#include <mlk/core/quantity.hpp>
#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/document/node.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// mlk.yaml as typed values. Every value keeps where it comes from, so that whatever is found out about it later can
/// point at the line.
namespace mlk::project {

/// A value and where it was given: a line of the file, or a flag as "--set a.b" (then without a line).
template <class T>
struct Located {
  T value{};
  Place place;

  /// Whether the user gave it; otherwise it is a default of mlk.
  bool is_given() const noexcept { return place.file != nullptr; }
  const T& operator*() const noexcept { return value; }
  const T* operator->() const noexcept { return &value; }
};

/// As Located, for what has no default: absent until given.
template <class T>
using Maybe = std::optional<Located<T>>;

using Text = Located<std::string>;
using TextList = std::vector<Text>;
/// In the order of the file.
using TextMap = std::vector<std::pair<std::string, Text>>;

/// `secret/key` of a Secret in the section's namespace.
struct SecretKey {
  std::string secret;
  std::string key;
  bool operator==(const SecretKey&) const = default;
};
using SecretMap = std::vector<std::pair<std::string, Located<SecretKey>>>;

/// `namespace/name`; the namespace is empty where only a name was given.
struct ObjectRef {
  std::string namespace_name;
  std::string name;
  bool operator==(const ObjectRef&) const = default;
};

enum class GpuSharing : std::uint8_t { none, time_slice, mps };

/// What `gpus:` asks for, on each node. Grammar: `8` · `h100:8` · `h100/1g.10gb:1` · `">=40GB:1"` · the long form
/// {model, count, slice, memory, share, vendor}.
struct GpuRequest {
  GpuCount count{0};
  std::string model;            ///< "h100", as the user wrote it, in lower case; empty for any
  std::string slice;            ///< a MIG profile such as "1g.10gb", or empty
  std::optional<Bytes> memory;  ///< at least so much on each GPU
  GpuSharing sharing = GpuSharing::none;
  std::string vendor;  ///< nvidia, amd, intel; empty for what the cluster has
  bool operator==(const GpuRequest&) const = default;
};

/// Both forms of the grammar, for `--gpus` too. The error quotes the text and shows the grammar.
Result<GpuRequest> parse_gpus(std::string_view text);
/// The short form where it can say it all: "h100/1g.10gb:1"; otherwise with the long form's words behind.
std::string format_gpus(const GpuRequest& request);

/// CPU and memory of one container; limits equal requests where only one is given for memory.
struct Resources {
  Maybe<Millicores> cpu;
  Maybe<Bytes> memory;
  Maybe<Millicores> cpu_limit;
  Maybe<Bytes> memory_limit;
  Maybe<Bytes> ephemeral_storage;
};

enum class VolumeKind : std::uint8_t { claim, config_map, secret, empty, image };

/// One mounted volume. Exactly one of claim, config-map, secret, empty, image was given.
struct Volume {
  VolumeKind kind = VolumeKind::claim;
  Text source;    ///< name of the claim, config map or secret, or the image; empty for `empty`
  Text at;        ///< absolute path
  Text sub_path;  ///< empty for the whole volume
  Located<bool> read_only;
  Maybe<Bytes> size;        ///< of `empty`
  Located<bool> in_memory;  ///< of `empty`
  Place place;
};

struct Checkpoint {
  Text claim;
  Text at;
  Place place;
};

/// A folder shipped as one layer on top of the image.
struct Code {
  Text from;  ///< relative to mlk.yaml
  Text at;
  Place place;
};

struct Toleration {
  Text key;
  Text op;  ///< Equal or Exists
  Text value;
  Text effect;  ///< NoSchedule, PreferNoSchedule, NoExecute, or empty for all
  Maybe<std::int64_t> seconds;
  Place place;
};

/// Where the pods may run.
struct PodPlacement {
  TextMap node_selector;
  std::vector<Toleration> tolerations;
  Text priority_class;
  Text scheduler;
};

/// A strategic-merge or JSON patch on the generated objects of this kind (and name, where given), applied last.
struct Patch {
  Text kind;
  Text name;             ///< empty for every object of the kind
  document::Node merge;  ///< a mapping, or null
  document::Node json;   ///< a list of RFC 6902 operations, or null
  Place place;
};

/// What jobs and services have in common: one container and its pod.
struct PodSettings {
  TextMap env;
  SecretMap secrets;  ///< environment variables from Secrets
  Resources resources;
  Maybe<GpuRequest> gpus;
  std::vector<Volume> volumes;
  Maybe<Bytes> shm;  ///< size of /dev/shm
  PodPlacement placement;
  TextList pull_secrets;
  Text service_account;
  Maybe<std::int64_t> run_as_user;
  TextMap labels;
  TextMap annotations;
  std::vector<Patch> patches;
};

struct Model {
  Text name;
  Text source;          ///< a folder, relative to mlk.yaml, or a reference such as oci://…
  Text image;           ///< repository that `model pack` fills, with or without a tag
  document::Node node;  ///< the whole merged section
  Place place;          ///< of its key
};

enum class JobBackend : std::uint8_t {
  automatic,
  job,
  jobset,
  pytorchjob,
  tfjob,
  xgboostjob,
  jaxjob,
  mpijob,
  trainjob,
  rayjob,
  volcano
};
std::string_view to_string(JobBackend backend) noexcept;

struct Job {
  Text name;
  Text image;
  std::optional<Code> code;
  TextList command;
  TextList args;
  Located<std::int64_t> nodes;
  Maybe<std::int64_t> processes;  ///< a node; else one a GPU, or one
  Text queue;
  Located<JobBackend> backend;
  std::optional<Checkpoint> checkpoint;
  Located<std::int64_t> restarts;  ///< of the whole gang
  Maybe<Milliseconds> timeout;     ///< of the whole job
  Maybe<Milliseconds> keep;        ///< how long it stays after it ended
  Located<std::int64_t> port;      ///< of the rendezvous
  PodSettings pod;
  document::Node node;
  Place place;
};

enum class EngineName : std::uint8_t { vllm, triton, sglang, llama_cpp, mlserver, tgi, custom };
std::string_view to_string(EngineName name) noexcept;

struct Engine {
  Located<EngineName> name;
  Text image;  ///< empty: the one that mlk's edition or the lock names
  TextList command;
  TextList args;
  Maybe<std::int64_t> port;
  Place place;
};

enum class Delivery : std::uint8_t { automatic, image_volume, engine_layer, modelcar, init, pvc };
std::string_view to_string(Delivery delivery) noexcept;

enum class ServiceBackend : std::uint8_t { automatic, deployment, kserve, kserve_llm, rayservice, lws };
std::string_view to_string(ServiceBackend backend) noexcept;

enum class ScaleMeasure : std::uint8_t { queue, cpu, memory, gpu };
std::string_view to_string(ScaleMeasure measure) noexcept;

struct ScaleMetric {
  ScaleMeasure measure = ScaleMeasure::cpu;
  double target = 0;  ///< requests waiting a replica for `queue`, percent of the request otherwise
  Place place;
};

/// `scale: 3` is min = max = 3.
struct Scale {
  Located<std::int64_t> min;
  Maybe<std::int64_t> max;  ///< absent: min, no autoscaler
  std::vector<ScaleMetric> metrics;
  Text wake;
  Place place;

  std::int64_t max_or_min() const noexcept { return max ? max->value : min.value; }
};

enum class Rewrite : std::uint8_t { keep, strip };

/// `auth: none`, or {api-key: secret/key}.
struct RouteAuth {
  bool is_none = false;
  std::optional<SecretKey> api_key;
};

/// A route to the service through a gateway of the Gateway API.
struct Expose {
  Located<ObjectRef> gateway;
  Text listener;  ///< empty for all that match
  Text host;
  Text path;  ///< "/" by default
  Located<Rewrite> rewrite;
  Located<RouteAuth> auth;  ///< always given: leaving it out is an error
  Place place;
};

enum class Strategy : std::uint8_t { rolling, canary, blue_green };
std::string_view to_string(Strategy strategy) noexcept;
enum class Driver : std::uint8_t { client, job, argo_rollouts };
std::string_view to_string(Driver driver) noexcept;
enum class OnFailure : std::uint8_t { undo, pause };
std::string_view to_string(OnFailure action) noexcept;

/// Weight of the canary, then a pause before the next step.
struct Step {
  Located<Percent> weight;
  Located<Milliseconds> pause;      ///< zero: go on at once
  Located<bool> waits_for_promote;  ///< `pause: manual`
  Place place;
};

enum class LimitUnit : std::uint8_t { number, percent, duration };

/// "1%", "800ms" or a plain number; durations in milliseconds.
struct Limit {
  double value = 0;
  LimitUnit unit = LimitUnit::number;
};

struct Gate {
  Text measure;  ///< "error-rate", "ttft-p95", …
  Maybe<Limit> max;
  Maybe<Limit> min;
  Located<Milliseconds> window;
  Located<std::int64_t> min_requests;
  Text against;  ///< "stable", or empty for the bare limit
  Place place;
};

/// A number of replicas, or a share of them.
struct CountOrPercent {
  std::optional<std::int64_t> count;
  std::optional<Percent> percent;
};

struct Rollout {
  Located<Strategy> strategy;
  Located<Driver> driver;
  std::vector<Step> steps;
  std::vector<Gate> gates;
  Located<OnFailure> on_failure;
  Located<Milliseconds> progress_deadline;  ///< without progress for so long, the rollout has failed
  Maybe<CountOrPercent> max_surge;
  Maybe<CountOrPercent> max_unavailable;
  Place place;
};

/// How the server says that it is alive and ready; what isn't given comes from the engine.
struct Probes {
  Text path;                    ///< HTTP path that answers 200 when ready
  Maybe<Milliseconds> startup;  ///< longest time that loading may take
  Maybe<Milliseconds> period;
  Place place;
};

/// Voluntary disruptions; at most one of the two is given.
struct Disruption {
  Maybe<CountOrPercent> max_unavailable;
  Maybe<CountOrPercent> min_available;
};

struct Service {
  Text name;
  Text model;  ///< name of a section of models, or empty for an engine that brings its own
  Engine engine;
  Located<Delivery> deliver;
  Located<std::int64_t> nodes;  ///< of one replica
  Scale scale;
  std::optional<Expose> expose;
  Located<ServiceBackend> backend;
  Rollout rollout;
  Probes probes;
  Maybe<std::int64_t> port;   ///< of the stable Service; else 80
  Maybe<Milliseconds> drain;  ///< time for open requests before a pod ends
  Disruption disruption;
  PodSettings pod;
  document::Node node;
  Place place;
};

/// Where a value of the merged file comes from.
enum class Source : std::uint8_t { file, environment, set, set_file, defaults };

struct Origin {
  std::string path;  ///< "jobs.finetune.nodes"
  Source source = Source::file;
  std::string label;  ///< "mlk.yaml:12:5", "environment prod, mlk.yaml:40:9", "--set jobs.finetune.nodes", "default"
  Place place;
};

struct Project {
  std::filesystem::path file;       ///< as the user named it
  std::filesystem::path directory;  ///< that relative paths start from
  Text name;
  Text namespace_name;  ///< empty: what the kubeconfig's context says
  /// The environment that was chosen, or empty.
  std::string environment;
  bool has_environments = false;
  /// The only kubeconfig context that this environment may touch; empty: any.
  Text context;
  Located<ObjectRef> prometheus;          ///< `metrics: {prometheus: namespace/name:port}`, or empty
  Located<std::int64_t> prometheus_port;  ///< 9090 by default
  std::vector<Model> models;
  std::vector<Job> jobs;
  std::vector<Service> services;
  int edition = 0;  ///< of mlk's defaults

  document::Node merged;        ///< after environment, --set and expansion, with the defaults filled in
  std::vector<Origin> origins;  ///< one for each scalar, empty list and empty map of `merged`, in its order
  std::vector<Diagnostic> warnings;

  const Model* find_model(std::string_view name_of_model) const noexcept;
  const Job* find_job(std::string_view name_of_job) const noexcept;
  const Service* find_service(std::string_view name_of_service) const noexcept;
};

}  // namespace mlk::project
