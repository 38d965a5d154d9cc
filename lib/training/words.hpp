#pragma once

#include <string>
#include <string_view>

namespace mlk::training {

/// Text from the cluster, on one line and fit for a terminal; cut where it is very long.
std::string fit_message(std::string_view text);

/// "1 pod", "2 pods"
std::string counted(std::int64_t count, std::string_view one);

}  // namespace mlk::training
