#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/oci/blob.hpp>
#include <mlk/oci/credentials.hpp>
#include <mlk/oci/manifest.hpp>
#include <mlk/oci/reference.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::oci {

struct RegistryOptions {
  std::optional<bool> plain_http;  ///< absent: for loopback, unless ca_file is given
  std::string ca_file;             ///< PEM, instead of the system's authorities
  bool verify_tls = true;
  int attempts = 5;  ///< of one request, all together
  Milliseconds first_wait{250};
  Milliseconds longest_wait{3000};
  Milliseconds stall{60000};  ///< no byte moved for so long is a failure
  Milliseconds longest_retry_after{60000};
};

/// What several clients of one command share: credentials are looked up once, and tokens are fetched once, by scope.
/// Safe to use from several threads.
class RegistryAuth {
 public:
  explicit RegistryAuth(CredentialStore store);
  ~RegistryAuth();
  RegistryAuth(const RegistryAuth&) = delete;
  RegistryAuth& operator=(const RegistryAuth&) = delete;

  struct State;
  State& state() noexcept { return *m_state; }

 private:
  std::unique_ptr<State> m_state;
};

/// A client of one registry, for one thread. Requests are repeated on 408, 429 (waiting as Retry-After says), 5xx and
/// broken connections; a 401 leads to a new token. Credentials go to the registry and to the token server that it
/// names, never to a host that a redirect leads to. Errors say what was asked of which registry, why it failed, and
/// what helps.
class RegistryClient {
 public:
  RegistryClient(std::string registry, std::shared_ptr<RegistryAuth> auth, Clock& clock, RegistryOptions options = {});
  ~RegistryClient();
  RegistryClient(RegistryClient&&) noexcept;
  RegistryClient& operator=(RegistryClient&&) noexcept;

  struct State;

  const std::string& registry() const noexcept;

  /// The manifest's descriptor under a tag or digest, or nothing where there is none.
  Result<std::optional<Descriptor>> find_manifest(const std::string& repository, const std::string& reference,
                                                  const std::stop_token& stop);
  /// The manifest's bytes, verified against the digest that was asked for.
  Result<Document> fetch_manifest(const std::string& repository, const std::string& reference,
                                  const std::stop_token& stop);
  /// Stores a manifest under a tag or digest; the registry's digest must be ours.
  Result<void> put_manifest(const std::string& repository, const std::string& reference, const Document& manifest,
                            const std::stop_token& stop);

  Result<bool> has_blob(const std::string& repository, const Descriptor& blob, const std::stop_token& stop);
  /// Told with the bytes that moved since the last time; negative when an upload begins again.
  using Moved = std::function<void(std::int64_t)>;
  /// Uploads content whose digest is known, in one request.
  Result<void> push_blob(const std::string& repository, const Digest& digest, BlobSource& source, const Moved& moved,
                         const std::stop_token& stop);
  /// Uploads content and learns its digest on the way: one pass over the source. Registries that can't are served by a
  /// pass that hashes and one that sends.
  Result<Digest> push_blob_hashing(const std::string& repository, BlobSource& source, const Moved& moved,
                                   const std::stop_token& stop);
  /// A blob to read, verified when its end is reached; a broken connection is taken up again where it broke. The client
  /// must outlive it and does nothing else meanwhile.
  std::unique_ptr<BlobSource> open_blob(const std::string& repository, const Descriptor& blob, Moved moved,
                                        const std::stop_token& stop);
  /// A small blob in memory; larger than `limit` is an error.
  Result<std::string> fetch_small_blob(const std::string& repository, const Descriptor& blob, std::size_t limit,
                                       const std::stop_token& stop);

  /// All tags, page after page, sorted.
  Result<std::vector<std::string>> tags(const std::string& repository, const std::stop_token& stop);

 private:
  std::unique_ptr<State> m_state;
};

}  // namespace mlk::oci
