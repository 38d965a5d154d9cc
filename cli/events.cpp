#include "cli/events.hpp"

#include "cli/layout.hpp"
#include "cli/report.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/writer.hpp>

#include <algorithm>

namespace mlk::cli {

EventSink::EventSink(Stream& out, Stream& err, const Clock& clock, Mode mode, bool with_colour)
    : m_out(out), m_err(err), m_clock(clock), m_mode(mode), m_with_colour(with_colour) {}

EventSink::~EventSink() { finish(); }

void EventSink::put_record(const document::Node& record) {
  m_out.write(document::write_json(record, 0) + "\n");
  static_cast<void>(m_out.flush());
}

void EventSink::emit(const Event& event) {
  const SystemTime time = event.time == SystemTime{} ? m_clock.system() : event.time;
  if (m_mode == Mode::json) {
    document::Node root = record("event");
    root.set("type", "event").set("time", format_rfc3339(time)).set("object", or_null(event.object));
    root.set("state", or_null(event.state)).set("reason", or_null(event.reason));
    for (const document::Entry& entry : event.data.entries()) root.set(entry.key, entry.value);
    put_record(root);
    return;
  }
  if (m_mode == Mode::quiet) return;
  // The clock on the wall for somebody who looks on, the whole moment for a log file.
  const std::string stamp = format_rfc3339(std::chrono::floor<std::chrono::seconds>(time));
  std::string text = m_mode == Mode::live ? paint(stamp.substr(11, 8), Style::dim, m_with_colour) : stamp;
  text += "  " + printable(event.object) + "  " + paint(printable(event.state), event.style, m_with_colour);
  if (!event.reason.empty()) text += "  " + printable(event.reason);
  erase();
  m_err.write(text + "\n");
  draw();
}

void EventSink::show(const std::vector<std::string>& lines) {
  if (m_mode != Mode::live || lines == m_region) return;
  erase();
  m_region = lines;
  draw();
}

void EventSink::line(std::string_view object, std::string_view text) {
  if (m_mode == Mode::json) {
    document::Node root = record("event");
    root.set("type", "event").set("time", format_rfc3339(m_clock.system())).set("object", object).set("line", text);
    put_record(root);
    return;
  }
  erase();
  static_cast<void>(m_err.flush());
  m_out.write(std::string(text) + "\n");
  static_cast<void>(m_out.flush());
  draw();
}

void EventSink::finish() {
  static_cast<void>(m_err.flush());
  m_region.clear();
  m_drawn_lines = 0;
}

void EventSink::erase() {
  if (m_drawn_lines > 0) m_err.write("\x1b[" + std::to_string(m_drawn_lines) + "A\r\x1b[J");
  m_drawn_lines = 0;
}

void EventSink::draw() {
  if (m_mode == Mode::live) {
    // A region higher than the terminal can't be redrawn in place: its end, where things happen, is shown.
    const std::size_t room = std::max<std::size_t>(2, m_err.height()) - 1;
    const std::size_t skipped = m_region.size() > room ? m_region.size() - room : 0;
    for (std::size_t i = skipped; i < m_region.size(); ++i) m_err.write(cut(m_region[i], m_err.width()) + "\n");
    m_drawn_lines = m_region.size() - skipped;
  }
  static_cast<void>(m_err.flush());
}

}  // namespace mlk::cli
