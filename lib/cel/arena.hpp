#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

namespace mlk::inline v0::cel {

/// Memory that is given back all at once; nothing in it has a destructor. Never hands out more than its limit.
class Arena {
 public:
  explicit Arena(std::size_t limit) : m_limit(limit) {}

  /// Null pointer when the limit would be passed.
  void* allocate(std::size_t size, std::size_t alignment) noexcept {
    const auto padding = padding_at(m_at, alignment);
    if (static_cast<std::size_t>(m_end - m_at) >= padding && static_cast<std::size_t>(m_end - m_at) - padding >= size) {
      auto* memory = m_at + padding;
      m_at = memory + size;
      return memory;
    }
    return allocate_slowly(size, alignment);
  }

  template <class T>
  T* allocate_array(std::size_t count) noexcept {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count > m_limit / sizeof(T)) return nullptr;
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  /// Forgets everything; keeps the first block for the next use.
  void reset() noexcept;
  void set_limit(std::size_t limit) noexcept { m_limit = limit; }

 private:
  static std::size_t padding_at(const std::byte* at, std::size_t alignment) noexcept {
    return (0 - reinterpret_cast<std::uintptr_t>(at)) & (alignment - 1);
  }
  void* allocate_slowly(std::size_t size, std::size_t alignment) noexcept;

  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0;
  };
  std::vector<Block> m_blocks;
  std::size_t m_limit;
  std::size_t m_used = 0;
  std::byte* m_at = nullptr;
  std::byte* m_end = nullptr;
};

}  // namespace mlk::inline v0::cel
