#include "store.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/packaging/image.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace mlk::packaging {

Result<ImageSummary> inspect_image(const oci::Reference& reference, const Transport& transport) {
  MLK_TRY(const auto store, open_store(reference, transport, transport.stop, false));
  MLK_TRY(auto document, store->fetch_manifest(""));
  ImageSummary out;
  out.reference = reference;
  out.descriptor = document.descriptor;
  if (oci::is_index(document.descriptor.media_type)) {
    MLK_TRY(const auto index, oci::parse_index(document.bytes));
    if (index.manifests.empty()) {
      return Error(ErrorKind::failed, "'" + reference.text() + "' has no content").because("its index is empty");
    }
    MLK_TRY(document, store->fetch_manifest(index.manifests.front().digest.text()));
  }
  MLK_TRY(out.manifest, oci::parse_manifest(document.bytes));
  if (out.manifest.config.media_type == oci::media::k_config) {
    MLK_TRY(const auto text, store->read_blob(out.manifest.config));
    const auto config = document::read_json(text);
    if (config) out.platform = (*config)["os"].string_or() + "/" + (*config)["architecture"].string_or();
  }
  return out;
}

Result<std::vector<ListedImage>> list_images(const oci::Reference& where, const Transport& transport) {
  MLK_TRY(const auto store, open_store(where, transport, transport.stop, false));
  MLK_TRY(auto out, store->list());
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return std::tie(a.tag, a.digest) < std::tie(b.tag, b.digest); });
  return out;
}

Result<oci::Descriptor> tag_image(const oci::Reference& image, const std::string& tag, const Transport& transport) {
  MLK_TRY(const auto store, open_store(image, transport, transport.stop, false));
  MLK_TRY(const auto document, store->fetch_manifest(""));
  MLK_CHECK(store->put_manifest(document, tag));
  return document.descriptor;
}

oci::Reference in_layout(const std::filesystem::path& directory, const oci::Reference& name) {
  oci::Reference out;
  out.home = oci::Home::layout;
  out.directory = directory.string();
  out.tag = name.name() + ":" + name.tag;
  out.digest = name.digest;
  return out;
}

}  // namespace mlk::packaging
