#pragma once

#include <string>

namespace mlk::http {

/// Where the system keeps the authorities that it trusts.
struct SystemTrust {
  std::string folder;  ///< hashed as OpenSSL wants it: only the one certificate that is needed is read (0.1 ms)
  std::string bundle;  ///< one file with all of them (20 ms); only where there is no hashed folder
};

/// $SSL_CERT_FILE and $SSL_CERT_DIR come first, as in other programs. Looked up once a process.
const SystemTrust& system_trust();

/// The proxy that the environment names for a scheme ("http" or "https"), as curl wants it; empty for none. Reads
/// <scheme>_proxy in either case, then all_proxy; HTTP_PROXY in capitals is ignored under CGI, where clients set it.
std::string proxy_from_environment(const std::string& scheme);
/// no_proxy, or NO_PROXY.
std::string no_proxy_from_environment();

}  // namespace mlk::http
