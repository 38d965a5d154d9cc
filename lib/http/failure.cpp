#include "transfer_state.hpp"

#include <mlk/http/retry.hpp>

#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace mlk::http::detail {
namespace {

template <class T>
T info(const TransferState& transfer, CURLINFO what) {
  T value{};
  transfer.curl.easy_getinfo(transfer.easy.get(), what, &value);
  return value;
}

/// "host:port", also where the port wasn't written.
std::string target_of(const TransferState& transfer) {
  Url url = transfer.url;
  url.has_port = true;
  return url.authority();
}

/// What curl says, or what the code means; only for failures whose messages hold no URL.
std::string message_of(const TransferState& transfer, CURLcode code) {
  const std::string_view message = transfer.message.data();
  return std::string(message.empty() ? transfer.curl.easy_strerror(code) : message);
}

bool says(const TransferState& transfer, std::string_view part) {
  return std::string_view(transfer.message.data()).find(part) != std::string_view::npos;
}

std::string system_reason(const TransferState& transfer, std::string otherwise) {
  const long number = info<long>(transfer, CURLINFO_OS_ERRNO);
  return number != 0 ? std::generic_category().message(static_cast<int>(number)) : std::move(otherwise);
}

Error unavailable(std::string what, std::string why) {
  return Error(ErrorKind::unavailable, std::move(what)).because(std::move(why));
}

Error not_connected(const TransferState& transfer, CURLcode code) {
  auto error = unavailable(fmt::format("can't connect to '{}'", target_of(transfer)),
                           system_reason(transfer, transfer.curl.easy_strerror(code)));
  return std::move(error)
      .fixed_by("check the address, and that the server runs and can be reached from here")
      .coded(std::string(k_not_connected));
}

Error timed_out(const TransferState& transfer) {
  const Timeouts& timeouts = transfer.request.timeouts;
  const auto spent = std::chrono::steady_clock::now() - transfer.started;
  if (!transfer.is_connected && !(timeouts.whole.count() > 0 && spent >= timeouts.whole)) {
    return unavailable(fmt::format("can't connect to '{}'", target_of(transfer)),
                       fmt::format("no connection within {}", format_duration(timeouts.connect)))
        .fixed_by("check the address, and that the server runs and can be reached from here")
        .coded(std::string(k_not_connected));
  }
  return Error(ErrorKind::timed_out,
               fmt::format("'{}' didn't answer within {}", target_of(transfer), format_duration(timeouts.whole)))
      .because(transfer.is_connected ? "the connection stands, but the answer isn't complete"
                                     : "there was no connection yet")
      .fixed_by("try again, or allow more time");
}

Error untrusted(const TransferState& transfer, CURLcode code) {
  Error error(ErrorKind::auth, fmt::format("can't trust the certificate of '{}'", target_of(transfer)));
  const long verdict = info<long>(transfer, CURLINFO_SSL_VERIFYRESULT);
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      error.why = "it has expired";
      error.fix = "renew the server's certificate, and check this machine's clock";
      return error;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      error.why = "it isn't valid yet";
      error.fix = "check this machine's clock";
      return error;
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:  // the chain was never judged, or judged good: the name is what is wrong
      error.why = fmt::format("it isn't issued for '{}'",
                              transfer.request.identity && !transfer.request.identity->tls.server_name.empty()
                                  ? transfer.request.identity->tls.server_name
                                  : transfer.url.host);
      error.fix = "use a name that the certificate holds, as the address or as tls-server-name";
      if (!says(transfer, "subject name") && !says(transfer, "does not match")) error.why = message_of(transfer, code);
      return error;
    default:
      error.why = fmt::format("no trusted authority signed it ({})", ::X509_verify_cert_error_string(verdict));
      error.fix = "add the authority's certificate to the system's or to the cluster's configuration";
      return error;
  }
}

/// What the other side says when our certificate is missing or refused; in TLS 1.3 it comes after the handshake.
bool is_certificate_refused(const TransferState& transfer) {
  for (const char* alert : {"alert bad certificate", "alert certificate", "alert unknown ca", "alert access denied",
                            "alert unsupported certificate", "alert handshake failure"}) {
    if (says(transfer, alert)) return true;
  }
  return false;
}

Error certificate_refused(const TransferState& transfer) {
  return Error(ErrorKind::auth, fmt::format("'{}' refuses our certificate", target_of(transfer)))
      .because("it asked for a client certificate and didn't accept ours, or got none")
      .fixed_by("check that the client certificate is this server's and hasn't expired");
}

Error forged(const TransferState& transfer) {
  return Error(ErrorKind::auth, fmt::format("can't trust the certificate of '{}'", target_of(transfer)))
      .because("an authority of that name is trusted, but it has another key")
      .fixed_by("fetch the configuration anew: the server was probably set up again");
}

Error handshake_failed(const TransferState& transfer, CURLcode code) {
  if (is_certificate_refused(transfer)) return certificate_refused(transfer);
  // A chain whose signature doesn't fit ends in whatever the cryptography says, and curl doesn't tell that it verified.
  for (const char* part : {"asn1 encoding routines", "rsa routines", "bad signature", "signature failure"}) {
    if (says(transfer, part)) return forged(transfer);
  }
  if (says(transfer, "wrong version number") || says(transfer, "packet length too long")) {
    return Error(ErrorKind::failed, fmt::format("'{}' doesn't speak TLS", target_of(transfer)))
        .because("it answered https with something else")
        .fixed_by("use http:// if the server has no TLS, or check the port");
  }
  return unavailable(fmt::format("can't agree on TLS with '{}'", target_of(transfer)), message_of(transfer, code));
}

Error connection_lost(const TransferState& transfer, CURLcode code) {
  if (is_certificate_refused(transfer)) return certificate_refused(transfer);
  const long proxy_status = info<long>(transfer, CURLINFO_HTTP_CONNECTCODE);
  if (!transfer.is_connected && proxy_status >= 300) {
    return Error(proxy_status == 407 ? ErrorKind::auth : ErrorKind::unavailable,
                 fmt::format("the proxy doesn't connect us to '{}'", target_of(transfer)))
        .because(fmt::format("it answered {}", proxy_status))
        .fixed_by("check the proxy's address and credentials, or name the host in NO_PROXY");
  }
  return unavailable(fmt::format("lost the connection to '{}'", target_of(transfer)),
                     system_reason(transfer, transfer.curl.easy_strerror(code)));
}

Error explain_proxy(const TransferState& transfer, CURLcode code) {
  // curl's own message may quote the proxy's URL with its password.
  return unavailable(fmt::format("can't reach the proxy on the way to '{}'", target_of(transfer)),
                     transfer.curl.easy_strerror(code))
      .fixed_by("check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY or the proxy-url, or name the host in NO_PROXY");
}

Error bad_client_certificate(const TransferState& transfer, CURLcode code) {
  return Error(ErrorKind::auth, fmt::format("can't use the client certificate for '{}'", target_of(transfer)))
      .because(message_of(transfer, code))
      .fixed_by("check that certificate and key are PEM, belong together, and that the key isn't encrypted");
}

Error bad_authorities(const TransferState& transfer, CURLcode code) {
  return Error(ErrorKind::auth, fmt::format("can't use the authorities' certificates for '{}'", target_of(transfer)))
      .because(message_of(transfer, code))
      .fixed_by("check that they are certificates in PEM form");
}

}  // namespace

Error stalled(const TransferState& transfer) {
  return unavailable(fmt::format("'{}' stopped answering", target_of(transfer)),
                     fmt::format("no byte went either way for {}", format_duration(transfer.request.timeouts.stall)))
      .fixed_by("try again")
      .coded(std::string(k_stalled));
}

Error explain(const TransferState& transfer, CURLcode code) {
  const std::string target = target_of(transfer);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return unavailable(fmt::format("can't find the host '{}'", transfer.url.host), "its name has no address")
          .fixed_by("check the name and the network's name service")
          .coded(std::string(k_not_connected));
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return explain_proxy(transfer, code);
    case CURLE_COULDNT_CONNECT:
      return not_connected(transfer, code);
    case CURLE_OPERATION_TIMEDOUT:
      return timed_out(transfer);
    case CURLE_PEER_FAILED_VERIFICATION:
      return untrusted(transfer, code);
    case CURLE_SSL_CONNECT_ERROR:
      return handshake_failed(transfer, code);
    case CURLE_SSL_CERTPROBLEM:
      return bad_client_certificate(transfer, code);
    case CURLE_SSL_CACERT_BADFILE:
      return bad_authorities(transfer, code);
    case CURLE_GOT_NOTHING:
      return unavailable(fmt::format("'{}' closed the connection", target), "it ended without an answer");
    case CURLE_PARTIAL_FILE:
      return unavailable(fmt::format("'{}' closed the connection", target), "the answer isn't complete");
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
      return connection_lost(transfer, code);
    case CURLE_SEND_FAIL_REWIND:
      return unavailable(fmt::format("lost the connection to '{}'", target), "the body can't be sent again");
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return unavailable(fmt::format("'{}' reset the request", target), message_of(transfer, code));
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Error(ErrorKind::failed, fmt::format("'{}' doesn't speak HTTP", target))
          .because(transfer.curl.easy_strerror(code))
          .fixed_by("check the address and the port");
    default:
      return Error(ErrorKind::failed, fmt::format("the request to '{}' failed", target))
          .because(transfer.curl.easy_strerror(code));
  }
}

}  // namespace mlk::http::detail
