#pragma once

#include <cstring>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace mlk::inline v0 {

/// A text that must not be seen: a token, a password, a private key. It prints as "[hidden]", reads only through
/// reveal(), and is overwritten when it goes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : m_text(std::move(text)) {
    wipe(text);
    text.clear();
  }
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept {
    m_text.swap(other.m_text);
    other.clear();
  }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      clear();
      m_text = other.m_text;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      clear();
      m_text.swap(other.m_text);
      other.clear();
    }
    return *this;
  }
  ~Secret() { clear(); }

  bool empty() const noexcept { return m_text.empty(); }
  /// The text itself; whoever asks takes care that it goes nowhere but where it belongs.
  const std::string& reveal() const noexcept { return m_text; }
  void clear() noexcept {
    wipe(m_text);
    m_text.clear();
  }
  friend bool operator==(const Secret& a, const Secret& b) noexcept { return a.m_text == b.m_text; }
  friend std::ostream& operator<<(std::ostream& out, const Secret& secret) {
    return out << (secret.empty() ? "" : "[hidden]");
  }

 private:
  static void wipe(std::string& text) noexcept {
    // A compiler may drop a plain memset before a deallocation, never a call through a volatile pointer.
    static void* (*const volatile overwrite)(void*, int, std::size_t) = &std::memset;
    // All of the storage: a text that was moved away leaves its bytes behind the length.
    text.resize(text.capacity());
    overwrite(text.data(), 0, text.size());
  }

  std::string m_text;
};

}  // namespace mlk::inline v0
