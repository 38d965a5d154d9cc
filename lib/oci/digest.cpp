#include <mlk/crypto/hash.hpp>
#include <mlk/oci/digest.hpp>

#include <algorithm>

namespace mlk::oci {

namespace {

constexpr std::string_view k_prefix = "sha256:";

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  const auto wrong = [&](std::string why) {
    return Error(ErrorKind::usage, "'" + std::string(text.substr(0, 200)) + "' is not a digest")
        .because(std::move(why))
        .fixed_by("write it as 'sha256:' and 64 lower-case hex digits");
  };
  if (!text.starts_with(k_prefix)) {
    return wrong(text.starts_with("sha512:") ? "only SHA-256 digests are supported"
                                             : "it doesn't begin with 'sha256:'");
  }
  const auto hex = text.substr(k_prefix.size());
  if (hex.size() != 64) return wrong("it has " + std::to_string(hex.size()) + " digits instead of 64");
  if (!std::all_of(hex.begin(), hex.end(), is_lower_hex)) return wrong("not all of it is lower-case hex");
  Digest digest;
  digest.m_text = std::string(text);
  return digest;
}

Digest Digest::of(std::string_view content) {
  Digest digest;
  digest.m_text = std::string(k_prefix) + crypto::sha256_hex(content);
  return digest;
}

std::string_view Digest::hex() const noexcept {
  std::string_view text = m_text;
  return text.empty() ? text : text.substr(k_prefix.size());
}

struct Digester::State {
  crypto::Sha256 hash;
};

Digester::Digester() : m_state(std::make_unique<State>()) {}
Digester::Digester(Digester&&) noexcept = default;
Digester& Digester::operator=(Digester&&) noexcept = default;
Digester::~Digester() = default;

void Digester::update(std::span<const std::byte> piece) { m_state->hash.update(piece); }

Digest Digester::finish() {
  auto digest = Digest::parse(std::string(k_prefix) + m_state->hash.finish_hex());
  return std::move(digest).value();
}

}  // namespace mlk::oci
