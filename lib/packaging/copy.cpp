#include "store.hpp"
#include "workers.hpp"

#include <mlk/packaging/image.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace mlk::packaging {

namespace {

using Kind = oci::TransferEvent::Kind;

/// Everything that an image is made of.
struct Contents {
  std::vector<oci::Document> manifests;  // those below an index first, the one that was asked for last
  std::vector<oci::Descriptor> blobs;    // each once
};

Result<void> collect(Store& store, oci::Document document, int depth, std::set<std::string>& seen, Contents& out) {
  if (depth > 4)
    return Error(ErrorKind::failed, "the image can't be copied").because("its indexes are nested too deep");
  if (oci::is_index(document.descriptor.media_type)) {
    MLK_TRY(const auto index, oci::parse_index(document.bytes));
    for (const auto& entry : index.manifests) {
      if (!seen.insert(entry.digest.text()).second) continue;
      MLK_TRY(auto below, store.fetch_manifest(entry.digest.text()));
      below.descriptor.media_type = entry.media_type;
      MLK_CHECK(collect(store, std::move(below), depth + 1, seen, out));
    }
  } else {
    MLK_TRY(const auto manifest, oci::parse_manifest(document.bytes));
    for (const auto& layer : manifest.layers) {
      if (seen.insert(layer.digest.text()).second) out.blobs.push_back(layer);
    }
    if (seen.insert(manifest.config.digest.text()).second) out.blobs.push_back(manifest.config);
  }
  out.manifests.push_back(std::move(document));
  return {};
}

std::string title_of(const oci::Descriptor& blob) {
  for (const auto* key : {"dev.mlk.layer.title", "org.opencontainers.image.title"}) {
    if (const auto title = blob.annotations.find(key); title != blob.annotations.end()) return title->second;
  }
  return blob.digest.short_hex();
}

/// The stores of one thread.
struct Pair {
  std::unique_ptr<Store> from;
  std::unique_ptr<Store> to;
};

Result<MovedLayer> move_blob(Pair& pair, const oci::Descriptor& blob, std::size_t item, const oci::Progress& progress) {
  MovedLayer out{title_of(blob), blob, false};
  MLK_TRY(out.was_there, pair.to->has_blob(blob));
  if (!out.was_there) {
    const auto told = [&](std::int64_t bytes) {
      if (progress) progress({Kind::moved, item, out.title, bytes, false});
    };
    MLK_TRY(const auto source, pair.from->open_blob(blob, {}));
    MLK_CHECK(pair.to->put_known(blob.digest, *source, told));
  }
  if (progress) progress({Kind::finished, item, out.title, 0, out.was_there});
  return out;
}

}  // namespace

Result<MovedImage> copy_image(const oci::Reference& from, const oci::Reference& to, const Transport& transport) {
  MLK_TRY(const auto source, open_store(from, transport, transport.stop, false));
  MLK_TRY(auto document, source->fetch_manifest(""));
  if (!to.digest.empty() && to.digest != document.descriptor.digest.text()) {
    return Error(ErrorKind::usage, "'" + to.text() + "' can't be the target")
        .because("the image's digest is " + document.descriptor.digest.text() + " and stays so")
        .fixed_by("name the target by a tag, or leave both out");
  }
  MovedImage out;
  out.manifest = document;
  Contents contents;
  std::set<std::string> seen;
  MLK_CHECK(collect(*source, std::move(document), 0, seen, contents));
  if (transport.progress) {
    for (std::size_t i = 0; i < contents.blobs.size(); ++i) {
      const auto& blob = contents.blobs[i];
      transport.progress({Kind::planned, i, title_of(blob), static_cast<std::int64_t>(blob.size), false});
    }
  }
  out.layers.resize(contents.blobs.size());
  const auto open = [&](const std::stop_token& stop) -> Result<Job> {
    auto pair = std::make_shared<Pair>();
    MLK_TRY(pair->from, open_store(from, transport, stop, false));
    MLK_TRY(pair->to, open_store(to, transport, stop, true));
    return Job([&, pair](std::size_t at) -> Result<void> {
      MLK_TRY(out.layers[at], move_blob(*pair, contents.blobs[at], at, transport.progress));
      return {};
    });
  };
  MLK_CHECK(do_in_parallel(contents.blobs.size(), transport.workers, open, transport.stop));
  for (const auto& layer : out.layers) {
    out.size += layer.descriptor.size;
    if (!layer.was_there) out.moved += layer.descriptor.size;
  }
  auto target = to;
  if (target.tag.empty() && target.digest.empty()) {
    target.tag = from.home == to.home && !from.tag.empty() ? from.tag : out.manifest.descriptor.digest.short_hex();
  }
  MLK_TRY(const auto store, open_store(target, transport, transport.stop, true));
  for (std::size_t i = 0; i < contents.manifests.size(); ++i) {
    const bool is_last = i + 1 == contents.manifests.size();
    MLK_CHECK(store->put_manifest(contents.manifests[i], is_last ? target.tag : std::string()));
  }
  target.digest = out.manifest.descriptor.digest.text();
  out.targets.push_back(std::move(target));
  return out;
}

}  // namespace mlk::packaging
