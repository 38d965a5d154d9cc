#include "run.hpp"

#include "collections.hpp"
#include "time_zone.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cstring>

namespace mlk::inline v0::cel {
namespace {

constexpr std::size_t k_small_map = 8;
constexpr std::size_t k_kept_regexes = 32;
constexpr std::int64_t k_regex_memory = 4 << 20;

}  // namespace

Run::Run(std::size_t memory_limit) : m_arena(memory_limit) {}
Run::~Run() = default;

void Run::begin(std::uint64_t cost_limit, std::size_t memory_limit, std::stop_token stop) {
  m_arena.reset();
  m_arena.set_limit(memory_limit);
  m_cost = 0;
  m_steps = 0;
  m_cost_limit = cost_limit;
  m_stopped = {};
  m_stop = std::move(stop);
}

Cell Run::copy(CellKind kind, std::string_view text) {
  auto* memory = room(text.size());
  if (memory == nullptr) return stopped_cell();
  if (!text.empty()) std::memcpy(memory, text.data(), text.size());
  return text_cell(kind, {memory, text.size()});
}

Cell Run::list(std::span<const Cell> items) {
  auto* memory = array<Cell>(items.size());
  if (memory == nullptr) return stopped_cell();
  std::copy(items.begin(), items.end(), memory);
  return list_over(memory, items.size());
}

Cell Run::list_over(const Cell* items, std::size_t count) {
  auto* data = array<ListData>(1);
  if (data == nullptr) return stopped_cell();
  data->items = items;
  Cell c;
  c.kind = CellKind::list;
  c.list = data;
  c.extra = static_cast<std::uint32_t>(count);
  return c;
}

Cell Run::optional(const Cell& value) {
  auto* memory = array<Cell>(1);
  if (memory == nullptr) return stopped_cell();
  *memory = value;
  Cell c;
  c.kind = CellKind::optional;
  c.value = memory;
  c.extra = 1;
  return c;
}

Cell Run::none() {
  Cell c;
  c.kind = CellKind::optional;
  c.value = nullptr;
  return c;
}

std::unique_ptr<re2::RE2> compile_regex(std::string_view pattern) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(k_regex_memory);
  return std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
}

const re2::RE2* Run::regex(std::string_view pattern, std::string& why) {
  if (m_known_regexes != nullptr) {
    for (const auto& [known, regex] : *m_known_regexes) {
      if (known.data() == pattern.data() && known.size() == pattern.size()) return regex.get();
    }
  }
  const auto found = m_regexes.find(pattern);
  if (found != m_regexes.end()) return found->second.get();
  auto regex = compile_regex(pattern);
  if (!regex->ok()) {
    why = regex->error();
    return nullptr;
  }
  if (m_regexes.size() >= k_kept_regexes) m_regexes.clear();
  return m_regexes.emplace(std::string(pattern), std::move(regex)).first->second.get();
}

const TimeZone* Run::zone(std::string_view name) {
  const auto found = m_zones.find(name);
  if (found != m_zones.end()) return found->second.get();
  auto zone = TimeZone::load(name);
  return m_zones.emplace(std::string(name), std::move(zone)).first->second.get();
}

void ListBuilder::add(const Cell& item) {
  if (m_size == m_capacity) {
    const auto capacity = std::max<std::size_t>(8, m_capacity * 2);
    auto* grown = m_run.array<Cell>(capacity);
    if (grown == nullptr) return;
    std::copy(m_items, m_items + m_size, grown);
    m_items = grown;
    m_capacity = capacity;
  }
  m_items[m_size++] = item;
}

void MapBuilder::grow() {
  const auto capacity = std::max<std::size_t>(k_small_map, m_capacity * 2);
  auto* entries = m_run.array<MapEntry>(capacity);
  std::uint32_t* slots = nullptr;
  if (capacity > k_small_map) {
    slots = m_run.array<std::uint32_t>(capacity * 2);
    if (slots == nullptr) return;
    std::fill(slots, slots + capacity * 2, 0);
  }
  if (entries == nullptr) return;
  std::copy(m_entries, m_entries + m_size, entries);
  m_entries = entries;
  m_slots = slots;
  m_capacity = capacity;
  if (m_slots == nullptr) return;
  for (std::size_t i = 0; i < m_size; ++i) {
    auto at = hash_key(m_entries[i].key) & (capacity * 2 - 1);
    while (m_slots[at] != 0) at = (at + 1) & (capacity * 2 - 1);
    m_slots[at] = static_cast<std::uint32_t>(i + 1);
  }
}

Cell MapBuilder::add(const Cell& key, const Cell& value, Repeated repeated) {
  if (key.is_failure()) return key;
  if (value.is_failure()) return value;
  if (!is_key(key)) return m_run.error("unsupported key type: " + std::string(type_name(key)));
  if (m_size == m_capacity) grow();
  if (m_run.is_stopped()) return m_run.stopped_cell();
  const MapData so_far{m_entries, m_slots, static_cast<std::uint32_t>(m_capacity * 2 - 1)};
  if (const auto* known = find_entry(so_far, m_size, key)) {
    if (repeated == Repeated::fails) return error_cell("insert failed: key already exists");
    m_entries[known - m_entries].value = value;
    return Cell();
  }
  if (m_slots != nullptr) {
    auto at = hash_key(key) & (m_capacity * 2 - 1);
    while (m_slots[at] != 0) at = (at + 1) & (m_capacity * 2 - 1);
    m_slots[at] = static_cast<std::uint32_t>(m_size + 1);
  }
  m_entries[m_size++] = {key, value};
  return Cell();
}

Cell MapBuilder::finish() const {
  auto* data = m_run.array<MapData>(1);
  if (data == nullptr) return m_run.stopped_cell();
  *data = {m_entries, m_slots, static_cast<std::uint32_t>(m_capacity * 2 - 1)};
  Cell c;
  c.kind = CellKind::map;
  c.map = data;
  c.extra = static_cast<std::uint32_t>(m_size);
  return c;
}

void TextBuilder::add(std::string_view text) {
  // The copy that finish makes has to fit too, so what is built is held to what the arena could still take.
  constexpr std::size_t k_longest = std::size_t{64} << 20U;
  if (m_run.is_stopped()) return;
  if (m_text.size() + text.size() > k_longest) {
    m_run.room(SIZE_MAX / 2);
    return;
  }
  m_text += text;
}

}  // namespace mlk::inline v0::cel
