#pragma once

#include "program.hpp"

#include <mlk/document/node.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::test {

/// The real control plane and registries that this run of the tests has, by $MLK_BED_DIR/env.json.
class Bed {
 public:
  /// Nothing where there is no bed: then the test says WARN("skipped: " …) and returns.
  static std::optional<Bed> find();

  std::filesystem::path folder() const { return m_folder; }
  std::filesystem::path bin(std::string_view program) const;
  std::string admin_kubeconfig() const { return text("cluster.kubeconfig.admin"); }
  std::string dev_kubeconfig() const { return text("cluster.kubeconfig.dev"); }
  /// The folder of the demonstration model; empty where the cache doesn't hold it.
  std::string model() const { return m_env["model"].string_or(); }
  /// What env.json holds under a path; a test fails by exception where it holds nothing.
  std::string text(std::string_view path) const;

  /// Makes a namespace of this name, with the limited user's rights in it.
  void make_namespace(const std::string& name) const;

  /// kubectl as the administrator.
  Ended kubectl(const std::vector<std::string>& args, const std::string& input = {}) const;

 private:
  std::filesystem::path m_folder;
  document::Node m_env;
};

/// The built mlk with a home of its own, in a working folder of its own, against the bed as one of its users.
class Mlk {
 public:
  explicit Mlk(std::string kubeconfig = "/dev/null");
  ~Mlk();
  Mlk(const Mlk&) = delete;
  Mlk& operator=(const Mlk&) = delete;

  const std::filesystem::path& folder() const noexcept { return m_folder; }
  void write(const std::string& name, std::string_view text) const;
  /// How the program is started: for tests that signal it. `args` without the program's name.
  Program::Start start(std::vector<std::string> args, const std::string& input = {}) const;
  Ended run(std::vector<std::string> args, const std::string& input = {}) const;

 private:
  std::filesystem::path m_folder;
  std::string m_kubeconfig;
};

/// A name that no other test of this run has: "serve-4711-1".
std::string unique_name(std::string_view prefix);

}  // namespace mlk::test

/// At the beginning of a test that needs the bed: names it, or says what is skipped and leaves.
#define MLK_NEEDS_BED(bed)                                                                                   \
  const auto bed##_found = ::mlk::test::Bed::find();                                                         \
  if (!bed##_found) {                                                                                        \
    WARN("skipped: no real control plane here ('make real' builds it; $MLK_BED_DIR says where a bed runs)"); \
    return;                                                                                                  \
  }                                                                                                          \
  const ::mlk::test::Bed& bed = *bed##_found
