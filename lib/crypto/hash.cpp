#include <mlk/crypto/encoding.hpp>
#include <mlk/crypto/hash.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cassert>
#include <new>

namespace mlk::crypto {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    if (context == nullptr) throw std::bad_alloc();
    start();
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // SHA-256 is in every provider that OpenSSL can be built with; a failure here is an allocation's.
  void start() {
    if (EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  }
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  [[maybe_unused]] const int ok = EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size());
  assert(ok == 1);
  return *this;
}

Sha256& Sha256::update(std::string_view bytes) { return update(std::as_bytes(std::span(bytes))); }

Sha256Value Sha256::finish() {
  Sha256Value value{};
  unsigned size = 0;
  [[maybe_unused]] const int ok =
      EVP_DigestFinal_ex(m_state->context, reinterpret_cast<unsigned char*>(value.data()), &size);
  assert(ok == 1 && size == value.size());
  m_state->start();
  return value;
}

std::string Sha256::finish_hex() { return to_hex(finish()); }

Sha256Value sha256(std::string_view bytes) { return Sha256().update(bytes).finish(); }

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

std::string to_hex(const Sha256Value& value) {
  return hex_encode(std::string_view(reinterpret_cast<const char*>(value.data()), value.size()));
}

Sha256Value hmac_sha256(std::string_view key, std::string_view message) {
  Sha256Value value{};
  unsigned size = 0;
  // A null key pointer means "the key of the last call" to OpenSSL.
  const char* const key_data = key.empty() ? "" : key.data();
  [[maybe_unused]] const auto* ok =
      HMAC(EVP_sha256(), key_data, static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
           message.size(), reinterpret_cast<unsigned char*>(value.data()), &size);
  assert(ok != nullptr && size == value.size());
  return value;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

}  // namespace mlk::crypto
