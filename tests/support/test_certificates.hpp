#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mlk::test {

struct CertificateAsked {
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;  ///< IP addresses
  std::string common_name = "mlk test";
  std::chrono::seconds valid_since{-3600};  ///< from now
  std::chrono::seconds valid_for{86400};    ///< from now; negative: expired
  std::string pass_phrase;                  ///< encrypts the key
};

struct IssuedCertificate {
  std::string cert_pem;
  std::string key_pem;
};

/// A certificate authority that lives in memory for one test.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();

  const std::string& cert_pem() const;
  IssuedCertificate issue(const CertificateAsked& asked) const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace mlk::test
