#pragma once

#include "arena.hpp"
#include "cell.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <new>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace mlk::inline v0::cel {

class TimeZone;

/// Patterns that are constants of a program, compiled with it.
using KnownRegexes = std::vector<std::pair<std::string_view, std::unique_ptr<re2::RE2>>>;
std::unique_ptr<re2::RE2> compile_regex(std::string_view pattern);

/// What functions may use while an expression is evaluated: memory, cost, and a way to stop it all.
class Run {
 public:
  explicit Run(std::size_t memory_limit);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  /// Begins anew: nothing that was made before may be used any more.
  void begin(std::uint64_t cost_limit, std::size_t memory_limit, std::stop_token stop);
  /// The patterns of the program that is evaluated; returns those of the one before.
  const KnownRegexes* use_regexes(const KnownRegexes* known) { return std::exchange(m_known_regexes, known); }

  std::uint64_t cost() const noexcept { return m_cost; }
  void set_cost(std::uint64_t cost) noexcept { m_cost = cost; }
  void charge(std::uint64_t amount) noexcept {
    m_cost = amount > k_max_cost - m_cost ? k_max_cost : m_cost + amount;
    if (m_cost > m_cost_limit) stop_with(k_cost_limit);
  }
  /// A failure that no && or ternary absorbs: a limit was passed or a stop requested.
  bool is_stopped() const noexcept { return m_stopped.data() != nullptr; }
  std::string_view why_stopped() const noexcept { return m_stopped; }
  Cell stopped_cell() const { return error_cell(m_stopped); }
  /// Counts work that costs nothing in Kubernetes' model, such as comparing what lies deep in two values.
  bool step() noexcept {
    if ((++m_steps & 0xFFFFU) == 0 && (m_steps > k_most_steps || m_stop.stop_requested())) {
      stop_with(m_steps > k_most_steps ? k_step_limit : "operation interrupted");
    }
    return !is_stopped();
  }
  bool is_stop_requested() noexcept {
    if (m_stop.stop_requested()) stop_with("operation interrupted");
    return is_stopped();
  }

  /// Copies into the arena.
  Cell string(std::string_view text) { return copy(CellKind::string, text); }
  Cell bytes(std::string_view text) { return copy(CellKind::bytes, text); }
  Cell error(std::string_view text) { return copy(CellKind::error, text); }
  Cell copy(CellKind kind, std::string_view text);
  /// Room for a text that the caller fills, then text_cell; null pointer (and the run stopped) where there is none.
  char* room(std::size_t size) { return array<char>(size == 0 ? 1 : size); }
  template <class T>
  T* array(std::size_t count) {
    auto* memory = m_arena.allocate_array<T>(count == 0 ? 1 : count);
    if (memory == nullptr) stop_with(k_memory_limit);
    return memory;
  }
  /// A library's object, in the arena.
  template <class T>
  Cell object(CellKind kind, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    auto* memory = array<T>(1);
    if (memory == nullptr) return stopped_cell();
    return object_cell(kind, new (memory) T(value));
  }
  Cell list(std::span<const Cell> items);
  /// Of cells that lie in the arena already.
  Cell list_over(const Cell* items, std::size_t count);
  Cell optional(const Cell& value);
  static Cell none();

  /// A pattern, compiled and kept for this run; null pointer when it is wrong or too large.
  const re2::RE2* regex(std::string_view pattern, std::string& why);
  const TimeZone* zone(std::string_view name);

 private:
  static constexpr std::uint64_t k_max_cost = UINT64_MAX / 2;
  static constexpr std::string_view k_cost_limit = "operation cancelled: actual cost limit exceeded";
  static constexpr std::string_view k_step_limit = "operation cancelled: too much to compare";
  static constexpr std::uint64_t k_most_steps = 50'000'000;
  static constexpr std::string_view k_memory_limit = "operation cancelled: memory limit exceeded";

  void stop_with(std::string_view why) noexcept {
    if (!is_stopped()) m_stopped = why;
  }

  Arena m_arena;
  std::uint64_t m_cost = 0;
  std::uint64_t m_cost_limit = 0;
  std::uint64_t m_steps = 0;
  std::string_view m_stopped;
  std::stop_token m_stop;
  const KnownRegexes* m_known_regexes = nullptr;
  std::map<std::string, std::unique_ptr<re2::RE2>, std::less<>> m_regexes;
  std::map<std::string, std::unique_ptr<TimeZone>, std::less<>> m_zones;
};

/// Items of a list that grows in the arena.
class ListBuilder {
 public:
  explicit ListBuilder(Run& run) : m_run(run) {}
  void add(const Cell& item);
  std::size_t size() const noexcept { return m_size; }
  Cell finish() const { return m_run.is_stopped() ? m_run.stopped_cell() : m_run.list_over(m_items, m_size); }

 private:
  Run& m_run;
  Cell* m_items = nullptr;
  std::size_t m_size = 0;
  std::size_t m_capacity = 0;
};

/// Entries of a map that grows in the arena.
class MapBuilder {
 public:
  explicit MapBuilder(Run& run) : m_run(run) {}
  enum class Repeated : std::uint8_t { replaces, fails };
  /// A failure when the key is of a kind that maps don't take, or the key or value is one.
  Cell add(const Cell& key, const Cell& value, Repeated repeated = Repeated::replaces);
  Cell finish() const;

 private:
  void grow();

  Run& m_run;
  MapEntry* m_entries = nullptr;
  std::uint32_t* m_slots = nullptr;
  std::size_t m_size = 0;
  std::size_t m_capacity = 0;
};

/// Text that grows on the heap, within the run's memory limit.
class TextBuilder {
 public:
  explicit TextBuilder(Run& run) : m_run(run) {}
  void add(std::string_view text);
  void add(char c) { add(std::string_view(&c, 1)); }
  Cell finish(CellKind kind = CellKind::string) const { return m_run.copy(kind, m_text); }

 private:
  Run& m_run;
  std::string m_text;
};

}  // namespace mlk::inline v0::cel
