#pragma once

#include "exec_plugin.hpp"

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/http/message.hpp>
#include <mlk/kube/client.hpp>

#include <memory>
#include <optional>
#include <stop_token>

namespace mlk::kube {

/// Proves who asks: keeps what the kubeconfig gives, reads token files anew each minute and runs the credential plugin
/// when its last answer has expired. Belongs to the loop's thread.
class Authenticator {
 public:
  Authenticator(const Config& config, PluginPolicy policy, bool interactive);

  /// Puts credentials and impersonation on a request.
  Result<void> prepare(http::Request& request, const std::stop_token& stop);
  /// After a 401: gets other credentials where there may be some (a plugin, a token file). Whether it is worth asking
  /// the server once more.
  Result<bool> renew(const std::stop_token& stop);
  /// Why the server may have refused: an expired certificate, an expired token file …; empty when nothing is known.
  std::string explain_refusal() const;

 private:
  bool needs_plugin() const noexcept;
  Result<void> ask_plugin(const std::stop_token& stop);
  Result<void> read_token_file();
  void make_identity();

  const Config& m_config;
  PluginPolicy m_policy;
  bool m_interactive;
  std::shared_ptr<const http::Identity> m_identity;
  std::optional<PluginCredential> m_plugin;
  Secret m_file_token;
  std::optional<SteadyTime> m_file_read;
};

}  // namespace mlk::kube
