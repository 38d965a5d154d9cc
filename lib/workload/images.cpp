#include "images.hpp"

#include <fmt/format.h>

namespace mlk::workload {

std::string pinned_image(const std::string& image, const project::Lock& lock) {
  if (image.find('@') != std::string::npos) return image;
  const auto found = lock.images.find(image);
  return found == lock.images.end() ? image : fmt::format("{}@{}", image, found->second);
}

document::Node image_node(const project::Text& image, const project::Lock& lock) {
  if (image->empty()) return {};
  document::Node node(pinned_image(*image, lock));
  node.set_place(image.place);
  return node;
}

}  // namespace mlk::workload
