#include "transfer_state.hpp"
#include "trust.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mlk::http::detail {
namespace {

constexpr const char* k_user_agent = "mlk/" MLK_VERSION;
constexpr long k_keepalive_idle_s = 30;
constexpr long k_keepalive_interval_s = 15;
constexpr std::uint64_t k_unasked_body = std::uint64_t{1} << 20;
constexpr long k_upload_buffer = 256L << 10;
constexpr long k_download_buffer = 128L << 10;

/// Sets options and remembers whether one was refused.
class Options {
 public:
  explicit Options(TransferState& transfer) : m_transfer(transfer) {}

  void number(CURLoption option, long value) { note(set(option, value)); }
  void large(CURLoption option, std::uint64_t value) { note(set(option, static_cast<curl_off_t>(value))); }
  void text(CURLoption option, const char* value) { note(set(option, value)); }
  void text(CURLoption option, const std::string& value) { note(set(option, value.c_str())); }
  void pointer(CURLoption option, void* value) { note(set(option, value)); }
  template <class Function>
  void function(CURLoption option, Function* value) {
    note(set(option, value));
  }
  /// The bytes are not copied: the request's identity outlives the transfer.
  void blob(CURLoption option, const std::string& bytes) {
    curl_blob blob{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_NOCOPY};
    note(set(option, &blob));
  }
  bool is_ok() const noexcept { return m_is_ok; }

 private:
  template <class T>
  CURLcode set(CURLoption option, T value) {
    return m_transfer.curl.easy_setopt(m_transfer.easy.get(), option, value);
  }
  void note(CURLcode code) { m_is_ok = m_is_ok && code == CURLE_OK; }

  TransferState& m_transfer;
  bool m_is_ok = true;
};

const Identity& identity_of(const TransferState& transfer) {
  static const Identity by_default;
  return transfer.request.identity ? *transfer.request.identity : by_default;
}

void append(const CurlLibrary& curl, List& list, const std::string& line) {
  // curl gives the list's new head, or null when memory is out: then the old one stays.
  curl_slist* const old = list.release();
  curl_slist* const head = curl.slist_append(old, line.c_str());
  list.reset(head != nullptr ? head : old);
}

void set_trust(Options& options, const Tls& tls) {
  // Both are named even when empty: else curl falls back to the paths it was built with.
  const SystemTrust nothing;
  const SystemTrust& system = tls.system_ca ? system_trust() : nothing;
  options.text(CURLOPT_CAPATH, system.folder.empty() ? nullptr : system.folder.c_str());
  options.text(CURLOPT_CAINFO, system.bundle.empty() ? nullptr : system.bundle.c_str());
  if (!tls.ca_pem.empty()) options.blob(CURLOPT_CAINFO_BLOB, tls.ca_pem);
  options.number(CURLOPT_SSL_VERIFYPEER, tls.skip_verify ? 0 : 1);
  options.number(CURLOPT_SSL_VERIFYHOST, tls.skip_verify ? 0 : 2);
  if (!tls.cert_pem.empty()) {
    options.text(CURLOPT_SSLCERTTYPE, "PEM");
    options.blob(CURLOPT_SSLCERT_BLOB, tls.cert_pem);
    options.blob(CURLOPT_SSLKEY_BLOB, tls.key_pem.reveal());
    // Without one OpenSSL would ask the terminal for an encrypted key's pass phrase.
    options.text(CURLOPT_KEYPASSWD, "");
  }
  options.number(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
}

/// The URL that curl gets. A server name of its own stands in for the host, and the connection goes to the real one:
/// that way it is both asked for (SNI) and verified.
void set_url(Options& options, TransferState& transfer, const Tls& tls) {
  Url url = transfer.url;
  if (!tls.server_name.empty() && url.scheme == "https") {
    const bool is_v6 = url.host.find(':') != std::string::npos;
    const std::string real = is_v6 ? "[" + url.host + "]" : url.host;
    append(transfer.curl, transfer.connect_to, fmt::format("::{}:{}", real, url.port));
    options.pointer(CURLOPT_CONNECT_TO, transfer.connect_to.get());
    if (!transfer.request.headers.has("Host")) {
      append(transfer.curl, transfer.header_list, "Host: " + transfer.url.authority());
    }
    url.host = tls.server_name;
  }
  options.text(CURLOPT_URL, url.to_string());
}

void set_proxy(Options& options, const TransferState& transfer, const Proxy& proxy) {
  std::string url;
  std::string except;
  if (proxy.from == Proxy::From::url) {
    url = proxy.url;
  } else if (proxy.from == Proxy::From::environment && !is_loopback(transfer.url.host)) {
    url = proxy_from_environment(transfer.url.scheme);
    except = no_proxy_from_environment();
  }
  // Set in any case: an empty text keeps curl from looking at the environment itself.
  options.text(CURLOPT_PROXY, url);
  options.text(CURLOPT_NOPROXY, except);
  if (url.empty()) return;
  const SystemTrust& system = system_trust();
  options.text(CURLOPT_PROXY_CAPATH, system.folder.empty() ? nullptr : system.folder.c_str());
  options.text(CURLOPT_PROXY_CAINFO, system.bundle.empty() ? nullptr : system.bundle.c_str());
}

/// curl asks before any upload, however small, and before a text of over a mebibyte; here both are alike.
Expect expect_of(const Request& request) {
  if (request.expect != Expect::automatic) return request.expect;
  const auto* const source = std::get_if<std::shared_ptr<BodySource>>(&request.body);
  const auto size = source != nullptr ? (*source)->size() : std::nullopt;
  return size && *size <= k_unasked_body ? Expect::never : Expect::automatic;
}

Result<void> set_headers(Options& options, TransferState& transfer) {
  const Request& request = transfer.request;
  for (const auto& [name, value] : request.headers) {
    if ((name + value).find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return Error(ErrorKind::usage, fmt::format("can't send the header field '{}'", name.substr(0, name.find('\n'))))
          .because("it holds a line break");
    }
    append(transfer.curl, transfer.header_list, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  const bool has_body = !std::holds_alternative<std::monostate>(request.body);
  // curl would call every text a form.
  if (has_body && !request.headers.has("Content-Type")) append(transfer.curl, transfer.header_list, "Content-Type:");
  const Expect expect = expect_of(request);
  if (expect != Expect::automatic) {
    append(transfer.curl, transfer.header_list, expect == Expect::always ? "Expect: 100-continue" : "Expect:");
  }
  if (!request.headers.has("User-Agent")) options.text(CURLOPT_USERAGENT, k_user_agent);
  options.pointer(CURLOPT_HTTPHEADER, transfer.header_list.get());
  return {};
}

void set_body(Options& options, TransferState& transfer) {
  Request& request = transfer.request;
  if (request.method == "HEAD") {
    options.number(CURLOPT_NOBODY, 1);
    return;
  }
  if (const auto* source = std::get_if<std::shared_ptr<BodySource>>(&request.body)) {
    const auto size = (*source)->size();
    options.number(CURLOPT_UPLOAD, 1);
    options.function(CURLOPT_READFUNCTION, &give_body);
    options.pointer(CURLOPT_READDATA, &transfer);
    options.function(CURLOPT_SEEKFUNCTION, &rewind_body);
    options.pointer(CURLOPT_SEEKDATA, &transfer);
    if (size) options.large(CURLOPT_INFILESIZE_LARGE, *size);
    options.number(CURLOPT_UPLOAD_BUFFERSIZE, k_upload_buffer);
  } else if (const auto* text = std::get_if<std::string>(&request.body)) {
    options.number(CURLOPT_POST, 1);
    options.pointer(CURLOPT_POSTFIELDS, const_cast<char*>(text->data()));
    options.large(CURLOPT_POSTFIELDSIZE_LARGE, text->size());
  }
  options.text(CURLOPT_CUSTOMREQUEST, request.method);
}

void set_limits(Options& options, const TransferState& transfer) {
  const Timeouts& timeouts = transfer.request.timeouts;
  options.number(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(timeouts.connect.count()));
  if (timeouts.whole > Milliseconds(0)) {
    // A redirect has what its predecessors left over.
    const auto spent = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - transfer.started);
    options.number(CURLOPT_TIMEOUT_MS, std::max<long>(1, static_cast<long>((timeouts.whole - spent).count())));
  }
  options.number(CURLOPT_TCP_KEEPALIVE, 1);
  options.number(CURLOPT_TCP_KEEPIDLE, k_keepalive_idle_s);
  options.number(CURLOPT_TCP_KEEPINTVL, k_keepalive_interval_s);
  options.number(CURLOPT_NOSIGNAL, 1);
  // A stop doesn't wait for a name look-up that hangs; its thread ends by itself.
  options.number(CURLOPT_QUICK_EXIT, 1);
}

void set_callbacks(Options& options, TransferState& transfer) {
  options.pointer(CURLOPT_PRIVATE, &transfer);
  options.pointer(CURLOPT_ERRORBUFFER, transfer.message.data());
  options.function(CURLOPT_HEADERFUNCTION, &take_header);
  options.pointer(CURLOPT_HEADERDATA, &transfer);
  options.function(CURLOPT_WRITEFUNCTION, &take_body);
  options.pointer(CURLOPT_WRITEDATA, &transfer);
  options.function(CURLOPT_PREREQFUNCTION, &note_connected);
  options.pointer(CURLOPT_PREREQDATA, &transfer);
  options.function(CURLOPT_XFERINFOFUNCTION, &note_progress);
  options.pointer(CURLOPT_XFERINFODATA, &transfer);
  options.number(CURLOPT_NOPROGRESS, 0);
  options.number(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1);
  options.number(CURLOPT_BUFFERSIZE, k_download_buffer);
}

/// POST, PUT and PATCH always have a body, if an empty one: its length is then told.
void complete_body(Request& request) {
  const bool wants_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  auto* const source = std::get_if<std::shared_ptr<BodySource>>(&request.body);
  if (source != nullptr && *source == nullptr) request.body = std::monostate();
  if (wants_body && std::holds_alternative<std::monostate>(request.body)) request.body = std::string();
}

}  // namespace

Result<void> configure(TransferState& transfer) {
  if (transfer.url.scheme != "http" && transfer.url.scheme != "https") {
    return Error(ErrorKind::usage, fmt::format("can't ask '{}'", transfer.url.redacted()))
        .because("only http and https can be asked");
  }
  transfer.curl.easy_reset(transfer.easy.get());
  transfer.header_list.reset();
  transfer.connect_to.reset();
  transfer.message.front() = '\0';
  transfer.bytes_seen = 0;
  transfer.is_connected = false;
  complete_body(transfer.request);

  Options options(transfer);
  const Identity& identity = identity_of(transfer);
  options.text(CURLOPT_PROTOCOLS_STR, "http,https");
  options.number(CURLOPT_HTTP_VERSION,
                 transfer.request.version == Version::http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS);
  // Only TLS can end up with HTTP/2; over plain text the others would wait for the first one's answer in vain.
  options.number(CURLOPT_PIPEWAIT, transfer.url.scheme == "https" ? 1 : 0);
  set_trust(options, identity.tls);
  set_url(options, transfer, identity.tls);
  set_proxy(options, transfer, identity.proxy);
  MLK_CHECK(set_headers(options, transfer));
  set_body(options, transfer);
  set_limits(options, transfer);
  set_callbacks(options, transfer);
  if (transfer.request.accept_compressed) options.text(CURLOPT_ACCEPT_ENCODING, "gzip");
  if (!options.is_ok()) {
    return Error(ErrorKind::failed, fmt::format("can't prepare a request to '{}'", transfer.url.authority()))
        .because("libcurl refuses an option that is needed");
  }
  return {};
}

}  // namespace mlk::http::detail
