#pragma once

#include <mlk/core/result.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mlk::oci {

/// The name that content has by its hash: "sha256:" and 64 hex digits. A default-made one is empty and names nothing.
class Digest {
 public:
  Digest() = default;

  /// "sha256:<64 lower-case hex digits>"; anything else, other algorithms included, is an error that quotes the text.
  static Result<Digest> parse(std::string_view text);
  /// The digest of a text in memory.
  static Digest of(std::string_view content);

  const std::string& text() const noexcept { return m_text; }
  std::string_view hex() const noexcept;
  /// The first 12 hex digits: what people read, and the default tag.
  std::string short_hex() const { return std::string(hex().substr(0, 12)); }
  bool empty() const noexcept { return m_text.empty(); }

  friend bool operator==(const Digest&, const Digest&) = default;
  friend auto operator<=>(const Digest&, const Digest&) =
      default;  // NOLINT(modernize-use-nullptr): of what the compiler writes for it

 private:
  std::string m_text;
};

/// SHA-256 of a stream, piece by piece.
class Digester {
 public:
  Digester();
  Digester(Digester&&) noexcept;
  Digester& operator=(Digester&&) noexcept;
  ~Digester();

  void update(std::span<const std::byte> piece);
  /// The digest of everything so far; begins anew after it.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace mlk::oci
