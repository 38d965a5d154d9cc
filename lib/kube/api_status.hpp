#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::kube {

/// meta/v1 Status, as it comes in JSON or protobuf; `is_status` is false for anything else.
struct ApiStatus {
  struct Cause {
    std::string reason;
    std::string message;
    std::string field;
  };
  bool is_status = false;
  std::string message;
  std::string reason;
  std::string name;
  std::string kind;
  std::vector<Cause> causes;
  std::int64_t code = 0;
};

ApiStatus read_api_status(std::string_view body);

}  // namespace mlk::kube
