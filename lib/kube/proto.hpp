#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/object.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::kube::proto {

/// The envelope of every protobuf answer.
inline constexpr std::string_view k_content_type = "application/vnd.kubernetes.protobuf";

/// One page of a list, still encoded: `items` point into the body.
struct Page {
  std::string resource_version;
  std::string continue_token;
  std::vector<std::string_view> items;
};

/// Opens an answer: envelope, list metadata and where its items are. A body that is no such list is an error.
Result<Page> open_page(std::string_view body);

/// One item of a page; a broken one is an error. Field numbers: generated.proto of k8s.io/api and k8s.io/apimachinery.
Result<ObjectMeta> decode_metadata(std::string_view item);
Result<Job> decode_job(std::string_view item);
Result<Pod> decode_pod(std::string_view item);
Result<Node> decode_node(std::string_view item);

}  // namespace mlk::kube::proto
