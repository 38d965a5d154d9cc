#pragma once

#include <mlk/core/file.hpp>

#include <stdlib.h>

#include <filesystem>
#include <string>

/// A folder that goes with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "mlk-test-XXXXXX").string();
    m_path = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code code;
    std::filesystem::remove_all(m_path, code);
  }

  const std::filesystem::path& path() const { return m_path; }
  std::filesystem::path operator/(const std::string& name) const { return m_path / name; }
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((m_path / name).parent_path());
    if (!mlk::write_file(m_path / name, text)) throw std::runtime_error("writing " + name);
    return m_path / name;
  }

 private:
  std::filesystem::path m_path;
};
