#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/secret.hpp>
#include <mlk/core/time.hpp>
#include <mlk/kube/kubeconfig.hpp>

#include <optional>
#include <stop_token>
#include <string>

namespace mlk::kube {

/// What a credential plugin hands out: a token, or a certificate with its key, or both.
struct PluginCredential {
  Secret token;
  std::string certificate_pem;
  Secret key_pem;
  std::optional<SystemTime> expires;  ///< absent: as long as this process lives
};

/// What the plugin is told in KUBERNETES_EXEC_INFO.
std::string exec_info(const ExecPlugin& plugin, const Config& config, bool interactive);

/// Reads a plugin's standard output. Errors never quote it.
Result<PluginCredential> parse_exec_credential(std::string_view output, const ExecPlugin& plugin);

/// Starts the plugin and waits for its answer; one at a time in this process, since they may ask the user something.
/// `interactive`: whether our standard input is a terminal. Errors (auth) name the command and what would help.
Result<PluginCredential> run_plugin(const ExecPlugin& plugin, const Config& config, bool interactive,
                                    const std::stop_token& stop);

}  // namespace mlk::kube
