#include "codecs.hpp"
#include "gpu_words.hpp"

namespace mlk::project {

using document::Node;

namespace {

/// A field that one line of the file fills in several members with.
template <class Owner, class Read>
Field<Owner> custom(std::string_view name, std::string_view doc, FieldOptions options, Node schema, Read read) {
  Field<Owner> out{name, doc, options, {}, {}, {}, false};
  out.read = std::move(read);
  out.fill = [](Node&) {};
  out.schema = [schema = std::move(schema)](SchemaMode) { return schema; };
  return out;
}

/// "40GB", "40Gi", ">=40GB": as the short form takes it.
void read_gpu_memory(const Node& node, Reader& reader, GpuWords& words) {
  std::string_view text = trim(node.as_string().value_or(""));
  if (text.starts_with(">=")) text = trim(text.substr(2));
  if (text.ends_with('B')) text.remove_suffix(1);
  const bool has_unit = !text.empty() && (text.back() < '0' || text.back() > '9');
  auto bytes = parse_bytes(text);
  if (!bytes || !has_unit || bytes->count <= 0) {
    if (reader.is_opaque(node)) return;
    reader.error("project-value", node.place(), fmt::format("{} is no amount of GPU memory", reader.quote(node)),
                 "write for example 40GB");
    return;
  }
  words.memory = Located<Bytes>{*bytes, node.place()};
}

struct VolumeWord {
  VolumeKind kind;
  std::string_view key;
  std::string_view doc;
  Format format;
};

constexpr VolumeWord k_volume_words[] = {
    {VolumeKind::claim, "claim", "Name of a PersistentVolumeClaim", Format::subdomain},
    {VolumeKind::config_map, "config-map", "Name of a ConfigMap", Format::subdomain},
    {VolumeKind::secret, "secret", "Name of a Secret, mounted as files", Format::subdomain},
    {VolumeKind::image, "image", "OCI image or artifact, mounted read-only", Format::image},
};

/// The keys exclude each other; the second one is the mistake.
void set_kind(const Node& node, Reader& reader, Volume& volume, VolumeKind kind, std::string source) {
  if (volume.source.place.file != nullptr) {
    reader.error("project-value", node.place(), "a volume has one source: claim, config-map, secret, image or empty",
                 "make it two volumes");
    return;
  }
  volume.kind = kind;
  volume.source = {std::move(source), node.place()};
}

void read_empty(const Node& node, Reader& reader, Volume& volume) {
  const auto word = node.as_string();
  if (word != "disk" && word != "memory") {
    if (!reader.is_opaque(node)) reader.wrong_kind("'disk' or 'memory'", node);
    return;
  }
  set_kind(node, reader, volume, VolumeKind::empty, "");
  volume.in_memory = {word == "memory", node.place()};
}

}  // namespace

const Fields<GpuWords>& fields_of(const GpuWords*) {
  static const Fields<GpuWords> fields = {
      field("count", &GpuWords::count, "Number of GPUs (or slices) on each node",
            {.is_required = true, .min = 0, .max = 1024}),
      field("model", &GpuWords::model, "GPU model, such as h100"),
      field("slice", &GpuWords::slice, "MIG profile, such as 1g.10gb"),
      custom<GpuWords>("memory", "Least memory of each GPU, such as 40GB", {}, Node::mapping({{"type", "string"}}),
                       read_gpu_memory),
      field("share", &GpuWords::share, "Takes a GPU that is shared in this way"),
      field("vendor", &GpuWords::vendor, "nvidia, amd or intel, where the cluster has several"),
  };
  return fields;
}

const Fields<Resources>& fields_of(const Resources*) {
  static const Fields<Resources> fields = {
      field("cpu", &Resources::cpu, "CPU request, such as 4 or 500m"),
      field("memory", &Resources::memory, "Memory request, and limit unless memory-limit is given; such as 64Gi"),
      field("cpu-limit", &Resources::cpu_limit, "CPU limit; none by default, because throttling slows GPUs down"),
      field("memory-limit", &Resources::memory_limit, "Memory limit"),
      field("ephemeral-storage", &Resources::ephemeral_storage, "Local disk request, such as 100Gi"),
  };
  return fields;
}

const Fields<Volume>& fields_of(const Volume*) {
  static const Fields<Volume> fields = [] {
    Fields<Volume> list;
    for (const auto& word : k_volume_words) {
      FieldOptions options;
      options.format = word.format;
      list.push_back(custom<Volume>(word.key, word.doc, options, Node::mapping({{"type", "string"}}),
                                    [kind = word.kind](const Node& node, Reader& reader, Volume& volume) {
                                      std::string name;
                                      Codec<std::string>::read(node, reader, name);
                                      set_kind(node, reader, volume, kind, std::move(name));
                                    }));
    }
    list.push_back(custom<Volume>("empty", "Scratch space that goes with the pod: disk, or memory", {},
                                  words_schema({"disk", "memory"}), read_empty));
    list.push_back(field("at", &Volume::at, "Where it is mounted, such as /data",
                         {.is_required = true, .format = Format::absolute_path}));
    list.push_back(
        field("sub-path", &Volume::sub_path, "Only this folder of the volume", {.format = Format::relative_path}));
    list.push_back(field("read-only", &Volume::read_only, "Mounted read-only", {.default_text = "false"}));
    list.push_back(field("size", &Volume::size, "Size limit of an empty volume"));
    return list;
  }();
  return fields;
}

const Fields<Checkpoint>& fields_of(const Checkpoint*) {
  static const Fields<Checkpoint> fields = {
      field("claim", &Checkpoint::claim, "Name of the PersistentVolumeClaim",
            {.is_required = true, .format = Format::subdomain}),
      field("at", &Checkpoint::at, "Where it is mounted, such as /ckpt",
            {.is_required = true, .format = Format::absolute_path}),
  };
  return fields;
}

const Fields<Code>& fields_of(const Code*) {
  static const Fields<Code> fields = {
      field("from", &Code::from, "Folder beside mlk.yaml", {.is_required = true, .format = Format::not_empty}),
      field("at", &Code::at, "Where it lies in the image", {.is_required = true, .format = Format::absolute_path}),
  };
  return fields;
}

const Fields<Toleration>& fields_of(const Toleration*) {
  static const Fields<Toleration> fields = {
      field("key", &Toleration::key, "Key of the taint; empty with Exists for every taint",
            {.format = Format::not_empty}),
      field("operator", &Toleration::op, "Equal or Exists", {.default_text = "Equal"}),
      field("value", &Toleration::value, "Value of the taint", {.format = Format::label_value}),
      field("effect", &Toleration::effect, "NoSchedule, PreferNoSchedule or NoExecute; all by default"),
      field("seconds", &Toleration::seconds, "How long NoExecute is tolerated", {.min = 0}),
  };
  return fields;
}

const Fields<PodPlacement>& fields_of(const PodPlacement*) {
  static const Fields<PodPlacement> fields = {
      field("node-selector", &PodPlacement::node_selector, "Labels that a node must have",
            {.format = Format::label_value, .key_format = Format::label_key}),
      field("tolerations", &PodPlacement::tolerations, "Taints that are no obstacle"),
      field("priority-class", &PodPlacement::priority_class, "Name of a PriorityClass", {.format = Format::subdomain}),
      field("scheduler", &PodPlacement::scheduler, "Name of the scheduler", {.format = Format::subdomain}),
  };
  return fields;
}

const Fields<Patch>& fields_of(const Patch*) {
  static const Fields<Patch> fields = {
      field("kind", &Patch::kind, "Kind of the generated objects, such as Job",
            {.is_required = true, .format = Format::not_empty}),
      field("name", &Patch::name, "Only the object of this name", {.format = Format::not_empty}),
      custom<Patch>("merge", "Strategic-merge patch", {}, Node::mapping({{"type", "object"}}),
                    [](const Node& node, Reader& reader, Patch& patch) {
                      if (!node.is_mapping()) return reader.wrong_kind("a map", node);
                      patch.merge = node;
                    }),
      custom<Patch>("json", "JSON patch: a list of RFC 6902 operations", {}, Node::mapping({{"type", "array"}}),
                    [](const Node& node, Reader& reader, Patch& patch) {
                      if (!node.is_sequence()) return reader.wrong_kind("a list of operations", node);
                      patch.json = node;
                    }),
  };
  return fields;
}

const Fields<PodSettings>& fields_of(const PodSettings*) {
  static const Fields<PodSettings> fields = [] {
    Fields<PodSettings> list = {
        field(
            "gpus", &PodSettings::gpus,
            R"(GPUs of each node: 8, h100:8, h100/1g.10gb:1, ">=40GB:1", or {model, count, slice, memory, share, vendor})"),
        field("resources", &PodSettings::resources, "CPU, memory and local disk"),
        field("env", &PodSettings::env, "Environment variables", {.key_format = Format::env_name}),
        field("secrets", &PodSettings::secrets, "Environment variables from Secrets, as secret/key; never a literal",
              {.key_format = Format::env_name}),
        field("volumes", &PodSettings::volumes, "What is mounted: {claim: datasets, at: /data}"),
        field("shm", &PodSettings::shm, "Size of /dev/shm, such as 16Gi"),
    };
    add_fields_of(list, &PodSettings::placement);
    list.push_back(field("pull-secrets", &PodSettings::pull_secrets, "Secrets that the image is pulled with",
                         {.format = Format::subdomain}));
    list.push_back(field("service-account", &PodSettings::service_account,
                         "Service account; none of its tokens is mounted by default", {.format = Format::subdomain}));
    list.push_back(field("run-as-user", &PodSettings::run_as_user, "User id in the container", {.min = 0}));
    list.push_back(field("labels", &PodSettings::labels, "Labels of what is generated",
                         {.format = Format::label_value, .key_format = Format::label_key}));
    list.push_back(field("annotations", &PodSettings::annotations, "Annotations of what is generated",
                         {.key_format = Format::label_key}));
    list.push_back(field("patch", &PodSettings::patches, "Patches on the generated objects, applied last"));
    return list;
  }();
  return fields;
}

}  // namespace mlk::project
