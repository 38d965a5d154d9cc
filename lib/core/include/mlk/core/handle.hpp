#pragma once

#include <memory>

namespace mlk::inline v0 {

/// Owns a C handle: `std::unique_ptr<FILE, Release<&std::fclose>>`.
template <auto release>
struct Release {
  template <class T>
  void operator()(T* handle) const noexcept {
    release(handle);
  }
};

template <class T, auto release>
using Handle = std::unique_ptr<T, Release<release>>;

}  // namespace mlk::inline v0
