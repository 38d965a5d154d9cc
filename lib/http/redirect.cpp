#include "transfer_state.hpp"

#include <fmt/format.h>

namespace mlk::http::detail {
namespace {

bool is_redirect_status(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error not_followed(const TransferState& transfer, std::string why) {
  return Error(ErrorKind::failed,
               fmt::format("'{}' sends us elsewhere, and that isn't followed", transfer.url.authority()))
      .because(std::move(why));
}

/// What only the first server may see goes.
void forget_credentials(TransferState& transfer) {
  Request& request = transfer.request;
  for (const char* name : {"Authorization", "Cookie", "Host"}) request.headers.remove(name);
  for (const auto& name : request.private_headers) request.headers.remove(name);
  if (!request.identity) return;
  auto other = std::make_shared<Identity>(*request.identity);
  other->tls.cert_pem.clear();
  other->tls.key_pem.clear();
  other->tls.server_name.clear();
  request.identity = std::move(other);
}

Result<void> change_method(TransferState& transfer) {
  Request& request = transfer.request;
  const bool becomes_get =
      (transfer.status == 303 && request.method != "HEAD") || (transfer.status <= 302 && request.method == "POST");
  if (becomes_get) {
    request.method = "GET";
    request.body = std::monostate();
    for (const char* name : {"Content-Type", "Content-Length", "Content-Encoding"}) request.headers.remove(name);
    request.expect = Expect::automatic;
  } else if (auto* source = std::get_if<std::shared_ptr<BodySource>>(&request.body)) {
    MLK_CHECK((*source)->rewind());
  }
  return {};
}

}  // namespace

bool is_followed(const TransferState& transfer) {
  return transfer.is_header_over && transfer.request.max_redirects > 0 && is_redirect_status(transfer.status) &&
         transfer.answer.has("Location");
}

Result<void> follow_redirect(TransferState& transfer) {
  if (++transfer.redirects > transfer.request.max_redirects) {
    return not_followed(transfer, fmt::format("it was the redirect number {}, {} are allowed", transfer.redirects,
                                              transfer.request.max_redirects));
  }
  const std::string location(transfer.answer.get("Location").value_or(""));
  auto next = resolve(transfer.url, location);
  if (!next) return not_followed(transfer, next.error().what);
  if (transfer.url.scheme == "https" && next->scheme != "https") {
    return not_followed(transfer, fmt::format("'{}' isn't encrypted", next->origin()));
  }
  next->user_info = is_same_origin(transfer.url, *next) ? transfer.url.user_info : "";
  if (!is_same_origin(transfer.url, *next)) forget_credentials(transfer);
  MLK_CHECK(change_method(transfer));
  transfer.url = *std::move(next);
  transfer.answer.clear();
  transfer.status = 0;
  transfer.is_header_over = false;
  return {};
}

}  // namespace mlk::http::detail
