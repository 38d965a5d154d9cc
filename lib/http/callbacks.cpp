#include "transfer_state.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <charconv>

namespace mlk::http::detail {
namespace {

TransferState& state_of(void* transfer) { return *static_cast<TransferState*>(transfer); }

BodySource* source_of(TransferState& transfer) {
  auto* const source = std::get_if<std::shared_ptr<BodySource>>(&transfer.request.body);
  return source != nullptr ? source->get() : nullptr;
}

/// "HTTP/1.1 200 OK" or "HTTP/2 200".
int status_of(std::string_view line) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos) return 0;
  int status = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
  return status;
}

void end_header(TransferState& transfer) {
  // 1xx answers come before the one that counts.
  if (transfer.status < 200) return;
  transfer.is_header_over = true;
  // After a 417 curl sends the request again without its "Expect"; if it doesn't, the end tells.
  if (transfer.status == 417 || is_followed(transfer)) return;
  tell_headers(transfer);
}

}  // namespace

void tell_headers(TransferState& transfer) {
  if (transfer.is_told) return;
  transfer.is_told = true;
  if (transfer.loop != nullptr) ++transfer.loop->events;
  if (transfer.handlers.on_headers) transfer.handlers.on_headers(transfer.status, transfer.answer);
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* transfer) noexcept {
  TransferState& state = state_of(transfer);
  const std::size_t bytes = size * count;
  if (state.stage == Stage::over) return 0;
  state.moved = std::chrono::steady_clock::now();
  const std::string_view line = trim(std::string_view(data, bytes));
  if (line.starts_with("HTTP/")) {
    state.answer.clear();
    state.status = status_of(line);
    state.is_header_over = false;
  } else if (state.is_header_over) {
    return bytes;  // a trailer
  } else if (line.empty()) {
    end_header(state);
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    state.answer.add(std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
  }
  return state.stage == Stage::over ? 0 : bytes;
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* transfer) noexcept {
  TransferState& state = state_of(transfer);
  const std::size_t bytes = size * count;
  if (state.stage == Stage::over) return CURL_WRITEFUNC_ERROR;
  if (is_followed(state)) return bytes;
  tell_headers(state);
  if (state.stage == Stage::over) return CURL_WRITEFUNC_ERROR;
  if (state.loop != nullptr) ++state.loop->events;
  const auto body = std::as_bytes(std::span(data, bytes));
  const Flow flow = state.handlers.on_data ? state.handlers.on_data(body) : Flow::proceed;
  if (state.stage == Stage::over) return CURL_WRITEFUNC_ERROR;
  if (flow == Flow::pause) {
    state.is_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  if (flow == Flow::cancel) {
    if (state.loop != nullptr) state.loop->drop(state);
    return CURL_WRITEFUNC_ERROR;
  }
  state.received += bytes;
  return bytes;
}

std::size_t give_body(char* data, std::size_t size, std::size_t count, void* transfer) noexcept {
  TransferState& state = state_of(transfer);
  BodySource* const source = source_of(state);
  if (state.stage == Stage::over || source == nullptr) return CURL_READFUNC_ABORT;
  auto given = source->read(std::as_writable_bytes(std::span(data, size * count)));
  if (!given) {
    state.failure = std::move(given).error();
    return CURL_READFUNC_ABORT;
  }
  if (state.stage == Stage::over) return CURL_READFUNC_ABORT;
  if (!given->has_value()) {
    state.is_paused = true;
    return CURL_READFUNC_PAUSE;
  }
  return **given;
}

int rewind_body(void* transfer, curl_off_t offset, int origin) noexcept {
  TransferState& state = state_of(transfer);
  BodySource* const source = source_of(state);
  if (source == nullptr || offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  auto done = source->rewind();
  if (done) return CURL_SEEKFUNC_OK;
  state.failure = std::move(done).error();
  return CURL_SEEKFUNC_FAIL;
}

int note_connected(void* transfer, char* /*remote*/, char* /*local*/, int /*remote_port*/,
                   int /*local_port*/) noexcept {
  TransferState& state = state_of(transfer);
  state.is_connected = true;
  state.moved = std::chrono::steady_clock::now();
  return CURL_PREREQFUNC_OK;
}

int note_progress(void* transfer, curl_off_t /*total_down*/, curl_off_t down, curl_off_t /*total_up*/,
                  curl_off_t up) noexcept {
  TransferState& state = state_of(transfer);
  if (down + up != state.bytes_seen) {
    state.bytes_seen = down + up;
    state.moved = std::chrono::steady_clock::now();
  }
  return state.stage == Stage::over ? 1 : 0;
}

}  // namespace mlk::http::detail
