#include "proto.hpp"

#include "proto_read.hpp"

#include <fmt/format.h>
#include <protozero/exception.hpp>

namespace mlk::kube::proto {
namespace {

using protozero::pbf_reader;

constexpr std::string_view k_magic("k8s\0", 4);

Error broken(std::string_view what) {
  return Error(ErrorKind::unavailable, fmt::format("the API server's answer can't be decoded: {}", what))
      .because("it isn't the protobuf that was asked for, or it was cut off")
      .fixed_by("try again; a proxy in between may have changed the answer")
      .coded("kube-unexpected-answer");
}

std::string_view view(pbf_reader& reader) {
  const auto bytes = reader.get_view();
  return {bytes.data(), bytes.size()};
}

std::string_view unwrap(std::string_view body) {
  pbf_reader unknown(body.data() + k_magic.size(), body.size() - k_magic.size());
  std::string_view raw;
  while (unknown.next()) {
    if (unknown.tag() == 2) {
      raw = view(unknown);
    } else {
      unknown.skip();
    }
  }
  return raw;
}

void read_list_meta(pbf_reader meta, Page& page) {
  while (meta.next()) {
    switch (meta.tag()) {
      case 2:
        page.resource_version = text(meta);
        break;
      case 3:
        page.continue_token = text(meta);
        break;
      default:
        meta.skip();
    }
  }
}

template <class T, class Read>
Result<T> decode(std::string_view item, Read read) {
  try {
    return read(pbf_reader(item.data(), item.size()));
  } catch (const protozero::exception& e) {
    return broken(e.what());
  }
}

}  // namespace

Result<Page> open_page(std::string_view body) {
  if (body.substr(0, k_magic.size()) != k_magic) return broken("it doesn't begin as protobuf does");
  try {
    const std::string_view raw = unwrap(body);
    Page page;
    pbf_reader list(raw.data(), raw.size());
    while (list.next()) {
      switch (list.tag()) {
        case 1:
          read_list_meta(list.get_message(), page);
          break;
        case 2:
          page.items.push_back(view(list));
          break;
        default:
          list.skip();
      }
    }
    return page;
  } catch (const protozero::exception& e) {
    return broken(e.what());
  }
}

Result<ObjectMeta> decode_metadata(std::string_view item) {
  return decode<ObjectMeta>(item, [](pbf_reader object) {
    ObjectMeta meta;
    while (object.next()) {
      if (object.tag() == 1) {
        meta = read_meta(object.get_message());
      } else {
        object.skip();
      }
    }
    return meta;
  });
}

Result<Job> decode_job(std::string_view item) { return decode<Job>(item, read_job); }
Result<Pod> decode_pod(std::string_view item) { return decode<Pod>(item, read_pod); }
Result<Node> decode_node(std::string_view item) { return decode<Node>(item, read_node); }

}  // namespace mlk::kube::proto
