#include "trust.hpp"

#include <mlk/core/handle.hpp>

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace mlk::http {
namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// "5ed36f99.0": the hash of a subject, and a number.
bool is_hashed_name(std::string_view name) {
  return name.size() >= 10 && name[8] == '.' &&
         std::all_of(name.begin(), name.begin() + 8, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

bool is_hashed_folder(const std::string& path) {
  const Handle<DIR, &::closedir> folder(::opendir(path.c_str()));
  if (!folder) return false;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (is_hashed_name(entry->d_name)) return true;
  }
  return false;
}

SystemTrust look_up() {
  SystemTrust trust{environment("SSL_CERT_DIR"), environment("SSL_CERT_FILE")};
  if (!trust.folder.empty() || !trust.bundle.empty()) return trust;
  for (const char* folder : {"/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/local/share/certs"}) {
    if (is_hashed_folder(folder)) return {folder, ""};
  }
  for (const char* bundle : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                             "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}) {
    if (::access(bundle, R_OK) == 0) return {"", bundle};
  }
  return trust;
}

}  // namespace

const SystemTrust& system_trust() {
  static const SystemTrust trust = look_up();
  return trust;
}

std::string proxy_from_environment(const std::string& scheme) {
  const bool is_cgi = std::getenv("REQUEST_METHOD") != nullptr;
  std::string found = environment((scheme + "_proxy").c_str());
  if (found.empty() && scheme == "https") found = environment("HTTPS_PROXY");
  if (found.empty() && scheme == "http" && !is_cgi) found = environment("HTTP_PROXY");
  if (found.empty()) found = environment("all_proxy");
  if (found.empty()) found = environment("ALL_PROXY");
  return found;
}

std::string no_proxy_from_environment() {
  std::string found = environment("no_proxy");
  return found.empty() ? environment("NO_PROXY") : found;
}

}  // namespace mlk::http
