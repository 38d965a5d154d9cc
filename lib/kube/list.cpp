#include "calls.hpp"
#include "client_impl.hpp"
#include "proto.hpp"

#include <mlk/document/reader.hpp>

#include <fmt/format.h>

#include <unordered_set>
#include <utility>

namespace mlk::kube {
namespace {

using Tree = document::Node;

constexpr std::string_view k_metadata_list =
    "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
// A list that keeps expiring between its pages is asked for so often, then it is an error.
constexpr int k_restarts = 3;
// Measured with 5,000 Jobs: larger pages cost memory and save little time.
constexpr std::int64_t k_json_page = 500;
constexpr std::int64_t k_protobuf_page = 1000;
constexpr std::int64_t k_metadata_page = 2500;

/// Leaves out what was given before a list began anew.
class Once {
 public:
  bool is_new(const ObjectMeta& meta) { return m_seen.insert(meta.uid.empty() ? meta.name : meta.uid).second; }

 private:
  std::unordered_set<std::string> m_seen;
};

template <class T>
const ObjectMeta& meta_of(const T& object) {
  return object.meta;
}
const ObjectMeta& meta_of(const ObjectMeta& meta) { return meta; }

/// Lists in protobuf: pages are decoded item by item, so that one page is all that is held.
template <class T>
Result<ListInfo> list_protobuf(Session& session, Call call, const ListOptions& options,
                               Result<T> (*decode)(std::string_view), const std::function<bool(T&&)>& each) {
  ListInfo info;
  Once once;
  auto version =
      for_each_page(session, std::move(call), options, [&](const http::Response& response) -> Result<PageInfo> {
        MLK_TRY(const proto::Page page, proto::open_page(response.body));
        PageInfo done{page.resource_version, page.continue_token};
        for (const auto item : page.items) {
          MLK_TRY(T object, decode(item));
          if (!once.is_new(meta_of(object))) continue;
          ++info.count;
          if (!each(std::move(object))) {
            done.is_stopped = true;
            break;
          }
        }
        return done;
      });
  if (!version) return std::move(version).error();
  info.resource_version = *std::move(version);
  return info;
}

Error not_a_list(const Session& session, std::string_view type) {
  return Error(ErrorKind::failed,
               fmt::format("{} answered with something that isn't a list of {}", session.config().describe(), type))
      .fixed_by("check 'server' and 'proxy-url' in the kubeconfig")
      .coded(std::string(codes::k_unexpected));
}

std::int64_t suitable_page(const Call& call) {
  if (call.accept == k_metadata_list) return k_metadata_page;
  return call.accept == proto::k_content_type ? k_protobuf_page : k_json_page;
}

}  // namespace

Result<std::string> for_each_page(Session& session, Call call, const ListOptions& options, const PageReader& read) {
  add_query(call.query, "labelSelector", options.label_selector);
  add_query(call.query, "fieldSelector", options.field_selector);
  call.query.emplace_back("limit", std::to_string(options.limit > 0 ? options.limit : suitable_page(call)));
  const Query first_page = call.query;
  int restarts = 0;
  while (true) {
    auto response = session.fetch(call);
    if (!response) {
      if (!is_expired(response.error()) || restarts++ >= k_restarts) return std::move(response).error();
      call.query = first_page;
      continue;
    }
    MLK_TRY(PageInfo page, read(*response));
    if (page.is_stopped || page.continue_token.empty()) return std::move(page.resource_version);
    call.query = first_page;
    call.query.emplace_back("continue", std::move(page.continue_token));
  }
}

Result<ListInfo> Client::list(const ResourceType& type, std::string_view namespace_name, const ListOptions& options,
                              const std::function<bool(Tree&&)>& each) {
  ListInfo info;
  Once once;
  auto version = for_each_page(*m_impl->session, call_for("GET", "list", type, namespace_name, {}), options,
                               [&](const http::Response& response) -> Result<PageInfo> {
                                 auto json = document::read_json(response.body);
                                 Tree* items = json ? json->find("items") : nullptr;
                                 if (items == nullptr) return not_a_list(*m_impl->session, type.qualified_name());
                                 const Tree& meta = (*json)["metadata"];
                                 PageInfo done{meta["resourceVersion"].string_or(), meta["continue"].string_or()};
                                 if (!items->is_sequence()) return done;
                                 for (auto& item : items->items_mutable()) {
                                   ObjectMeta identity;
                                   identity.uid = item["metadata"]["uid"].string_or();
                                   identity.name = item["metadata"]["name"].string_or();
                                   if (!once.is_new(identity)) continue;
                                   ++info.count;
                                   item.set("apiVersion", type.api_version()).set("kind", type.kind);
                                   if (!each(std::move(item))) {
                                     done.is_stopped = true;
                                     break;
                                   }
                                 }
                                 return done;
                               });
  if (!version) return std::move(version).error();
  info.resource_version = *std::move(version);
  return info;
}

Result<std::vector<Tree>> Client::list_all(const ResourceType& type, std::string_view namespace_name,
                                           const ListOptions& options) {
  std::vector<Tree> objects;
  MLK_CHECK(list(type, namespace_name, options, [&](Tree&& object) {
    objects.push_back(std::move(object));
    return true;
  }));
  return objects;
}

Result<ListInfo> Client::list_metadata(const ResourceType& type, std::string_view namespace_name,
                                       const ListOptions& options, const std::function<bool(ObjectMeta&&)>& each) {
  Call call = call_for("GET", "list", type, namespace_name, {});
  call.accept = k_metadata_list;
  return list_protobuf<ObjectMeta>(*m_impl->session, std::move(call), options, &proto::decode_metadata, each);
}

Result<ListInfo> Client::list_jobs(std::string_view namespace_name, const ListOptions& options,
                                   const std::function<bool(Job&&)>& each) {
  Call call = call_for("GET", "list", types::jobs, namespace_name, {});
  call.accept = proto::k_content_type;
  return list_protobuf<Job>(*m_impl->session, std::move(call), options, &proto::decode_job, each);
}

Result<ListInfo> Client::list_pods(std::string_view namespace_name, const ListOptions& options,
                                   const std::function<bool(Pod&&)>& each) {
  Call call = call_for("GET", "list", types::pods, namespace_name, {});
  call.accept = proto::k_content_type;
  return list_protobuf<Pod>(*m_impl->session, std::move(call), options, &proto::decode_pod, each);
}

Result<ListInfo> Client::list_nodes(const ListOptions& options, const std::function<bool(kube::Node&&)>& each) {
  Call call = call_for("GET", "list", types::nodes, {}, {});
  call.accept = proto::k_content_type;
  return list_protobuf<kube::Node>(*m_impl->session, std::move(call), options, &proto::decode_node, each);
}

}  // namespace mlk::kube
