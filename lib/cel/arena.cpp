#include "arena.hpp"

#include <algorithm>
#include <new>

namespace mlk::inline v0::cel {

namespace {
constexpr std::size_t k_first_block = 4096;
constexpr std::size_t k_largest_block = std::size_t{1} << 20U;
}  // namespace

void* Arena::allocate_slowly(std::size_t size, std::size_t alignment) noexcept {
  const auto grown = m_blocks.empty() ? k_first_block : std::min(m_blocks.back().size * 2, k_largest_block);
  const auto block = std::max(grown, size + alignment);
  if (size > m_limit || m_used > m_limit - size) return nullptr;
  std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[block]);
  if (!memory) return nullptr;
  m_used += block;
  m_at = memory.get();
  m_end = m_at + block;
  m_blocks.push_back({std::move(memory), block});
  auto* start = m_at + padding_at(m_at, alignment);
  m_at = start + size;
  return start;
}

void Arena::reset() noexcept {
  if (m_blocks.empty()) return;
  m_blocks.resize(1);
  m_used = m_blocks.front().size;
  m_at = m_blocks.front().memory.get();
  m_end = m_at + m_blocks.front().size;
}

}  // namespace mlk::inline v0::cel
