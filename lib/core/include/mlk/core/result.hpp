#pragma once

#include <mlk/core/error.hpp>

#include <cassert>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace mlk::inline v0 {

/// A value, or the Error that stood in its way. Reading the value of a failed result is a bug, not a failure.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(const T& value) : m_state(std::in_place_index<0>, value) {}
  Result(T&& value) : m_state(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}
  template <class U>
  requires(std::is_convertible_v<U, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result<T>>)
      Result(U&& value)
      : m_state(std::in_place_index<0>, std::forward<U>(value)) {}

  bool has_value() const noexcept { return m_state.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept {
    assert(has_value());
    return *std::get_if<0>(&m_state);
  }
  const T& value() const& noexcept {
    assert(has_value());
    return *std::get_if<0>(&m_state);
  }
  T&& value() && noexcept {
    assert(has_value());
    return std::move(*std::get_if<0>(&m_state));
  }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }

  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? value() : static_cast<T>(std::forward<U>(other));
  }

  Error& error() & noexcept {
    assert(!has_value());
    return *std::get_if<1>(&m_state);
  }
  const Error& error() const& noexcept {
    assert(!has_value());
    return *std::get_if<1>(&m_state);
  }
  Error&& error() && noexcept {
    assert(!has_value());
    return std::move(*std::get_if<1>(&m_state));
  }

 private:
  std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : m_error(std::move(error)) {}

  bool has_value() const noexcept { return !m_error.has_value(); }
  explicit operator bool() const noexcept { return has_value(); }

  Error& error() & noexcept {
    assert(!has_value());
    return *m_error;
  }
  const Error& error() const& noexcept {
    assert(!has_value());
    return *m_error;
  }
  Error&& error() && noexcept {
    assert(!has_value());
    return std::move(*m_error);
  }

 private:
  std::optional<Error> m_error;
};

}  // namespace mlk::inline v0

#define MLK_CONCAT_INNER(a, b) a##b
#define MLK_CONCAT(a, b) MLK_CONCAT_INNER(a, b)

/// MLK_TRY(auto value, expression): declares the value, or returns the expression's Error from this function.
#define MLK_TRY(declaration, ...) MLK_TRY_AS(MLK_CONCAT(mlk_try_, __COUNTER__), declaration, __VA_ARGS__)
#define MLK_TRY_AS(name, declaration, ...)   \
  auto name = (__VA_ARGS__);                 \
  if (!name) return std::move(name).error(); \
  declaration = *std::move(name)

/// MLK_CHECK(expression): returns the expression's Error from this function, if there is one.
#define MLK_CHECK(...)                                                                         \
  do {                                                                                         \
    if (auto mlk_checked = (__VA_ARGS__); !mlk_checked) return std::move(mlk_checked).error(); \
  } while (false)
