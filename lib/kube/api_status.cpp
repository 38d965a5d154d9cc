#include "api_status.hpp"

#include "proto_read.hpp"

#include <mlk/document/reader.hpp>

namespace mlk::kube {
namespace {

using protozero::pbf_reader;

ApiStatus::Cause read_cause(pbf_reader cause) {
  ApiStatus::Cause out;
  while (cause.next()) {
    switch (cause.tag()) {
      case 1:
        out.reason = proto::text(cause);
        break;
      case 2:
        out.message = proto::text(cause);
        break;
      case 3:
        out.field = proto::text(cause);
        break;
      default:
        cause.skip();
    }
  }
  return out;
}

void read_details(pbf_reader details, ApiStatus& status) {
  while (details.next()) {
    switch (details.tag()) {
      case 1:
        status.name = proto::text(details);
        break;
      case 3:
        status.kind = proto::text(details);
        break;
      case 4:
        status.causes.push_back(read_cause(details.get_message()));
        break;
      default:
        details.skip();
    }
  }
}

ApiStatus read_status_message(pbf_reader message) {
  ApiStatus status;
  status.is_status = true;
  while (message.next()) {
    switch (message.tag()) {
      case 3:
        status.message = proto::text(message);
        break;
      case 4:
        status.reason = proto::text(message);
        break;
      case 5:
        read_details(message.get_message(), status);
        break;
      case 6:
        status.code = message.get_int32();
        break;
      default:
        message.skip();
    }
  }
  return status;
}

/// Whether an envelope's type is a Status.
bool names_status(pbf_reader type) {
  while (type.next()) {
    if (type.tag() == 2) return proto::text(type) == "Status";
    type.skip();
  }
  return false;
}

ApiStatus from_protobuf(std::string_view body) {
  try {
    pbf_reader unknown(body.data() + 4, body.size() - 4);
    bool is_status = false;
    while (unknown.next()) {
      if (unknown.tag() == 1) {
        is_status = names_status(unknown.get_message());
      } else if (unknown.tag() == 2 && is_status) {
        return read_status_message(unknown.get_message());
      } else {
        unknown.skip();
      }
    }
  } catch (const protozero::exception&) {
    // Not a status then: the caller reports what it got.
  }
  return {};
}

ApiStatus from_json(std::string_view body) {
  const auto json = document::read_json(body);
  if (!json || (*json)["kind"].string_or() != "Status") return {};
  ApiStatus status;
  status.is_status = true;
  status.message = (*json)["message"].string_or();
  status.reason = (*json)["reason"].string_or();
  status.code = (*json)["code"].int_or(0);
  const auto& details = (*json)["details"];
  status.name = details["name"].string_or();
  status.kind = details["kind"].string_or();
  for (const auto& cause : details["causes"].items()) {
    status.causes.push_back({cause["reason"].string_or(), cause["message"].string_or(), cause["field"].string_or()});
  }
  return status;
}

}  // namespace

ApiStatus read_api_status(std::string_view body) {
  if (body.substr(0, 4) == std::string_view("k8s\0", 4)) return from_protobuf(body);
  if (!body.empty() && body.front() == '{') return from_json(body);
  return {};
}

}  // namespace mlk::kube
