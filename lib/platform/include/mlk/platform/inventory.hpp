#pragma once

#include <mlk/core/result.hpp>
#include <mlk/kube/client.hpp>
#include <mlk/placement/inventory.hpp>

#include <string_view>

namespace mlk::platform {

/// A cluster as placement looks at it: its nodes, what is bound to them, and the quotas of one namespace. What the
/// caller's rights hide (403) is no failure: it is noted in the inventory, in words, and answers become `unknown`.
Result<placement::Inventory> read_inventory(kube::Client& client, std::string_view namespace_name);

}  // namespace mlk::platform
