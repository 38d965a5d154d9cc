#pragma once

#include "values.hpp"

#include <mlk/project/lock.hpp>
#include <mlk/project/project.hpp>
#include <mlk/workload/bundle.hpp>

#include <vector>

namespace mlk::workload {

/// Everything that a service asks for and the `deployment` backend, or this version, can't express, each at its line;
/// and which backend was chosen why.
void check_service(const project::Service& service, const project::Lock& lock, Problems& problems,
                   std::vector<Choice>& choices);

}  // namespace mlk::workload
