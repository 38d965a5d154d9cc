#pragma once

#include <mlk/core/time.hpp>

#include <mutex>
#include <vector>

/// A clock that the test moves. Sleeping moves it too, and returns at once.
class ManualClock final : public mlk::Clock {
 public:
  mlk::SteadyTime steady() const override {
    const std::scoped_lock lock(m_mutex);
    return mlk::SteadyTime(m_now);
  }
  mlk::SystemTime system() const override {
    const std::scoped_lock lock(m_mutex);
    return mlk::SystemTime(std::chrono::seconds(1'800'000'000) + m_now);
  }
  bool sleep_for(mlk::Milliseconds duration, const std::stop_token& stop) override {
    const std::scoped_lock lock(m_mutex);
    m_sleeps.push_back(duration);
    m_now += duration;
    return !stop.stop_requested();
  }

  void advance(mlk::Milliseconds duration) {
    const std::scoped_lock lock(m_mutex);
    m_now += duration;
  }
  std::vector<mlk::Milliseconds> sleeps() const {
    const std::scoped_lock lock(m_mutex);
    return m_sleeps;
  }

 private:
  mutable std::mutex m_mutex;
  mlk::Milliseconds m_now{1'000'000};
  std::vector<mlk::Milliseconds> m_sleeps;
};
