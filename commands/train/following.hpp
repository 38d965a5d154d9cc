#pragma once

#include "commands/context.hpp"
#include "commands/train/target.hpp"

#include <mlk/training/follow.hpp>

#include <optional>
#include <string_view>

namespace mlk::commands::train {

/// How patient a verb that follows is.
struct PatienceOptions {
  Milliseconds give_up_after{30'000};
  std::optional<Milliseconds> timeout;
};
/// --give-up-after --timeout
void add_patience(Flags& flags, PatienceOptions& into);

struct Following {
  training::FollowOptions options;
  bool has_events = true;  ///< otherwise only log lines and the end are told
};
Following following_for(const PatienceOptions& patience);

/// Follows a run, telling what happens, and reports what it came to under that schema name. A stop says how to come
/// back.
Result<Report> follow_run(Context& ctx, const Target& target, const Following& following, std::string_view schema);

}  // namespace mlk::commands::train
