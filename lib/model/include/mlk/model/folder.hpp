#pragma once

#include <mlk/core/result.hpp>
#include <mlk/model/facts.hpp>

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::model {

/// What a file is to the model.
enum class Role : std::uint8_t { weights, config, tokenizer, document, code, other };

std::string_view to_string(Role role) noexcept;

/// One file that belongs to the model.
struct File {
  std::string path;              ///< relative to the folder, with '/'
  std::filesystem::path source;  ///< where its bytes are: symbolic links are followed
  std::uint64_t size = 0;        ///< bytes
  Role role = Role::other;
  Format format = Format::none;  ///< of weights
};

/// A folder with a model in it.
struct Folder {
  std::filesystem::path root;
  std::vector<File> files;           ///< sorted by path, byte by byte
  std::vector<std::string> ignored;  ///< files and folders that were left out, relative, sorted
  std::uint64_t size = 0;            ///< bytes of all files
  Facts facts;
};

/// Looks at a folder: lists its files, reads the headers of its weights, and checks that nothing is missing: Git LFS
/// pointers instead of content, shards that the index names and that aren't there, weights that break off, links that
/// lead out of the folder (those of Hugging Face's cache are followed), sockets and devices, unreadable files, and a
/// folder without any file are errors. All mistakes are reported at once.
/// Left out: .git, .hg, .svn, .env and .env.*, .cache, __pycache__, .ipynb_checkpoints, .DS_Store, .venv, *.lock and
/// *.incomplete of downloads, .mlkignore itself and what it names.
Result<Folder> inspect_folder(const std::filesystem::path& root, const std::stop_token& stop);

}  // namespace mlk::model
