#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/oci/manifest.hpp>

namespace mlk::oci {

using document::Node;

namespace {

Error malformed(std::string_view kind, std::string why) {
  return Error(ErrorKind::failed, "the " + std::string(kind) + " can't be read").because(std::move(why));
}

Annotations read_annotations(const Node& node) {
  Annotations out;
  for (const auto& entry : node.entries()) out[entry.key] = entry.value.string_or();
  return out;
}

Result<Descriptor> read_descriptor(const Node& node, const std::string& where) {
  if (!node.is_mapping()) return malformed("manifest", where + " is missing");
  Descriptor out;
  out.media_type = node["mediaType"].string_or();
  const auto size = node["size"].as_int();
  if (!size || *size < 0) return malformed("manifest", where + ".size is missing or no size");
  out.size = static_cast<std::uint64_t>(*size);
  auto digest = Digest::parse(node["digest"].string_or());
  if (!digest) return malformed("manifest", where + ".digest: " + digest.error().what + ": " + digest.error().why);
  out.digest = *std::move(digest);
  out.annotations = read_annotations(node["annotations"]);
  const auto& platform = node["platform"];
  if (platform.is_mapping()) {
    out.platform = platform["os"].string_or() + "/" + platform["architecture"].string_or();
    if (const auto variant = platform["variant"].string_or(); !variant.empty()) out.platform += "/" + variant;
  }
  return out;
}

Node annotations_node(const Annotations& annotations) {
  Node out = Node::mapping();
  for (const auto& [key, value] : annotations) out.set(key, value);
  return out;
}

Node platform_node(const std::string& platform) {
  Node out = Node::mapping();
  const auto first = platform.find('/');
  const auto second = platform.find('/', first == std::string::npos ? first : first + 1);
  out.set("architecture", platform.substr(first + 1, second == std::string::npos ? second : second - first - 1));
  out.set("os", platform.substr(0, first));
  if (second != std::string::npos) out.set("variant", platform.substr(second + 1));
  return out;
}

Node descriptor_node(const Descriptor& descriptor) {
  Node out = Node::mapping();
  out.set("mediaType", descriptor.media_type);
  out.set("digest", descriptor.digest.text());
  out.set("size", static_cast<std::int64_t>(descriptor.size));
  if (!descriptor.annotations.empty()) out.set("annotations", annotations_node(descriptor.annotations));
  if (!descriptor.platform.empty()) out.set("platform", platform_node(descriptor.platform));
  return out;
}

Result<Node> read_object(std::string_view json, std::string_view kind) {
  auto node = document::read_json(json);
  if (!node) return malformed(kind, "it is no JSON: " + node.error().what);
  if (!node->is_mapping()) return malformed(kind, "it is no JSON object");
  return node;
}

}  // namespace

std::uint64_t Manifest::content_size() const noexcept {
  std::uint64_t sum = config.size;
  for (const auto& layer : layers) sum += layer.size;
  return sum;
}

bool is_index(std::string_view media_type) noexcept {
  return media_type == media::k_index || media_type == media::k_docker_list;
}

Result<Manifest> parse_manifest(std::string_view json) {
  MLK_TRY(const Node root, read_object(json, "manifest"));
  if (root["schemaVersion"].int_or(0) != 2) {
    return malformed("manifest", "schemaVersion is " + root["schemaVersion"].scalar_text() + " and not 2");
  }
  Manifest out;
  if (const auto type = root["mediaType"].as_string()) out.media_type = std::string(*type);
  if (root.find("manifests") != nullptr) return malformed("manifest", "it is an index of several manifests");
  out.artifact_type = root["artifactType"].string_or();
  MLK_TRY(out.config, read_descriptor(root["config"], "config"));
  const auto* layers = root.find("layers");
  if (layers == nullptr || !layers->is_sequence()) return malformed("manifest", "layers is missing");
  for (std::size_t i = 0; i < layers->size(); ++i) {
    MLK_TRY(auto layer, read_descriptor((*layers)[i], "layers[" + std::to_string(i) + "]"));
    out.layers.push_back(std::move(layer));
  }
  out.annotations = read_annotations(root["annotations"]);
  return out;
}

Result<Index> parse_index(std::string_view json) {
  MLK_TRY(const Node root, read_object(json, "index"));
  const auto* manifests = root.find("manifests");
  if (manifests == nullptr || !manifests->is_sequence()) return malformed("index", "manifests is missing");
  Index out;
  for (std::size_t i = 0; i < manifests->size(); ++i) {
    MLK_TRY(auto entry, read_descriptor((*manifests)[i], "manifests[" + std::to_string(i) + "]"));
    out.manifests.push_back(std::move(entry));
  }
  out.annotations = read_annotations(root["annotations"]);
  return out;
}

std::string write_manifest(const Manifest& manifest) {
  Node out = Node::mapping();
  out.set("schemaVersion", 2);
  out.set("mediaType", manifest.media_type);
  if (!manifest.artifact_type.empty()) out.set("artifactType", manifest.artifact_type);
  out.set("config", descriptor_node(manifest.config));
  Node layers = Node::sequence();
  for (const auto& layer : manifest.layers) layers.push_back(descriptor_node(layer));
  out.set("layers", std::move(layers));
  if (!manifest.annotations.empty()) out.set("annotations", annotations_node(manifest.annotations));
  return document::write_json(out, 0);
}

std::string write_index(const Index& index) {
  Node out = Node::mapping();
  out.set("schemaVersion", 2);
  out.set("mediaType", media::k_index);
  Node manifests = Node::sequence();
  for (const auto& entry : index.manifests) manifests.push_back(descriptor_node(entry));
  out.set("manifests", std::move(manifests));
  if (!index.annotations.empty()) out.set("annotations", annotations_node(index.annotations));
  return document::write_json(out, 0);
}

std::string write_image_config(const std::vector<Digest>& diff_ids, std::string_view created) {
  Node out = Node::mapping();
  if (!created.empty()) out.set("created", created);
  out.set("architecture", "amd64");
  out.set("os", "linux");
  out.set("config", Node::mapping());
  Node ids = Node::sequence();
  for (const auto& id : diff_ids) ids.push_back(id.text());
  out.set("rootfs", Node::mapping({{"type", "layers"}, {"diff_ids", std::move(ids)}}));
  return document::write_json(out, 0);
}

}  // namespace mlk::oci
