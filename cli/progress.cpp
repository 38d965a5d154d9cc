#include "cli/progress.hpp"

#include "cli/layout.hpp"
#include "cli/style.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>

namespace mlk::cli {
namespace {

constexpr Milliseconds k_redraw{100};
constexpr std::size_t k_bar_width = 20;
constexpr Milliseconds k_rate_needs{500};  // before, a rate says nothing

std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
  std::string text = "▕";
  for (std::size_t i = 0; i < width; ++i) text += i < full ? "█" : "░";
  return text + "▏";
}

Milliseconds between(SteadyTime from, SteadyTime to) { return std::chrono::duration_cast<Milliseconds>(to - from); }

/// Bytes a second; 0 when it is too early to tell.
double rate_of(std::int64_t bytes, Milliseconds took) {
  return took < k_rate_needs ? 0 : static_cast<double>(bytes) * 1000.0 / static_cast<double>(took.count());
}

std::string format_rate(double rate) { return format_bytes(Bytes{static_cast<std::int64_t>(rate)}) + "/s"; }

}  // namespace

Progress::Progress(Stream& stream, const Clock& clock, Mode mode, bool with_colour)
    : m_stream(stream), m_clock(clock), m_mode(mode), m_with_colour(with_colour) {}

Progress::~Progress() {
  const std::lock_guard lock(m_mutex);
  draw(true);
}

Progress::Task& Progress::start(std::string label, Bytes total) {
  const std::lock_guard lock(m_mutex);
  Task& task = m_tasks.emplace_back();
  task.m_owner = this;
  task.m_label = std::move(label);
  task.m_total = total.count;
  task.m_began = m_clock.steady();
  draw(false);
  return task;
}

void Progress::Task::add(Bytes done) {
  m_done.fetch_add(done.count, std::memory_order_relaxed);
  if (m_owner->m_mode != Mode::bars) return;
  const std::int64_t now = between(SteadyTime{}, m_owner->m_clock.steady()).count();
  std::int64_t next = m_owner->m_next_draw.load(std::memory_order_relaxed);
  // One thread of those that come at the same time draws; the others go on with their work.
  if (now < next || !m_owner->m_next_draw.compare_exchange_strong(next, now + k_redraw.count())) return;
  if (const std::unique_lock lock(m_owner->m_mutex, std::try_to_lock); lock) m_owner->draw(false);
}

void Progress::Task::set_total(Bytes total) { m_total = total.count; }

void Progress::Task::finish(std::string_view what) {
  const std::lock_guard lock(m_owner->m_mutex);
  if (m_is_finished) return;
  m_is_finished = true;
  m_what = what;
  m_ended = m_owner->m_clock.steady();
  m_owner->draw(false);
}

std::string Progress::line(const Task& task, std::size_t width) const {
  const std::int64_t done = task.m_done.load(std::memory_order_relaxed);
  const std::int64_t total = task.m_total.load(std::memory_order_relaxed);
  const Milliseconds took = between(task.m_began, task.m_is_finished ? task.m_ended : m_clock.steady());
  const double rate = rate_of(done, took);
  if (task.m_is_finished) {
    std::string text = paint("✔", Style::good, m_with_colour) + " " + printable(task.m_label) + "  ";
    if (!task.m_what.empty()) return cut(text + printable(task.m_what), width);
    text += format_bytes(Bytes{done}) + " in " + format_duration(took);
    if (rate > 0) text += ", " + format_rate(rate);
    return cut(text, width);
  }
  std::string text = "  " + printable(task.m_label) + "  ";
  if (total <= 0) {
    text += format_bytes(Bytes{done});
  } else {
    text += bar(static_cast<double>(done) / static_cast<double>(total), k_bar_width);
    text += " " + format_bytes(Bytes{done}) + " of " + format_bytes(Bytes{total});
  }
  if (rate > 0) text += "  " + format_rate(rate);
  if (rate > 0 && total > done) {
    const auto left = Milliseconds(static_cast<std::int64_t>(static_cast<double>(total - done) / rate) * 1000);
    text += "  " + format_duration(std::max(left, Milliseconds(1000))) + " left";
  }
  return cut(text, width);
}

void Progress::draw(bool is_final) {
  if (m_mode == Mode::quiet) return;
  const std::size_t width = m_mode == Mode::bars ? m_stream.width() : std::string::npos;
  std::string text;
  if (m_drawn_lines > 0) text = "\x1b[" + std::to_string(m_drawn_lines) + "A\r\x1b[J";
  m_drawn_lines = 0;
  std::vector<std::string> open;
  for (Task& task : m_tasks) {
    if (task.m_is_settled) continue;
    if (task.m_is_finished) {
      // A finished line is printed once and then scrolls away with the rest of the terminal.
      text += line(task, width) + "\n";
      task.m_is_settled = true;
    } else if (m_mode == Mode::bars) {
      open.push_back(line(task, width));
    }
  }
  if (m_mode == Mode::bars && !is_final) {
    const std::size_t room = std::max<std::size_t>(2, m_stream.height()) - 1;
    const std::size_t shown = std::min(open.size(), room);
    for (std::size_t i = 0; i < shown; ++i) text += open[i] + "\n";
    m_drawn_lines = shown;
  }
  if (text.empty()) return;
  m_stream.write(text);
  static_cast<void>(m_stream.flush());
}

}  // namespace mlk::cli
