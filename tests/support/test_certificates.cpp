#include "test_certificates.hpp"

#include <mlk/core/handle.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace mlk::test {
namespace {

using Key = Handle<EVP_PKEY, &EVP_PKEY_free>;
using Certificate = Handle<X509, &X509_free>;

template <class T>
T* checked(T* handle) {
  if (handle == nullptr) throw std::runtime_error("OpenSSL can't make a test certificate");
  return handle;
}

Key make_key() { return Key(checked(EVP_EC_gen("P-256"))); }

void set_name(X509* certificate, const std::string& common_name) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                             -1, 0);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Handle<X509_EXTENSION, &X509_EXTENSION_free> extension(
      checked(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())));
  X509_add_ext(certificate, extension.get(), -1);
}

Certificate make_certificate(const std::string& common_name, std::chrono::seconds since, std::chrono::seconds until,
                             EVP_PKEY* key) {
  Certificate certificate(checked(X509_new()));
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), since.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until.count());
  X509_set_pubkey(certificate.get(), key);
  set_name(certificate.get(), common_name);
  return certificate;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string pem_of(X509* certificate) {
  const Handle<BIO, &BIO_free> bio(checked(BIO_new(BIO_s_mem())));
  PEM_write_bio_X509(bio.get(), certificate);
  return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key, const std::string& pass_phrase) {
  const Handle<BIO, &BIO_free> bio(checked(BIO_new(BIO_s_mem())));
  PEM_write_bio_PrivateKey(bio.get(), key, pass_phrase.empty() ? nullptr : EVP_aes_128_cbc(),
                           reinterpret_cast<const unsigned char*>(pass_phrase.data()),
                           static_cast<int>(pass_phrase.size()), nullptr, nullptr);
  return text_of(bio.get());
}

}  // namespace

struct CertificateAuthority::State {
  Key key = make_key();
  Certificate certificate =
      make_certificate("mlk test authority", std::chrono::hours(-24), std::chrono::hours(24 * 365), key.get());
  std::string pem;

  State() {
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
    add_extension(certificate.get(), certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate.get(), certificate.get(), NID_subject_key_identifier, "hash");
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    pem = pem_of(certificate.get());
  }
};

CertificateAuthority::CertificateAuthority() : m_state(std::make_unique<State>()) {}
CertificateAuthority::~CertificateAuthority() = default;

const std::string& CertificateAuthority::cert_pem() const { return m_state->pem; }

IssuedCertificate CertificateAuthority::issue(const CertificateAsked& asked) const {
  const Key key = make_key();
  const Certificate leaf = make_certificate(asked.common_name, asked.valid_since, asked.valid_for, key.get());
  X509* const issuer = m_state->certificate.get();
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer));
  std::string names;
  for (const auto& name : asked.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const auto& address : asked.addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
  if (!names.empty()) add_extension(leaf.get(), issuer, NID_subject_alt_name, names);
  add_extension(leaf.get(), issuer, NID_ext_key_usage, "serverAuth,clientAuth");
  X509_sign(leaf.get(), m_state->key.get(), EVP_sha256());
  return {pem_of(leaf.get()), pem_of(key.get(), asked.pass_phrase)};
}

}  // namespace mlk::test
