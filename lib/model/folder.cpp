#include "checks.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/model/folder.hpp>
#include <mlk/model/ignore.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace mlk::model {

namespace fs = std::filesystem;

namespace {

struct Kind {
  Role role = Role::other;
  Format format = Format::none;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

Kind kind_of(std::string_view path) {
  const auto name = lower(path.substr(path.rfind('/') + 1));
  const auto dot = name.rfind('.');
  const auto ext = dot == std::string::npos ? std::string() : name.substr(dot);
  constexpr std::pair<std::string_view, Format> k_weights[] = {
      {".safetensors", Format::safetensors},
      {".gguf", Format::gguf},
      {".onnx", Format::onnx},
      {".onnx_data", Format::onnx},
      {".bin", Format::pytorch},
      {".pt", Format::pytorch},
      {".pth", Format::pytorch},
      {".ckpt", Format::pytorch},
      {".pb", Format::tensorflow},
      {".h5", Format::keras},
      {".keras", Format::keras},
      {".tflite", Format::tensorflow},
      {".msgpack", Format::flax},
  };
  for (const auto& [known, format] : k_weights) {
    if (ext == known) return {Role::weights, format};
  }
  const auto begins = [&](std::initializer_list<std::string_view> starts) {
    return std::any_of(starts.begin(), starts.end(), [&](auto start) { return name.starts_with(start); });
  };
  if (begins({"tokenizer", "vocab", "merges.txt", "special_tokens", "added_tokens", "spiece", "chat_template"}) ||
      ext == ".model" || ext == ".tiktoken" || ext == ".jinja") {
    return {Role::tokenizer, Format::none};
  }
  if (begins({"readme", "license", "licence", "notice", "copying"}) || ext == ".md" || ext == ".rst" || ext == ".pdf") {
    return {Role::document, Format::none};
  }
  if (ext == ".json" || ext == ".yaml" || ext == ".yml" || ext == ".toml" || ext == ".pbtxt")
    return {Role::config, Format::none};
  if (ext == ".py" || ext == ".sh" || ext == ".ipynb") return {Role::code, Format::none};
  return {};
}

/// Whether a link's target may be read for what the link names: a file in the folder itself, or a blob of the Hugging
/// Face cache (models--x/snapshots/REV/file → models--x/blobs/HASH).
bool is_allowed_target(const fs::path& root, const fs::path& target) {
  const auto is_below = [&](const fs::path& top) {
    const auto relative = target.lexically_relative(top);
    return !relative.empty() && *relative.begin() != "..";
  };
  if (is_below(root)) return true;
  return root.parent_path().filename() == "snapshots" && is_below(root.parent_path().parent_path() / "blobs");
}

class Walker {
 public:
  Walker(fs::path root, fs::path real_root, IgnoreRules rules, const std::stop_token& stop, Folder& out,
         std::vector<Diagnostic>& problems)
      : m_root(std::move(root)),
        m_real_root(std::move(real_root)),
        m_rules(std::move(rules)),
        m_stop(stop),
        m_out(out),
        m_problems(problems) {}

  /// Lists everything below `relative` (empty: the root).
  Result<void> walk(const std::string& relative, int depth) {
    if (m_stop.stop_requested()) return interrupted("reading the folder '" + m_root.string() + "'");
    const auto folder = m_root / relative;
    if (depth > 64) {
      report("model-depth", relative, "folders are nested more than 64 deep", {}, "move the model's files up");
      return {};
    }
    std::error_code code;
    fs::directory_iterator entries(folder, code);
    if (code) {
      report("model-unreadable", relative, "can't be listed", code.message(), "give yourself the right to read it");
      return {};
    }
    for (const auto& entry : entries) {
      std::string below = relative.empty() ? relative : relative + "/";
      below += entry.path().filename().string();
      MLK_CHECK(visit(below, depth));
    }
    return {};
  }

 private:
  Result<void> visit(const std::string& relative, int depth) {
    const auto path = m_root / relative;
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0) {
      report("model-unreadable", relative, "can't be looked at", std::generic_category().message(errno), {});
      return {};
    }
    const bool is_folder = S_ISDIR(status.st_mode);
    if (m_rules.matches(relative, is_folder)) {
      m_out.ignored.push_back(is_folder ? relative + "/" : relative);
      return {};
    }
    if (is_folder) return walk(relative, depth + 1);
    fs::path source = path;
    if (S_ISLNK(status.st_mode) && !follow(relative, source, status)) return {};
    if (!S_ISREG(status.st_mode)) {
      report("model-special-file", relative, "is no file but a pipe, a socket or a device", {},
             "remove it, or name it in .mlkignore");
      return {};
    }
    if (::access(source.c_str(), R_OK) != 0) {
      report("model-unreadable", relative, "can't be read", std::generic_category().message(errno),
             "run 'chmod u+r " + path.string() + "', or name it in .mlkignore");
      return {};
    }
    const auto kind = kind_of(relative);
    m_out.files.push_back({relative, source, static_cast<std::uint64_t>(status.st_size), kind.role, kind.format});
    m_out.size += static_cast<std::uint64_t>(status.st_size);
    return {};
  }

  /// Whether the link leads to something that may be taken; then source and status are those of its target.
  bool follow(const std::string& relative, fs::path& source, struct stat& status) {
    std::error_code code;
    const auto target = fs::canonical(source, code);
    if (code) {
      report("model-link", relative, "is a link that leads nowhere", code.message(),
             "remove it, or fetch what it names");
      return false;
    }
    if (!is_allowed_target(m_real_root, target)) {
      report("model-link", relative, "is a link out of the folder, to '" + target.string() + "'",
             "an image must not pick up files that aren't part of the model",
             "copy the file into the folder, or name the link in .mlkignore");
      return false;
    }
    if (::stat(target.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) {
      report("model-link", relative, "is a link to a folder", "only links to files are followed",
             "copy the folder here, or name the link in .mlkignore");
      return false;
    }
    source = target;
    return true;
  }

  void report(std::string code, const std::string& relative, std::string message, std::string why, std::string fix) {
    m_problems.push_back(
        problem(m_root / relative, std::move(code), std::move(message), std::move(why), std::move(fix)));
  }

  fs::path m_root;
  fs::path m_real_root;
  IgnoreRules m_rules;
  const std::stop_token& m_stop;
  Folder& m_out;
  std::vector<Diagnostic>& m_problems;
};

Error not_a_model(const fs::path& root, std::vector<Diagnostic> problems) {
  const auto count = problems.size();
  Error error(ErrorKind::failed, "the folder '" + root.string() + "' can't be taken as a model");
  if (count == 1) {
    const auto& only = problems.front();
    error.why = (only.place.file ? "'" + *only.place.file + "' " : std::string()) + only.message +
                (only.why.empty() ? "" : ": " + only.why);
    error.fix = only.fix;
  } else {
    error.why = std::to_string(count) + " things are wrong with its files";
  }
  return std::move(error).with(std::move(problems));
}

}  // namespace

Diagnostic problem(const fs::path& path, std::string code, std::string message, std::string why, std::string fix) {
  Diagnostic out;
  out.code = std::move(code);
  out.place.file = std::make_shared<const std::string>(path.string());
  out.message = std::move(message);
  out.why = std::move(why);
  out.fix = std::move(fix);
  return out;
}

std::string_view to_string(Format format) noexcept {
  constexpr std::string_view k_names[] = {"", "safetensors", "gguf", "onnx", "pytorch", "tensorflow", "keras", "flax"};
  return k_names[static_cast<std::size_t>(format)];
}

std::string_view to_string(Role role) noexcept {
  constexpr std::string_view k_names[] = {"weights", "config", "tokenizer", "document", "code", "other"};
  return k_names[static_cast<std::size_t>(role)];
}

Result<Folder> inspect_folder(const fs::path& root, const std::stop_token& stop) {
  std::error_code code;
  const auto real_root = fs::canonical(root, code);
  if (code) {
    return Error(ErrorKind::not_found, "there is no folder '" + root.string() + "'")
        .because(code.message())
        .fixed_by("name the folder that holds the model's files");
  }
  if (!fs::is_directory(real_root, code)) {
    return Error(ErrorKind::usage, "'" + root.string() + "' is a file, and a folder is wanted")
        .fixed_by("name the folder that holds it: '" + (root.has_parent_path() ? root.parent_path().string() : ".") +
                  "'");
  }
  Folder out;
  out.root = root;
  std::string rules;
  if (fs::exists(root / ".mlkignore", code)) {
    MLK_TRY(rules, read_file(root / ".mlkignore", std::size_t{1} << 20));
  }
  std::vector<Diagnostic> problems;
  MLK_CHECK(Walker(root, real_root, IgnoreRules(rules), stop, out, problems).walk("", 0));
  std::sort(out.files.begin(), out.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  std::sort(out.ignored.begin(), out.ignored.end());
  if (out.files.empty() && problems.empty()) {
    return Error(ErrorKind::failed, "the folder '" + root.string() + "' has no files")
        .because(out.ignored.empty() ? "it is empty" : "everything in it is left out: " + join(out.ignored, ", "))
        .fixed_by("name the folder that holds the model's files");
  }
  MLK_CHECK(check_files(out, problems, stop));
  if (!problems.empty()) return not_a_model(root, std::move(problems));
  return out;
}

}  // namespace mlk::model
