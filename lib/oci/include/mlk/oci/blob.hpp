#pragma once

#include <mlk/core/result.hpp>
#include <mlk/oci/digest.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mlk::oci {

/// Bytes that can be read in order, and from the start again: what an upload sends. Never whole in memory.
class BlobSource {
 public:
  virtual ~BlobSource() = default;
  /// All bytes that it will give, known before the first is read.
  virtual std::uint64_t size() const = 0;
  /// Fills the buffer as far as it can; 0 at the end.
  virtual Result<std::size_t> read(std::span<std::byte> buffer) = 0;
  /// Back to the first byte.
  virtual Result<void> rewind() = 0;
};

/// Takes bytes in order: what a download fills.
class BlobSink {
 public:
  virtual ~BlobSink() = default;
  virtual Result<void> write(std::span<const std::byte> piece) = 0;
};

/// A text in memory as a source.
std::unique_ptr<BlobSource> text_source(std::string text);
/// A file as a source; it must keep its size while it is read.
Result<std::unique_ptr<BlobSource>> file_source(const std::filesystem::path& path);

/// The same bytes, checked: the read that reaches the end fails unless they have that digest and size.
std::unique_ptr<BlobSource> verified_source(std::unique_ptr<BlobSource> source, const Digest& digest,
                                            std::uint64_t size);

/// How much is read at once: large enough for the disk, small enough for the memory.
inline constexpr std::size_t k_piece = std::size_t{1} << 20;

/// How far a transfer is.
struct TransferState {
  std::uint64_t done = 0;   ///< bytes, of everything
  std::uint64_t total = 0;  ///< bytes
  std::string_view item;    ///< what moves right now, for people
};

/// Told after each piece. Calls come one at a time, though not always from the same thread.
using Progress = std::function<void(const TransferState&)>;

/// Adds up what several workers move and tells one listener.
class ProgressMeter {
 public:
  explicit ProgressMeter(Progress listener);
  ~ProgressMeter();
  void expect(std::uint64_t bytes);
  /// Negative when an upload begins again.
  void moved(std::string_view item, std::int64_t bytes);

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace mlk::oci
