#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/project/lock.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::project {

using document::Node;

namespace {

constexpr std::int64_t k_version = 1;
constexpr std::string_view k_header =
    "# Written by mlk: what mlk.yaml was resolved to. Commit it; 'mlk lock' renews it.\n";

constexpr std::string_view k_way_back = "restore it from version control, or remove it and run 'mlk lock'";

bool is_digest(std::string_view text) {
  const auto colon = text.find(':');
  const auto hex = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto algorithm = text.substr(0, colon);
  const bool has_length = (algorithm == "sha256" && hex.size() == 64) || (algorithm == "sha512" && hex.size() == 128);
  return has_length && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Takes a lock apart; the first thing that mlk wouldn't have written ends it.
class LockReader {
 public:
  explicit LockReader(std::string_view file) : m_file(file) {}

  Result<Lock> read(const Node& root) {
    if (!root.is_mapping()) return fail(root, "a map is wanted here");
    MLK_CHECK(check_version(root));
    MLK_CHECK(check_keys(root, {"mlk-lock", "edition", "models", "images", "backends", "engines"}));
    Lock lock;
    MLK_CHECK(read_edition(root, lock));
    MLK_CHECK(read_models(root["models"], lock));
    MLK_CHECK(read_texts(root["images"], lock.images, is_digest, "a digest such as sha256:… is wanted here"));
    const auto is_text = [](std::string_view text) { return !text.empty(); };
    MLK_CHECK(read_texts(root["backends"], lock.backends, is_text, "the name of a backend is wanted here"));
    MLK_CHECK(read_texts(root["engines"], lock.engines, is_text, "an image is wanted here"));
    return lock;
  }

 private:
  Error fail(const Node& node, std::string why) const {
    return Error(ErrorKind::failed, fmt::format("{} can't be used as a lock file", to_string(node.place())))
        .because(std::move(why))
        .fixed_by(std::string(k_way_back));
  }

  Error too_new(const Node& node, std::string_view what, std::int64_t newest) const {
    return Error(ErrorKind::failed, fmt::format("{} was written by a newer mlk", m_file))
        .because(fmt::format("its {} is {}, and this mlk knows up to {}", what, node.scalar_text(), newest))
        .fixed_by("install that version of mlk");
  }

  Result<void> check_version(const Node& root) const {
    const Node& version = root["mlk-lock"];
    if (!version.as_int() || *version.as_int() < 1) return fail(root, "'mlk-lock: 1' is missing at its beginning");
    if (*version.as_int() > k_version) return too_new(version, "version", k_version);
    return {};
  }

  Result<void> check_keys(const Node& map, const std::vector<std::string>& known) const {
    for (const auto& entry : map.entries()) {
      if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
      return fail(Node().set_place(entry.key_place),
                  fmt::format("unknown key '{}'{}", printable(entry.key), did_you_mean(entry.key, known)));
    }
    return {};
  }

  Result<void> read_edition(const Node& root, Lock& lock) const {
    const Node& edition = root["edition"];
    if (!edition.as_int() || *edition.as_int() < 1) return fail(root, "'edition' is missing");
    if (*edition.as_int() > k_newest_edition) return too_new(edition, "edition", k_newest_edition);
    lock.edition = static_cast<int>(*edition.as_int());
    return {};
  }

  Result<void> read_models(const Node& models, Lock& lock) const {
    if (!models.is_null() && !models.is_mapping()) return fail(models, "a map of models is wanted here");
    for (const auto& entry : models.entries()) {
      if (!entry.value.is_mapping()) return fail(entry.value, "a map with image and digest is wanted here");
      MLK_CHECK(check_keys(entry.value, {"image", "digest", "size"}));
      LockedModel model;
      model.image = entry.value["image"].string_or();
      model.digest = entry.value["digest"].string_or();
      if (model.image.empty()) return fail(entry.value, "'image' is missing");
      if (!is_digest(model.digest)) return fail(entry.value, "'digest' is missing or no digest");
      if (const Node& size = entry.value["size"]; !size.is_null()) {
        if (size.int_or(-1) < 0) return fail(size, "a number of bytes is wanted here");
        model.size = Bytes(*size.as_int());
      }
      lock.models.emplace(entry.key, std::move(model));
    }
    return {};
  }

  template <class Predicate>
  Result<void> read_texts(const Node& map, std::map<std::string, std::string>& out, Predicate is_good,
                          std::string_view wanted) const {
    if (!map.is_null() && !map.is_mapping()) return fail(map, "a map is wanted here");
    for (const auto& entry : map.entries()) {
      const auto text = entry.value.as_string();
      if (!text || !is_good(*text)) return fail(entry.value, std::string(wanted));
      out.emplace(entry.key, *text);
    }
    return {};
  }

  std::string_view m_file;
};

Node text_map(const std::map<std::string, std::string>& texts) {
  Node map = Node::mapping();
  for (const auto& [key, text] : texts) map.set(key, text);
  return map;
}

}  // namespace

std::filesystem::path lock_path(const std::filesystem::path& project_file) {
  return std::filesystem::path(project_file).replace_extension(".lock");
}

Result<Lock> parse_lock(std::string_view text, std::string_view file) {
  MLK_TRY(const Node root, document::read_yaml_one(text, file, document::Schema::core));
  return LockReader(file).read(root);
}

Result<std::optional<Lock>> read_lock(const std::filesystem::path& path) {
  auto text = read_file(path);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) return std::optional<Lock>();
    return std::move(text).error();
  }
  auto lock = parse_lock(*text, path.string());
  if (!lock && lock.error().fix.empty()) return std::move(lock).error().fixed_by(std::string(k_way_back));
  if (!lock) return std::move(lock).error();
  return std::optional<Lock>(*std::move(lock));
}

std::string format_lock(const Lock& lock) {
  Node root = Node::mapping({{"mlk-lock", k_version}, {"edition", lock.edition}});
  if (!lock.models.empty()) {
    Node models = Node::mapping();
    for (const auto& [name, model] : lock.models) {
      Node locked = Node::mapping({{"image", model.image}, {"digest", model.digest}});
      if (model.size) locked.set("size", model.size->count);
      models.set(name, std::move(locked));
    }
    root.set("models", std::move(models));
  }
  if (!lock.images.empty()) root.set("images", text_map(lock.images));
  if (!lock.backends.empty()) root.set("backends", text_map(lock.backends));
  if (!lock.engines.empty()) root.set("engines", text_map(lock.engines));
  return std::string(k_header) + document::write_yaml(root);
}

Result<bool> write_lock(const std::filesystem::path& path, const Lock& lock) {
  const std::string text = format_lock(lock);
  if (const auto present = read_file(path); present && *present == text) return false;
  MLK_CHECK(write_file(path, text));
  return true;
}

}  // namespace mlk::project
