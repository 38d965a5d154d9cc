#include <mlk/core/file.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/oci/layout.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace mlk::oci {

namespace fs = std::filesystem;
using document::Node;

namespace {

constexpr std::string_view k_ref_name = "org.opencontainers.image.ref.name";
constexpr std::string_view k_layout_text = R"({"imageLayoutVersion":"1.0.0"})";

/// Holds the layout's lock: the folder itself is locked, so no file of ours stays in it.
class IndexLock {
 public:
  static Result<IndexLock> take(const fs::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_error("opening '" + directory.string() + "'", errno);
    IndexLock lock(descriptor);
    while (::flock(descriptor, LOCK_EX) != 0) {
      if (errno != EINTR) return system_error("locking '" + directory.string() + "'", errno);
    }
    return lock;
  }
  IndexLock(IndexLock&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}
  IndexLock& operator=(IndexLock&&) = delete;
  ~IndexLock() {
    if (m_descriptor >= 0) ::close(m_descriptor);
  }

 private:
  explicit IndexLock(int descriptor) : m_descriptor(descriptor) {}
  int m_descriptor;
};

Error no_layout(const fs::path& directory, std::string why) {
  return Error(ErrorKind::not_found, "'" + directory.string() + "' is no image layout").because(std::move(why));
}

Result<void> check_version(const fs::path& directory) {
  const auto text = read_file(directory / "oci-layout", 4096);
  if (!text) return no_layout(directory, "it has no readable file 'oci-layout'");
  const auto root = document::read_json(*text);
  const auto version = root ? (*root)["imageLayoutVersion"].string_or() : std::string();
  if (!version.starts_with("1.")) {
    return Error(ErrorKind::failed, "the image layout '" + directory.string() + "' can't be used")
        .because("its 'oci-layout' says version '" + version + "', and 1.0.0 is understood");
  }
  return {};
}

Result<Node> read_index_node(const fs::path& directory) {
  MLK_TRY(const std::string text, read_file(directory / "index.json"));
  auto root = document::read_json(text);
  if (!root || !root->is_mapping() || !(*root)["manifests"].is_sequence()) {
    return Error(ErrorKind::failed, "'" + (directory / "index.json").string() + "' can't be read")
        .because(root ? "it has no list 'manifests'" : root.error().what);
  }
  return root;
}

Error make_error(const fs::path& path, const std::error_code& code) {
  return system_error("making the folder '" + path.string() + "'", code.value());
}

std::string known_tags(const Index& index) {
  std::vector<std::string> tags;
  for (const auto& entry : index.manifests) {
    if (const auto tag = entry.annotations.find(std::string(k_ref_name)); tag != entry.annotations.end()) {
      tags.push_back(tag->second);
    }
  }
  if (tags.empty()) return "it holds no tag";
  const auto more = tags.size() > 8 ? ", … (" + std::to_string(tags.size()) + " in all)" : std::string();
  tags.resize(std::min<std::size_t>(tags.size(), 8));
  return "it holds " + join(tags, ", ") + more;
}

}  // namespace

Result<Layout> Layout::open(const fs::path& directory) {
  std::error_code code;
  if (!fs::is_directory(directory, code)) return no_layout(directory, "there is no such folder");
  MLK_CHECK(check_version(directory));
  return Layout(directory);
}

Result<Layout> Layout::open_or_create(const fs::path& directory) {
  std::error_code code;
  if (fs::exists(directory / "oci-layout", code)) return open(directory);
  if (fs::exists(directory, code)) {
    if (!fs::is_directory(directory, code)) return no_layout(directory, "it is a file");
    // Two processes may create the same layout at once: what the other one has begun is no reason to refuse.
    for (const auto& entry : fs::directory_iterator(directory, code)) {
      const auto name = entry.path().filename().string();
      if (name != "blobs" && name != "index.json" && !name.starts_with("index.json") &&
          !name.starts_with("oci-layout")) {
        return Error(ErrorKind::usage, "'" + directory.string() + "' can't become an image layout")
            .because("it holds other files, such as '" + name + "'")
            .fixed_by("name a new folder, or one that is empty");
      }
    }
  }
  fs::create_directories(directory / "blobs" / "sha256", code);
  if (code) return make_error(directory, code);
  MLK_TRY(const IndexLock lock, IndexLock::take(directory));
  if (!fs::exists(directory / "index.json", code)) {
    MLK_CHECK(write_file(directory / "index.json", write_index({})));
  }
  // Last: from here on it is a layout.
  if (!fs::exists(directory / "oci-layout", code)) MLK_CHECK(write_file(directory / "oci-layout", k_layout_text));
  return Layout(directory);
}

fs::path Layout::blob_path(const Digest& digest) const {
  return m_directory / "blobs" / "sha256" / std::string(digest.hex());
}

bool Layout::has_blob(const Descriptor& descriptor) const {
  std::error_code code;
  const auto size = fs::file_size(blob_path(descriptor.digest), code);
  return !code && size == descriptor.size;
}

Result<Digest> Layout::put_blob(std::string_view content) const {
  MLK_TRY(auto writer, begin_blob(content.size()));
  MLK_CHECK(writer.write(std::as_bytes(std::span(content))));
  return writer.commit();
}

Result<std::string> Layout::read_blob(const Descriptor& descriptor, std::size_t limit) const {
  if (descriptor.size > limit) {
    return Error(ErrorKind::failed, "blob " + descriptor.digest.text() + " is too large to be read into memory")
        .because("it has " + std::to_string(descriptor.size) + " bytes, and " + std::to_string(limit) + " are allowed");
  }
  const auto path = blob_path(descriptor.digest);
  auto text = read_file(path, limit);
  if (!text) return std::move(text).error().within("reading a blob of the layout '" + m_directory.string() + "'");
  if (Digest::of(*text) != descriptor.digest) {
    return Error(ErrorKind::failed, "'" + path.string() + "' is damaged")
        .because("its bytes have " + Digest::of(*text).text())
        .fixed_by("remove that file and write the image again");
  }
  return text;
}

Result<Index> Layout::index() const {
  MLK_TRY(const std::string text, read_file(m_directory / "index.json"));
  auto index = parse_index(text);
  if (!index) return std::move(index).error().within("reading '" + (m_directory / "index.json").string() + "'");
  return index;
}

Result<Descriptor> Layout::resolve(std::string_view tag, std::string_view digest) const {
  MLK_TRY(const Index found, index());
  const auto is_meant = [&](const Descriptor& entry) {
    if (!digest.empty()) return entry.digest.text() == digest;
    const auto name = entry.annotations.find(std::string(k_ref_name));
    if (tag.empty() || name == entry.annotations.end()) return false;
    return tag.ends_with(':') ? name->second.starts_with(tag) : name->second == tag;
  };
  // set_tag appends, so the newest stands last.
  const auto match = std::find_if(found.manifests.rbegin(), found.manifests.rend(), is_meant);
  if (match != found.manifests.rend()) return *match;
  const auto place = "the layout '" + m_directory.string() + "'";
  if (digest.empty() && tag.empty()) {
    if (found.manifests.size() == 1) return found.manifests.front();
    return Error(ErrorKind::usage, "which image of " + place + " is meant isn't clear")
        .because(known_tags(found))
        .fixed_by("name one: oci:" + m_directory.string() + ":TAG");
  }
  std::vector<std::string> names;
  for (const auto& entry : found.manifests) {
    if (const auto name = entry.annotations.find(std::string(k_ref_name)); name != entry.annotations.end()) {
      names.push_back(name->second);
    }
  }
  auto asked = std::string(digest.empty() ? tag : digest);
  if (asked.ends_with(':')) asked.pop_back();
  return Error(ErrorKind::not_found, "there is no image '" + asked + "' in " + place + did_you_mean(asked, names))
      .because(known_tags(found))
      .fixed_by("list them with 'mlk model list oci:" + m_directory.string() + "'");
}

Result<void> Layout::set_tag(const Descriptor& manifest, std::string_view tag) const {
  MLK_TRY(const IndexLock lock, IndexLock::take(m_directory));
  // Worked on as a tree, so that what other programs wrote into the index stays.
  MLK_TRY(Node root, read_index_node(m_directory));
  Node kept = Node::sequence();
  for (const auto& entry : root["manifests"].items()) {
    const bool has_tag = entry["annotations"][k_ref_name].string_or() == tag;
    const bool is_untagged_self =
        entry["digest"].string_or() == manifest.digest.text() && entry["annotations"].find(k_ref_name) == nullptr;
    if (!has_tag && !is_untagged_self) kept.push_back(entry);
  }
  Node added = Node::mapping();
  added.set("mediaType", manifest.media_type);
  added.set("digest", manifest.digest.text());
  added.set("size", static_cast<std::int64_t>(manifest.size));
  added.set("annotations", Node::mapping({{k_ref_name, tag}}));
  kept.push_back(std::move(added));
  root.set("manifests", std::move(kept));
  return write_file(m_directory / "index.json", document::write_json(root, 0));
}

}  // namespace mlk::oci
