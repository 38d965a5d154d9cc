#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mlk::crypto {

using Sha256Value = std::array<std::byte, 32>;

/// SHA-256 over a stream (the CPU's SHA instructions where it has them). Move-only; one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& update(std::span<const std::byte> bytes);
  Sha256& update(std::string_view bytes);

  /// The hash of everything so far; the object then starts anew.
  Sha256Value finish();
  /// The same as 64 lower-case hex characters.
  std::string finish_hex();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

Sha256Value sha256(std::string_view bytes);
/// 64 lower-case hex characters.
std::string sha256_hex(std::string_view bytes);
std::string to_hex(const Sha256Value& value);

Sha256Value hmac_sha256(std::string_view key, std::string_view message);

/// Compares in a time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace mlk::crypto
