#pragma once

#include "session.hpp"

#include <mlk/kube/client.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace mlk::kube {

/// A call about one type, with its path and subject filled in.
Call call_for(std::string method, std::string verb, const ResourceType& type, std::string_view namespace_name,
              std::string_view name, std::string_view subresource = {});

/// One page of a list as it came, and its bookkeeping once `read` has looked at it.
struct PageInfo {
  std::string resource_version;
  std::string continue_token;
  bool is_stopped = false;  ///< the receiver wants no more
};
using PageReader = std::function<Result<PageInfo>(const http::Response&)>;

/// Fetches page after page; a list that expires in between begins anew.
Result<std::string> for_each_page(Session& session, Call call, const ListOptions& options, const PageReader& read);

}  // namespace mlk::kube
