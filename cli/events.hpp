#pragma once

#include "cli/stream.hpp"
#include "cli/style.hpp"

#include <mlk/core/time.hpp>
#include <mlk/document/node.hpp>

#include <string>
#include <vector>

namespace mlk::cli {

/// Something that happened to an object while the command looked on.
struct Event {
  std::string object;  ///< "job/finetune-x7k2"
  std::string state;   ///< "Running"
  std::string reason;  ///< one sentence, may be empty
  Style style = Style::plain;
  SystemTime time{};    ///< when it happened; the epoch stands for now
  document::Node data;  ///< more keys for the JSON record
};

/// What a command that stays says meanwhile. On a terminal: lines as they come, above a live region that is redrawn
/// in place. On a pipe: one line an event on standard error, "time  object  state  reason". With -o json: one record a
/// line on standard output, {"type": "event", …}; the command's Report then follows as {"type": "result", …}.
/// Belongs to one thread.
class EventSink {
 public:
  enum class Mode : std::uint8_t { live, lines, json, quiet };

  EventSink(Stream& out, Stream& err, const Clock& clock, Mode mode, bool with_colour);
  ~EventSink();
  EventSink(const EventSink&) = delete;
  EventSink& operator=(const EventSink&) = delete;

  void emit(const Event& event);
  /// Replaces the live region; each item is one line, cut to the terminal's width. Nothing happens elsewhere, so the
  /// caller emits events for what matters as well.
  void show(const std::vector<std::string>& lines);
  /// Text that goes to standard output as it is (a pod's log), the live region kept below it. With -o json: a record
  /// {"type": "event", "object": …, "line": …}.
  void line(std::string_view object, std::string_view text);
  /// Leaves the live region's last state on the screen and goes below it. The destructor does the same.
  void finish();
  bool is_live() const noexcept { return m_mode == Mode::live; }
  bool with_colour() const noexcept { return m_with_colour; }
  /// The reader of standard output has gone: the command should end.
  bool is_closed() const noexcept { return m_out.is_closed(); }

 private:
  void erase();
  void draw();
  void put_record(const document::Node& record);

  Stream& m_out;
  Stream& m_err;
  const Clock& m_clock;
  Mode m_mode;
  bool m_with_colour;
  std::vector<std::string> m_region;
  std::size_t m_drawn_lines = 0;
};

}  // namespace mlk::cli
