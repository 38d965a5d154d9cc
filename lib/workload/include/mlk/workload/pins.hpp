#pragma once

#include <mlk/core/result.hpp>
#include <mlk/project/project.hpp>
#include <mlk/template/library.hpp>

#include <map>
#include <set>
#include <string>

namespace mlk::workload {

/// What of a project a lock pins by digest, less the models.
struct Pins {
  std::set<std::string> images;                 ///< as mlk.yaml writes them; those that name a digest are left out
  std::map<std::string, std::string> engines;   ///< "vllm", "vllm-cpu" → the image that mlk takes when none is given
  std::map<std::string, std::string> backends;  ///< "job/finetune" → what `backend: auto` stands for
};

Result<Pins> find_pins(const project::Project& project, templates::Library& library);

}  // namespace mlk::workload
