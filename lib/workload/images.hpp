#pragma once

#include <mlk/document/node.hpp>
#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>

#include <string>

namespace mlk::workload {

/// The image as the cluster is told it: with the digest that the lock holds for it, where it holds one and none is
/// written. A tag stays in front of the digest, for people.
std::string pinned_image(const std::string& image, const project::Lock& lock);

/// The same as a node at the image's place; null where there is none.
document::Node image_node(const project::Text& image, const project::Lock& lock);

}  // namespace mlk::workload
