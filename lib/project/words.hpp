#pragma once

#include <mlk/project/project.hpp>

#include <span>
#include <string_view>

namespace mlk::project {

/// A value of an enumeration as mlk.yaml writes it.
template <class E>
struct Word {
  E value;
  std::string_view text;
};

std::span<const Word<JobBackend>> words_of(JobBackend) noexcept;
std::span<const Word<EngineName>> words_of(EngineName) noexcept;
std::span<const Word<Delivery>> words_of(Delivery) noexcept;
std::span<const Word<ServiceBackend>> words_of(ServiceBackend) noexcept;
std::span<const Word<ScaleMeasure>> words_of(ScaleMeasure) noexcept;
std::span<const Word<Rewrite>> words_of(Rewrite) noexcept;
std::span<const Word<Strategy>> words_of(Strategy) noexcept;
std::span<const Word<Driver>> words_of(Driver) noexcept;
std::span<const Word<OnFailure>> words_of(OnFailure) noexcept;
std::span<const Word<GpuSharing>> words_of(GpuSharing) noexcept;

template <class E>
std::string_view word_for(E value) noexcept {
  for (const auto& word : words_of(E{})) {
    if (word.value == value) return word.text;
  }
  return {};
}

}  // namespace mlk::project
