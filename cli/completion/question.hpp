#pragma once

#include "cli/completion/live.hpp"

#include <mlk/kube/kubeconfig.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::cli {

/// Something that only a server or a registry knows.
struct Question {
  Source source = Source::nothing;
  Target target;           ///< with everything decided that mlk.yaml and the kubeconfig decide
  std::string repository;  ///< of image tags
  std::string identity;    ///< server, user, namespace: what answers may be shared for

  /// One line that no other question has. Holds no credential.
  std::string key() const;
};

/// The question behind a Tab, or nothing when it can't be asked (no cluster configured, no repository typed yet).
std::optional<Question> make_question(Source source, const Target& target, std::string_view current,
                                      std::string_view project_text, const commands::Context& context);

/// The "oci://" or "docker://" that an image's name begins with, or nothing.
std::string_view image_scheme(std::string_view name) noexcept;

/// What `mlk __refresh` is called with, and back.
std::vector<std::string> refresh_command(const Question& question, const std::filesystem::path& program);
std::optional<Question> parse_refresh(const std::vector<std::string>& words);

kube::Sources kube_sources(const std::string& kubeconfig, const commands::Context& context);
/// $KUBECONFIG with each file's full path: the refresh runs in another folder.
std::string absolute_kubeconfig(const commands::Context& context);
std::filesystem::path cache_folder(const commands::Context& context);

}  // namespace mlk::cli
