#include <mlk/core/quantity.hpp>
#include <mlk/kube/object.hpp>

#include <algorithm>

namespace mlk::kube {
namespace {

bool has_true(const std::vector<Condition>& conditions, std::string_view type) noexcept {
  const Condition* condition = find_condition(conditions, type);
  return condition != nullptr && condition->is_true();
}

std::int64_t milli_of(const ResourceList& list, std::string_view resource) {
  const auto text = value_of(list, resource);
  return text.empty() ? 0 : parse_quantity_milli(text).value_or(0);
}

/// A container's request; where only a limit is written, the API server's defaulting takes that.
std::int64_t request_of(const Container& container, std::string_view resource) {
  const auto& list = value_of(container.requests, resource).empty() ? container.limits : container.requests;
  return milli_of(list, resource);
}

void add_names(std::vector<std::string>& names, const ResourceList& list) {
  for (const auto& [name, quantity] : list) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

}  // namespace

std::string_view value_of(const StringPairs& pairs, std::string_view key) noexcept {
  for (const auto& [name, value] : pairs) {
    if (name == key) return value;
  }
  return {};
}

const OwnerReference* ObjectMeta::controller() const noexcept {
  const auto found = std::find_if(owners.begin(), owners.end(), [](const auto& owner) { return owner.is_controller; });
  return found == owners.end() ? nullptr : &*found;
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) noexcept {
  const auto found = std::find_if(conditions.begin(), conditions.end(), [&](const auto& c) { return c.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

bool Job::is_complete() const noexcept { return has_true(conditions, "Complete"); }
bool Job::is_failed() const noexcept { return has_true(conditions, "Failed"); }
bool Pod::is_ready() const noexcept { return has_true(conditions, "Ready"); }
bool Node::is_ready() const noexcept { return has_true(conditions, "Ready"); }

std::int64_t Pod::requested_milli(std::string_view resource) const {
  // KEP-753: init containers run one after another beside the sidecars started before them.
  std::int64_t sidecars = 0;
  std::int64_t starting = 0;
  std::int64_t running = 0;
  for (const auto& container : containers) {
    const std::int64_t amount = request_of(container, resource);
    if (!container.is_init) {
      running += amount;
    } else if (container.is_sidecar) {
      sidecars += amount;
      starting = std::max(starting, sidecars);
    } else {
      starting = std::max(starting, sidecars + amount);
    }
  }
  return std::max(running + sidecars, starting) + milli_of(overhead, resource);
}

std::vector<std::string> Pod::requested_names() const {
  std::vector<std::string> names;
  for (const auto& container : containers) {
    add_names(names, container.requests);
    add_names(names, container.limits);
  }
  add_names(names, overhead);
  return names;
}

}  // namespace mlk::kube
