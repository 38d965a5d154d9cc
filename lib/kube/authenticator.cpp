#include "authenticator.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/crypto/certificate.hpp>
#include <mlk/crypto/encoding.hpp>
#include <mlk/http/url.hpp>

#include <fmt/format.h>

#include <utility>

namespace mlk::kube {
namespace {

// As Kubernetes' own client: mounted tokens are rotated long before they expire.
constexpr std::chrono::minutes k_token_file_age{1};
// A credential that ends while its request is on the way would only be refused.
constexpr std::chrono::seconds k_expiry_slack{5};
constexpr std::size_t k_token_limit = std::size_t{1} << 20;

void add_impersonation(const Impersonation& who, http::Headers& headers) {
  if (who.user.empty()) return;
  headers.set("Impersonate-User", who.user);
  if (!who.uid.empty()) headers.set("Impersonate-Uid", who.uid);
  for (const auto& group : who.groups) headers.add("Impersonate-Group", group);
  for (const auto& [key, values] : who.extra) {
    for (const auto& value : values) headers.add("Impersonate-Extra-" + http::percent_encode(key), value);
  }
}

http::Proxy proxy_of(const Config& config) {
  http::Proxy proxy;
  if (config.proxy_url.empty()) return proxy;
  proxy.from = http::Proxy::From::url;
  proxy.url = config.proxy_url;
  // Kubernetes' own client lets a SOCKS proxy resolve the server's name; curl calls that socks5h.
  constexpr std::string_view k_socks = "socks5://";
  if (proxy.url.starts_with(k_socks)) proxy.url = "socks5h://" + proxy.url.substr(k_socks.size());
  return proxy;
}

}  // namespace

Authenticator::Authenticator(const Config& config, PluginPolicy policy, bool interactive)
    : m_config(config), m_policy(policy), m_interactive(interactive) {
  make_identity();
}

bool Authenticator::needs_plugin() const noexcept {
  const auto& credentials = m_config.credentials;
  return credentials.exec && credentials.token.empty() && credentials.token_file.empty() &&
         credentials.username.empty();
}

Result<void> Authenticator::prepare(http::Request& request, const std::stop_token& stop) {
  const auto& credentials = m_config.credentials;
  if (needs_plugin()) {
    const auto now = std::chrono::system_clock::now();
    const bool is_fresh = m_plugin && (!m_plugin->expires || *m_plugin->expires - k_expiry_slack > now);
    if (!is_fresh) MLK_CHECK(ask_plugin(stop));
    if (!m_plugin->token.empty()) request.headers.set("Authorization", "Bearer " + m_plugin->token.reveal());
  } else if (!credentials.token_file.empty()) {
    MLK_CHECK(read_token_file());
    request.headers.set("Authorization", "Bearer " + m_file_token.reveal());
  } else if (!credentials.token.empty()) {
    request.headers.set("Authorization", "Bearer " + credentials.token.reveal());
  } else if (!credentials.username.empty()) {
    const Secret pair(credentials.username + ":" + credentials.password.reveal());
    request.headers.set("Authorization", "Basic " + crypto::base64_encode(pair.reveal()));
  }
  add_impersonation(credentials.impersonation, request.headers);
  request.identity = m_identity;
  return {};
}

Result<bool> Authenticator::renew(const std::stop_token& stop) {
  if (needs_plugin()) {
    if (m_policy == PluginPolicy::never) return false;
    MLK_CHECK(ask_plugin(stop));
    return true;
  }
  if (!m_config.credentials.token_file.empty()) {
    const Secret before = m_file_token;
    m_file_read.reset();
    MLK_CHECK(read_token_file());
    return !(before == m_file_token);
  }
  return false;
}

std::string Authenticator::explain_refusal() const {
  const auto& credentials = m_config.credentials;
  if (!credentials.client_certificate_pem.empty()) {
    const auto expiry = crypto::certificate_expiry(credentials.client_certificate_pem);
    if (expiry && *expiry < std::chrono::system_clock::now()) {
      return fmt::format("the client certificate expired at {}", format_rfc3339(*expiry));
    }
  }
  if (needs_plugin()) {
    return fmt::format("credential plugin '{}' handed out credentials that the server refuses",
                       printable(credentials.exec->command));
  }
  if (!credentials.token_file.empty()) {
    return fmt::format("the token in '{}' has expired or is for another cluster", credentials.token_file.string());
  }
  if (!credentials.token.empty()) return "the token has expired or is for another cluster";
  if (!credentials.username.empty()) return "the user name or password is wrong";
  if (credentials.client_certificate_pem.empty()) return "the kubeconfig gives no credentials for this cluster";
  return {};
}

Result<void> Authenticator::ask_plugin(const std::stop_token& stop) {
  const ExecPlugin& plugin = *m_config.credentials.exec;
  if (m_policy == PluginPolicy::never) {
    return Error(ErrorKind::auth, fmt::format("credential plugin '{}' isn't started here", printable(plugin.command)))
        .because("this must answer at once, and a plugin may take its time or ask something")
        .coded("kube-plugin-needed");
  }
  MLK_TRY(PluginCredential credential, run_plugin(plugin, m_config, m_interactive, stop));
  const bool had_certificate = m_plugin && !m_plugin->certificate_pem.empty();
  m_plugin = std::move(credential);
  // Another identity object closes the connections that were made with the old certificate.
  if (had_certificate || !m_plugin->certificate_pem.empty()) make_identity();
  return {};
}

Result<void> Authenticator::read_token_file() {
  const auto now = std::chrono::steady_clock::now();
  if (m_file_read && now - *m_file_read < k_token_file_age) return {};
  const auto& path = m_config.credentials.token_file;
  auto text = read_file(path, k_token_limit);
  if (!text) {
    // A rotation may be under way: the last token is still worth a try.
    if (!m_file_token.empty()) return {};
    return Error(ErrorKind::auth, fmt::format("the token file '{}' can't be read", path.string()))
        .because(text.error().what)
        .fixed_by("check 'tokenFile' of the user in the kubeconfig");
  }
  m_file_token = Secret(std::string(trim(*text)));
  m_file_read = now;
  if (!m_file_token.empty()) return {};
  return Error(ErrorKind::auth, fmt::format("the token file '{}' is empty", path.string()))
      .fixed_by("write a token into it, or correct 'tokenFile' in the kubeconfig");
}

void Authenticator::make_identity() {
  auto identity = std::make_shared<http::Identity>();
  identity->tls.ca_pem = m_config.ca_pem;
  identity->tls.system_ca = m_config.ca_pem.empty();
  identity->tls.server_name = m_config.tls_server_name;
  identity->tls.skip_verify = m_config.insecure_skip_tls_verify;
  identity->tls.cert_pem = m_config.credentials.client_certificate_pem;
  identity->tls.key_pem = m_config.credentials.client_key_pem;
  if (m_plugin && !m_plugin->certificate_pem.empty() && identity->tls.cert_pem.empty()) {
    identity->tls.cert_pem = m_plugin->certificate_pem;
    identity->tls.key_pem = m_plugin->key_pem;
  }
  identity->proxy = proxy_of(m_config);
  m_identity = std::move(identity);
}

}  // namespace mlk::kube
