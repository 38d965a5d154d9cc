#pragma once

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/http/loop.hpp>
#include <mlk/kube/client.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

/// The bed that the tests run against, and clients for its two users.
class KubeBed {
 public:
  /// Nothing where there is no bed: the test then says so and ends.
  static std::optional<KubeBed> find() {
    const char* folder = std::getenv("MLK_BED_DIR");
    if (folder == nullptr) return std::nullopt;
    const auto text = mlk::read_file(std::string(folder) + "/env.json");
    if (!text) return std::nullopt;
    auto environment = mlk::document::read_json(*text);
    if (!environment || !(*environment)["cluster"].is_mapping()) return std::nullopt;
    return KubeBed(*std::move(environment));
  }

  const mlk::document::Node& environment() const { return m_environment; }
  std::string kubeconfig(std::string_view user) const {
    return m_environment["cluster"]["kubeconfig"][user].string_or();
  }
  mlk::kube::Config config(std::string_view user) const {
    mlk::kube::Sources sources;
    sources.flag = kubeconfig(user);
    return *mlk::kube::load_config(sources);
  }
  std::unique_ptr<mlk::kube::Client> client(std::string_view user, mlk::kube::ClientOptions options = {}) {
    return client(config(user), std::move(options));
  }
  std::unique_ptr<mlk::kube::Client> client(mlk::kube::Config config, mlk::kube::ClientOptions options = {}) {
    return *mlk::kube::Client::connect(*m_loop, std::move(config), std::move(options));
  }

 private:
  explicit KubeBed(mlk::document::Node environment)
      : m_environment(std::move(environment)), m_loop(*mlk::http::Loop::open()) {}

  mlk::document::Node m_environment;
  std::unique_ptr<mlk::http::Loop> m_loop;
};

/// A name that no other test and no other run uses.
inline std::string unique_name(std::string_view stem) {
  static std::atomic<int> count = 0;
  return fmt::format("{}-{}-{}", stem, ::getpid(), ++count);
}

#define MLK_NEED_BED(bed)                                                     \
  auto bed##_found = KubeBed::find();                                         \
  if (!bed##_found) {                                                         \
    WARN("skipped: no test bed (MLK_BED_DIR names no folder with env.json)"); \
    return;                                                                   \
  }                                                                           \
  auto& bed = *bed##_found
