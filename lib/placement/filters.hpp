#pragma once

#include <mlk/placement/plan.hpp>

#include <cstdint>
#include <optional>

namespace mlk::inline v0::placement {

/// The cluster as it stands, or the same nodes with nothing running, none cordoned and all ready: what can't be placed
/// there never can.
enum class Occupancy : std::uint8_t { now, empty };

/// How many pods of this shape a node takes, going by resources and the pod count alone.
std::int64_t capacity_for(const ClusterNode& node, const PodRequest& pod, Occupancy occupancy) noexcept;

/// The first reason, in the scheduler's order, for which a node takes no such pod; nothing when it takes one.
std::optional<Refusal> refuse(const ClusterNode& node, const PodRequest& pod, Occupancy occupancy);

/// The reasons of all nodes, the same ones put together, most nodes first.
std::vector<Refusal> refusals(const std::vector<ClusterNode>& nodes, const PodRequest& pod, Occupancy occupancy);

}  // namespace mlk::inline v0::placement
