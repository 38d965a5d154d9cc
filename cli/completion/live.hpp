#pragma once

#include "cli/completion/candidate.hpp"
#include "cli/environment.hpp"
#include "cli/flags.hpp"

#include <string>
#include <vector>

namespace mlk::cli {

/// What the half-typed line says about where to ask.
struct Target {
  std::string kubeconfig;
  std::string context;
  std::string namespace_name;
  std::string as;
  std::vector<std::string> as_groups;
  std::string file;         ///< mlk.yaml
  std::string environment;  ///< -e
};

/// Names that live outside mlk. Never waits longer than a moment (300 ms from the start of the program): servers,
/// registries and credential plugins are only ever asked by a process behind the user's back (`mlk __refresh`), which
/// puts its answer in the cache. A fresh answer there is taken at once; else the refresh is started and waited for; if
/// it takes too long, what was known before is the answer, or nothing.
std::vector<Candidate> live_candidates(Source source, const Target& target, std::string_view current,
                                       commands::Context& context);

/// The words of `mlk __refresh`: asks for real and fills the cache. Says nothing.
void refresh(const std::vector<std::string>& words, commands::Context& context);

}  // namespace mlk::cli
