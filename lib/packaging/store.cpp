#include "store.hpp"

#include <mlk/oci/layout.hpp>
#include <mlk/oci/registry.hpp>

#include <algorithm>
#include <utility>

namespace mlk::packaging {

namespace {

/// Copies a source into a writer.
Result<void> fill(oci::BlobWriter& writer, oci::BlobSource& source, const Store::Moved& moved,
                  const std::stop_token& stop) {
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::clamp<std::uint64_t>(source.size(), 1, oci::k_piece)));
  for (;;) {
    if (stop.stop_requested()) return interrupted("writing the image");
    MLK_TRY(const std::size_t count, source.read(buffer));
    if (count == 0) return {};
    MLK_CHECK(writer.write(std::span(buffer).first(count)));
    if (moved) moved(static_cast<std::int64_t>(count));
  }
}

class CountedSource final : public oci::BlobSource {
 public:
  CountedSource(std::unique_ptr<oci::BlobSource> source, Store::Moved moved)
      : m_source(std::move(source)), m_moved(std::move(moved)) {}
  std::uint64_t size() const override { return m_source->size(); }
  Result<std::size_t> read(std::span<std::byte> buffer) override {
    MLK_TRY(const std::size_t count, m_source->read(buffer));
    if (m_moved && count > 0) m_moved(static_cast<std::int64_t>(count));
    return count;
  }
  Result<void> rewind() override { return m_source->rewind(); }

 private:
  std::unique_ptr<oci::BlobSource> m_source;
  Store::Moved m_moved;
};

class LayoutStore final : public Store {
 public:
  LayoutStore(oci::Layout layout, oci::Reference reference, std::stop_token stop)
      : m_layout(std::move(layout)), m_reference(std::move(reference)), m_stop(std::move(stop)) {}

  Result<bool> has_blob(const oci::Descriptor& blob) override { return m_layout.has_blob(blob); }

  Result<oci::Digest> put_unknown(oci::BlobSource& source, const Moved& moved) override {
    MLK_TRY(auto writer, m_layout.begin_blob(source.size()));
    MLK_CHECK(fill(writer, source, moved, m_stop));
    return writer.commit();
  }

  Result<void> put_known(const oci::Digest& digest, oci::BlobSource& source, const Moved& moved) override {
    MLK_TRY(auto writer, m_layout.begin_blob(source.size()));
    MLK_CHECK(fill(writer, source, moved, m_stop));
    if (auto done = writer.commit(&digest); !done) return std::move(done).error();
    return {};
  }

  Result<std::unique_ptr<oci::BlobSource>> open_blob(const oci::Descriptor& blob, Moved moved) override {
    auto file = oci::file_source(m_layout.blob_path(blob.digest));
    if (!file) {
      return std::move(file).error().within("reading a blob of the layout '" + m_layout.directory().string() + "'");
    }
    auto verified = oci::verified_source(*std::move(file), blob.digest, blob.size);
    return std::unique_ptr<oci::BlobSource>(std::make_unique<CountedSource>(std::move(verified), std::move(moved)));
  }

  Result<std::string> read_blob(const oci::Descriptor& blob) override { return m_layout.read_blob(blob); }

  Result<oci::Document> fetch_manifest(const std::string& wanted) override {
    oci::Descriptor found;
    if (wanted.empty()) {
      MLK_TRY(found, m_layout.resolve(m_reference.tag, m_reference.digest));
    } else {
      // A manifest below an index stands in no index.json: it is found as the blob that it is.
      MLK_TRY(found.digest, oci::Digest::parse(wanted));
      std::error_code code;
      found.size = std::filesystem::file_size(m_layout.blob_path(found.digest), code);
      if (code) return system_error("reading '" + m_layout.blob_path(found.digest).string() + "'", code.value());
    }
    MLK_TRY(auto bytes, m_layout.read_blob(found));
    return oci::Document{std::move(found), std::move(bytes)};
  }

  Result<void> put_manifest(const oci::Document& manifest, const std::string& tag) override {
    if (auto digest = m_layout.put_blob(manifest.bytes); !digest) return std::move(digest).error();
    return tag.empty() ? Result<void>() : m_layout.set_tag(manifest.descriptor, tag);
  }

  Result<std::vector<ListedImage>> list() override {
    MLK_TRY(const auto index, m_layout.index());
    std::vector<ListedImage> out;
    for (const auto& entry : index.manifests) {
      ListedImage image;
      if (const auto name = entry.annotations.find("org.opencontainers.image.ref.name");
          name != entry.annotations.end()) {
        image.tag = name->second;
      }
      image.digest = entry.digest;
      image.size = content_size(entry);
      out.push_back(std::move(image));
    }
    return out;
  }

 private:
  std::optional<std::uint64_t> content_size(const oci::Descriptor& entry) const {
    const auto bytes = m_layout.read_blob(entry);
    const auto manifest = bytes ? oci::parse_manifest(*bytes) : Result<oci::Manifest>(bytes.error());
    return manifest ? std::optional(manifest->content_size()) : std::nullopt;
  }

  oci::Layout m_layout;
  oci::Reference m_reference;
  std::stop_token m_stop;
};

class RegistryStore final : public Store {
 public:
  RegistryStore(oci::RegistryClient client, oci::Reference reference, std::stop_token stop)
      : m_client(std::move(client)), m_reference(std::move(reference)), m_stop(std::move(stop)) {}

  Result<bool> has_blob(const oci::Descriptor& blob) override {
    return m_client.has_blob(m_reference.repository, blob, m_stop);
  }
  Result<oci::Digest> put_unknown(oci::BlobSource& source, const Moved& moved) override {
    return m_client.push_blob_hashing(m_reference.repository, source, moved, m_stop);
  }
  Result<void> put_known(const oci::Digest& digest, oci::BlobSource& source, const Moved& moved) override {
    return m_client.push_blob(m_reference.repository, digest, source, moved, m_stop);
  }
  Result<std::unique_ptr<oci::BlobSource>> open_blob(const oci::Descriptor& blob, Moved moved) override {
    return m_client.open_blob(m_reference.repository, blob, std::move(moved), m_stop);
  }
  Result<std::string> read_blob(const oci::Descriptor& blob) override {
    return m_client.fetch_small_blob(m_reference.repository, blob, oci::k_manifest_limit, m_stop);
  }
  Result<oci::Document> fetch_manifest(const std::string& wanted) override {
    return m_client.fetch_manifest(m_reference.repository, wanted.empty() ? m_reference.wanted() : wanted, m_stop);
  }
  Result<void> put_manifest(const oci::Document& manifest, const std::string& tag) override {
    return m_client.put_manifest(m_reference.repository, tag.empty() ? manifest.descriptor.digest.text() : tag,
                                 manifest, m_stop);
  }
  Result<std::vector<ListedImage>> list() override {
    MLK_TRY(const auto tags, m_client.tags(m_reference.repository, m_stop));
    std::vector<ListedImage> out;
    out.reserve(tags.size());
    for (const auto& tag : tags) out.push_back({m_reference.name() + ":" + tag, tag, {}, std::nullopt});
    return out;
  }

 private:
  oci::RegistryClient m_client;
  oci::Reference m_reference;
  std::stop_token m_stop;
};

}  // namespace

Result<std::unique_ptr<Store>> open_store(const oci::Reference& reference, const Transport& transport,
                                          const std::stop_token& stop, bool is_written) {
  if (reference.home == oci::Home::layout) {
    MLK_TRY(auto layout,
            is_written ? oci::Layout::open_or_create(reference.directory) : oci::Layout::open(reference.directory));
    return std::unique_ptr<Store>(std::make_unique<LayoutStore>(std::move(layout), reference, stop));
  }
  oci::RegistryClient client(reference.registry, transport.auth, *transport.clock, transport.registry);
  return std::unique_ptr<Store>(std::make_unique<RegistryStore>(std::move(client), reference, stop));
}

}  // namespace mlk::packaging
