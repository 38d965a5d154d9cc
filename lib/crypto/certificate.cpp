#include <mlk/core/handle.hpp>
#include <mlk/crypto/certificate.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <limits>

namespace mlk::crypto {
namespace {

Error unreadable(std::string why) {
  // What OpenSSL queued must not turn up in somebody else's error.
  ERR_clear_error();
  return Error(ErrorKind::failed, "can't read a certificate").because(std::move(why));
}

/// Never asks anybody for a pass phrase.
int refuse_pass_phrase(char* /*buffer*/, int /*size*/, int /*is_writing*/, void* /*unused*/) { return -1; }

}  // namespace

Result<SystemTime> certificate_expiry(std::string_view pem) {
  if (pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) return unreadable("it is too large");
  const Handle<BIO, &BIO_free> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Handle<X509, &X509_free> certificate(text ? PEM_read_bio_X509(text.get(), nullptr, &refuse_pass_phrase, nullptr)
                                                  : nullptr);
  if (!certificate) return unreadable("the text holds no X.509 certificate in PEM form");
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &parts) != 1) {
    return unreadable("its end of validity is not a time");
  }
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace mlk::crypto
