#include "cli/report.hpp"

namespace mlk::cli {

document::Node record(std::string_view name, int version) {
  document::Node root = document::Node::mapping();
  root.set("schema", "mlk.dev/" + std::string(name) + "/v" + std::to_string(version));
  return root;
}

}  // namespace mlk::cli
