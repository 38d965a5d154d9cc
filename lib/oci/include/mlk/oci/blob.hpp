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

/// What a transfer tells about one of the things that it moves.
struct TransferEvent {
  enum class Kind : std::uint8_t {
    planned,   ///< it will move so many bytes; told for every item before the first one moves
    moved,     ///< so many bytes since the last time; negative when the item begins again
    finished,  ///< it is where it belongs
  };
  Kind kind = Kind::planned;
  std::size_t item = 0;  ///< counts from 0
  std::string_view title;
  std::int64_t bytes = 0;
  bool was_there = false;  ///< of a finished one: nothing had to move
};

/// Listens to a transfer. `planned` comes from the thread that called, the others from any, several at once.
using Progress = std::function<void(const TransferEvent&)>;

}  // namespace mlk::oci
