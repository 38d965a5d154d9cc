#include "codecs.hpp"
#include "file.hpp"

#include <charconv>

namespace mlk::project {

using document::Node;

namespace {

/// `namespace/name:port`, the port 9090 by default.
void read_prometheus(const Node& node, Reader& reader, Metrics& metrics) {
  if (!node.is_string()) return reader.wrong_kind("a Service, as namespace/name:port", node);
  if (reader.is_opaque(node)) return;
  std::string_view text = *node.as_string();
  PrometheusRef ref;
  if (const auto colon = text.rfind(':'); colon != std::string_view::npos) {
    const auto digits = text.substr(colon + 1);
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), ref.port);
    if (status != std::errc() || end != digits.data() + digits.size() || ref.port < 1 || ref.port > 65535) {
      reader.error("project-value", node.place(), fmt::format("{} has no port behind the colon", reader.quote(node)),
                   "write for example monitoring/prometheus:9090");
      return;
    }
    text = text.substr(0, colon);
  }
  Codec<ObjectRef>::read(Node(text).set_place(node.place()), reader, ref.service);
  metrics.prometheus = Located<PrometheusRef>{std::move(ref), node.place()};
}

Field<Metrics> prometheus_field() {
  Field<Metrics> out{"prometheus", "Service of Prometheus, as namespace/name:port", {}, {}, {}, {}, false};
  out.read = read_prometheus;
  out.fill = [](Node&) {};
  out.schema = [](SchemaMode) { return Node::mapping({{"type", "string"}}); };
  return out;
}

/// A section that this version has no use for yet: it may stand there empty.
Field<File> unsupported(std::string_view name, std::string_view doc) {
  Field<File> out{name, doc, {}, {}, {}, {}, false};
  out.read = [name](const Node& node, Reader& reader, File&) {
    if (node.is_null() || (node.is_mapping() && node.empty())) return;
    reader.error("project-unsupported", reader.place(), fmt::format("{} aren't supported in this version of mlk", name),
                 "remove the section, or leave it empty");
  };
  out.fill = [](Node&) {};
  out.schema = [](SchemaMode) { return Node::mapping({{"type", "object"}, {"maxProperties", 0}}); };
  return out;
}

}  // namespace

const Fields<Cluster>& fields_of(const Cluster*) {
  static const Fields<Cluster> fields = {
      field("context", &Cluster::context, "The only context of the kubeconfig that may be used",
            {.format = Format::not_empty}),
  };
  return fields;
}

const Fields<Metrics>& fields_of(const Metrics*) {
  static const Fields<Metrics> fields = {prometheus_field()};
  return fields;
}

const Fields<File>& fields_of(const File*) {
  static const Fields<File> fields = {
      field("mlk", &File::version, "Version of this file's format: v1", {.is_required = true}),
      field("name", &File::name, "Name of the project", {.is_required = true, .format = Format::section_name}),
      field("namespace", &File::namespace_name, "Namespace; by default that of the kubeconfig's context",
            {.format = Format::label}),
      field("default-environment", &File::default_environment, "Environment to use where none is named"),
      field("cluster", &File::cluster, "Which cluster this belongs to"),
      field("models", &File::models, "Models, by name", {.key_format = Format::section_name}),
      field("jobs", &File::jobs, "Training and other jobs, by name", {.key_format = Format::job_name}),
      field("services", &File::services, "Inference services, by name", {.key_format = Format::job_name}),
      unsupported("pipelines", "Pipelines; not supported in this version"),
      unsupported("notebooks", "Notebooks; not supported in this version"),
      field("metrics", &File::metrics, "Where measures come from"),
  };
  return fields;
}

}  // namespace mlk::project
