#pragma once

#include <mlk/project/project.hpp>

namespace mlk::project {

/// The long form of `gpus:`.
struct GpuWords {
  Located<std::int64_t> count;
  Text model;
  Text slice;
  Maybe<Bytes> memory;
  Located<GpuSharing> share;
  Text vendor;
};

}  // namespace mlk::project
