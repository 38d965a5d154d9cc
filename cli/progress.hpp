#pragma once

#include "cli/stream.hpp"

#include <mlk/core/quantity.hpp>
#include <mlk/core/time.hpp>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace mlk::cli {

/// Progress of transfers on standard error: on a terminal bars with rate and time left, redrawn in place; on a pipe one
/// line when a task ends; with -q nothing. Tasks may be moved on from any thread; the object itself belongs to one.
class Progress {
 public:
  enum class Mode : std::uint8_t { bars, lines, quiet };

  class Task {
   public:
    /// Moves on by so many bytes. Cheap; draws at most ten times a second.
    void add(Bytes done);
    void set_total(Bytes total);
    /// Ends the task; `what` replaces the bar, such as "already there".
    void finish(std::string_view what = {});

   private:
    friend class Progress;
    Progress* m_owner = nullptr;
    std::string m_label;
    std::atomic<std::int64_t> m_done{0};
    std::atomic<std::int64_t> m_total{0};  // 0: unknown
    SteadyTime m_began;
    SteadyTime m_ended;
    bool m_is_finished = false;  // guarded by the owner's mutex, as what follows
    bool m_is_settled = false;
    std::string m_what;
  };

  Progress(Stream& stream, const Clock& clock, Mode mode, bool with_colour);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// A new line of progress. The reference lives as long as the Progress. A total of 0 means unknown.
  Task& start(std::string label, Bytes total = Bytes{});

 private:
  void draw(bool is_final);
  std::string line(const Task& task, std::size_t width) const;

  Stream& m_stream;
  const Clock& m_clock;
  Mode m_mode;
  bool m_with_colour;
  std::mutex m_mutex;
  std::deque<Task> m_tasks;
  std::atomic<std::int64_t> m_next_draw{0};
  std::size_t m_drawn_lines = 0;
};

}  // namespace mlk::cli
