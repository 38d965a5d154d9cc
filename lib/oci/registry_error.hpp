#pragma once

#include <mlk/core/error.hpp>
#include <mlk/http/message.hpp>

#include <string>

namespace mlk::oci {

/// What was asked of whom.
struct Asked {
  std::string registry;
  std::string repository;
  std::string doing;  ///< "pushing a layer", "fetching a manifest"
  bool is_write = false;
  std::string object;  ///< "'nlp/sentiment:1'", "a layer"; empty: the repository itself
};

/// What a status that isn't the wanted one means for the user. A 401 is told by auth_error instead.
Error status_error(const Asked& asked, const http::Response& answer);
Error auth_error(const Asked& asked, std::string why);

/// The command that logs in.
std::string login_hint(const std::string& registry);

/// The registry's own words from an error body, "NAME_UNKNOWN: repository name not known"; empty when there are none.
std::string registry_words(const std::string& body);

}  // namespace mlk::oci
