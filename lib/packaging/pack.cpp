#include "digest_cache.hpp"
#include "store.hpp"
#include "workers.hpp"

#include <mlk/oci/layout.hpp>
#include <mlk/packaging/image.hpp>

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace mlk::packaging {

namespace {

using oci::Reference;
using Kind = oci::TransferEvent::Kind;

Result<void> check_targets(const std::vector<Reference>& targets) {
  if (targets.empty()) return Error(ErrorKind::usage, "there is no target to pack into").fixed_by("name one with -t");
  for (const auto& target : targets) {
    if (!target.digest.empty()) {
      return Error(ErrorKind::usage, "'" + target.text() + "' can't be a target")
          .because("an image's digest comes from its content and can't be chosen")
          .fixed_by("name it by a tag: " + target.name() + ":TAG");
    }
  }
  return {};
}

/// Puts layers into all targets; one object a thread.
class LayerPacker {
 public:
  static Result<LayerPacker> open(const std::vector<Reference>& targets, const Transport& transport,
                                  const std::stop_token& stop) {
    LayerPacker packer(transport);
    for (const auto& target : targets) {
      MLK_TRY(auto store, open_store(target, transport, stop, true));
      packer.m_stores.push_back(std::move(store));
    }
    return packer;
  }

  Result<MovedLayer> pack(const PlannedLayer& layer, std::int64_t mtime, std::size_t item) {
    const auto told = [this, item, &layer](std::int64_t bytes) {
      tell({Kind::moved, item, layer.title, bytes, false});
    };
    const auto key = m_cache.key(layer.files, mtime, m_transport->clock->system());
    oci::LayerStream stream(layer.files, mtime);
    MovedLayer out;
    out.title = layer.title;
    out.was_there = true;
    out.descriptor.media_type = std::string(oci::media::k_layer_tar);
    out.descriptor.size = stream.size();
    out.descriptor.annotations["dev.mlk.layer.title"] = layer.title;
    std::size_t first = 0;
    if (const auto known = m_cache.find(key)) {
      out.descriptor.digest = *known;
    } else {
      MLK_TRY(out.descriptor.digest, m_stores.front()->put_unknown(stream, told));
      out.was_there = false;
      first = 1;
    }
    for (auto at = first; at < m_stores.size(); ++at) {
      MLK_TRY(const bool is_there, m_stores[at]->has_blob(out.descriptor));
      if (is_there) continue;
      MLK_CHECK(stream.rewind());
      if (auto put = m_stores[at]->put_known(out.descriptor.digest, stream, told); !put) {
        // What was remembered may be what is wrong: the next run reads the files again.
        m_cache.forget(key);
        return std::move(put).error();
      }
      out.was_there = false;
    }
    m_cache.remember(key, out.descriptor.digest);
    tell({Kind::finished, item, layer.title, 0, out.was_there});
    return out;
  }

 private:
  explicit LayerPacker(const Transport& transport) : m_transport(&transport), m_cache(transport.digest_cache) {}

  void tell(const oci::TransferEvent& event) const {
    if (m_transport->progress) m_transport->progress(event);
  }

  const Transport* m_transport;
  DigestCache m_cache;
  std::vector<std::unique_ptr<Store>> m_stores;
};

Result<std::vector<MovedLayer>> pack_layers(const PackPlan& plan, const std::vector<Reference>& targets,
                                            const Transport& transport) {
  // The largest first, so that no thread is left alone with one at the end.
  std::vector<std::size_t> order(plan.layers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return plan.layers[a].size > plan.layers[b].size; });
  if (transport.progress) {
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
      const auto& layer = plan.layers[i];
      transport.progress(
          {Kind::planned, i, layer.title, static_cast<std::int64_t>(layer.size * targets.size()), false});
    }
  }
  std::vector<MovedLayer> out(plan.layers.size());
  MLK_CHECK(do_in_parallel(
      order.size(), transport.workers,
      [&](const std::stop_token& stop) -> Result<Job> {
        MLK_TRY(auto opened, LayerPacker::open(targets, transport, stop));
        auto packer = std::make_shared<LayerPacker>(std::move(opened));
        return Job([&, packer](std::size_t at) -> Result<void> {
          const auto item = order[at];
          auto moved = packer->pack(plan.layers[item], plan.mtime, item);
          if (!moved) return std::move(moved).error().within("packing '" + plan.layers[item].title + "'");
          out[item] = *std::move(moved);
          return {};
        });
      },
      transport.stop));
  return out;
}

oci::Document document_of(std::string_view media_type, std::string bytes) {
  oci::Document out;
  out.descriptor.media_type = std::string(media_type);
  out.descriptor.digest = oci::Digest::of(bytes);
  out.descriptor.size = bytes.size();
  out.bytes = std::move(bytes);
  return out;
}

}  // namespace

Result<MovedImage> pack(const model::Folder& folder, const PackPlan& plan, std::vector<Reference> targets,
                        const Transport& transport) {
  MLK_CHECK(check_targets(targets));
  MovedImage out;
  MLK_TRY(out.layers, pack_layers(plan, targets, transport));
  oci::Manifest manifest;
  std::vector<oci::Digest> diff_ids;
  for (const auto& layer : out.layers) {
    diff_ids.push_back(layer.descriptor.digest);  // uncompressed: the layer's digest is its diff_id
    manifest.layers.push_back(layer.descriptor);
    if (!layer.was_there) out.moved += layer.descriptor.size;
  }
  const auto created = plan.mtime == 0 ? std::string() : format_rfc3339(SystemTime(std::chrono::seconds(plan.mtime)));
  const auto config = document_of(oci::media::k_config, oci::write_image_config(diff_ids, created));
  manifest.config = config.descriptor;
  out.size = manifest.content_size();
  manifest.annotations = describe_facts(folder.facts);
  out.manifest = document_of(manifest.media_type, oci::write_manifest(manifest));

  for (auto& target : targets) {
    MLK_TRY(auto store, open_store(target, transport, transport.stop, true));
    MLK_TRY(const bool has_config, store->has_blob(config.descriptor));
    if (!has_config) {
      const auto source = oci::text_source(config.bytes);
      MLK_CHECK(store->put_known(config.descriptor.digest, *source, {}));
    }
    if (target.tag.empty() || target.tag.ends_with(':')) target.tag += out.manifest.descriptor.digest.short_hex();
    MLK_CHECK(store->put_manifest(out.manifest, target.tag));
    target.digest = out.manifest.descriptor.digest.text();
  }
  out.targets = std::move(targets);
  return out;
}

}  // namespace mlk::packaging
