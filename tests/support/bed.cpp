#include "bed.hpp"

#include <mlk/core/file.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/tree.hpp>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <stdexcept>

namespace mlk::test {

std::optional<Bed> Bed::find() {
  const char* folder = std::getenv("MLK_BED_DIR");
  if (folder == nullptr) return {};
  const auto text = read_file(std::filesystem::path(folder) / "env.json");
  if (!text) return {};
  auto env = document::read_json(*text);
  if (!env) return {};
  Bed bed;
  bed.m_folder = folder;
  bed.m_env = *std::move(env);
  return bed;
}

std::filesystem::path Bed::bin(std::string_view program) const { return std::filesystem::path(text("bin")) / program; }

std::string Bed::text(std::string_view path) const {
  const auto* found = document::find_path(m_env, path);
  if (found == nullptr || found->is_null()) throw std::runtime_error("the bed has no " + std::string(path));
  return found->scalar_text();
}

void Bed::make_namespace(const std::string& name) const {
  const auto made = run_program({{MLK_SOURCE_DIR "/tests/real/namespace", m_folder, name}, {}, {}, {}});
  if (made.code != 0) throw std::runtime_error("namespace " + name + ": " + made.err);
}

Ended Bed::kubectl(const std::vector<std::string>& args, const std::string& input) const {
  std::vector<std::string> argv = {bin("kubectl"), "--kubeconfig", admin_kubeconfig(), "--cache-dir",
                                   m_folder / "data" / "kubectl"};
  argv.insert(argv.end(), args.begin(), args.end());
  return run_program({argv, {}, {}, input});
}

Mlk::Mlk(std::string kubeconfig) : m_kubeconfig(std::move(kubeconfig)) {
  std::string name = (std::filesystem::temp_directory_path() / "mlk-home-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  m_folder = name;
}

Mlk::~Mlk() {
  std::error_code ignored;
  std::filesystem::remove_all(m_folder, ignored);
}

void Mlk::write(const std::string& name, std::string_view text) const {
  std::filesystem::create_directories((m_folder / name).parent_path());
  if (const auto written = write_file(m_folder / name, text); !written) throw std::runtime_error(written.error().what);
}

Program::Start Mlk::start(std::vector<std::string> args, const std::string& input) const {
  std::vector<std::string> argv = {MLK_BINARY};
  argv.insert(argv.end(), args.begin(), args.end());
  Program::Start start;
  start.argv = std::move(argv);
  start.env = {{"HOME", m_folder},
               {"XDG_CACHE_HOME", m_folder / ".cache"},
               {"XDG_DATA_HOME", m_folder / ".data"},
               {"XDG_CONFIG_HOME", m_folder / ".config"},
               {"DOCKER_CONFIG", m_folder / ".docker"},
               {"KUBECONFIG", m_kubeconfig}};
  start.directory = m_folder;
  start.input = input;
  return start;
}

Ended Mlk::run(std::vector<std::string> args, const std::string& input) const {
  return run_program(start(std::move(args), input));
}

std::string unique_name(std::string_view prefix) {
  static std::atomic<int> count{0};
  return std::string(prefix) + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

}  // namespace mlk::test
