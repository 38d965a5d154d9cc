#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>
#include <mlk/document/node.hpp>
#include <mlk/kube/kubeconfig.hpp>
#include <mlk/kube/object.hpp>
#include <mlk/kube/resource.hpp>
#include <mlk/kube/status.hpp>
#include <mlk/kube/watch.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::http {
class Loop;
}

namespace mlk::kube {

/// Whether a credential plugin may be started. Completion never starts one: it would wait, or ask the user something.
enum class PluginPolicy { run, never };

struct ClientOptions {
  Milliseconds request_timeout{30'000};  ///< for one request, connecting included; watches and followed logs are exempt
  Milliseconds connect_timeout{10'000};
  int retries = 4;  ///< after 429, 503 and broken connections, for requests that may be repeated
  std::string user_agent = "mlk";
  std::string field_manager = "mlk";
  PluginPolicy plugins = PluginPolicy::run;
  bool interactive = false;                          ///< whether standard input is a terminal that a plugin may use
  std::filesystem::path cache_dir;                   ///< "$XDG_CACHE_HOME/mlk"; empty: discovery isn't cached on disk
  std::stop_token stop;                              ///< ends every blocking call with an interrupted error
  std::function<void(std::string_view)> on_warning;  ///< the server's Warning headers, each text once
};

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  std::int64_t limit = 0;  ///< objects a page; 0: what suits the form
};

/// What a finished list tells beside its objects.
struct ListInfo {
  std::string resource_version;
  std::size_t count = 0;
};

struct WriteOptions {
  bool dry_run = false;
  std::string subresource;  ///< "status", "scale"
};

struct PatchOptions {
  bool dry_run = false;
  std::string subresource;
  std::string resource_version;  ///< the patch is refused (is_conflict) when the object has another one by now
};

struct ApplyOptions {
  bool dry_run = false;
  bool force = false;  ///< takes fields over from other managers
  std::string subresource;
  std::string field_manager;  ///< empty: the client's
};

enum class Propagation { background, foreground, orphan };

struct DeleteOptions {
  Propagation propagation = Propagation::background;
  std::optional<std::int64_t> grace_seconds;
  std::string uid;               ///< precondition: only this very object (is_conflict otherwise)
  std::string resource_version;  ///< precondition: only as it was read
  bool dry_run = false;
};

struct LogOptions {
  std::string container;  ///< may be empty where the pod has one
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::optional<std::int64_t> tail_lines;
  std::optional<std::int64_t> limit_bytes;
  std::optional<std::int64_t> since_seconds;
  std::optional<SystemTime> since_time;
};

/// A log that is being followed. Destroying it stops it; no callback comes afterwards.
class LogStream {
 public:
  class State;

  explicit LogStream(std::shared_ptr<State> state) noexcept;
  LogStream(LogStream&&) noexcept;
  LogStream& operator=(LogStream&&) noexcept;
  ~LogStream();

  bool is_running() const noexcept;

 private:
  std::shared_ptr<State> m_state;
};

/// What somebody wants to do, as RBAC sees it.
struct AccessQuestion {
  std::string verb;
  std::string group;
  std::string resource;
  std::string subresource;
  std::string namespace_name;  ///< empty: in all of them
  std::string name;
};

struct AccessAnswer {
  bool is_allowed = false;
  std::string reason;
};

struct ServerVersion {
  int major = 0;
  int minor = 0;
  std::string text;  ///< "v1.36.3"
};

/// One API server, spoken to over one HTTP/2 connection. Belongs to the loop's thread. Calls that return a Result turn
/// the loop until their answer is there, so watches and logs of the same loop go on meanwhile; they end early when the
/// stop token says so. Requests without side effects are repeated after 429 (by Retry-After), 503 and broken
/// connections, those with side effects only where the server certainly did nothing (429, no connection).
/// An empty namespace means all namespaces in list and watch, the context's in calls about one object.
class Client {
 public:
  /// Sends nothing: the first request connects, and starts the credential plugin if there is one.
  static Result<std::unique_ptr<Client>> connect(http::Loop& loop, Config config, ClientOptions options = {});
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const Config& config() const noexcept;
  http::Loop& loop() noexcept;
  /// Replaces the options' stop token: what must still be said after a stop was asked for gets an empty one.
  void set_stop(std::stop_token stop) noexcept;
  /// Sets the deadline of every blocking call that begins from now on; nothing: the request timeout alone counts.
  void set_deadline(std::optional<SteadyTime> deadline) noexcept;

  Result<document::Node> get(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                             std::string_view subresource = {});
  /// As get, but an object that doesn't exist is nothing instead of an error.
  Result<std::optional<document::Node>> find(const ResourceType& type, std::string_view namespace_name,
                                             std::string_view name);

  /// Gives each object to `each` while pages arrive; apiVersion and kind are filled in. `each` returns false to stop.
  /// A list that expires between pages begins anew and leaves out what it gave already.
  Result<ListInfo> list(const ResourceType& type, std::string_view namespace_name, const ListOptions& options,
                        const std::function<bool(document::Node&&)>& each);
  Result<std::vector<document::Node>> list_all(const ResourceType& type, std::string_view namespace_name,
                                               const ListOptions& options = {});
  /// Names, labels and owners alone, as PartialObjectMetadataList in protobuf: the fastest way to names, of any type.
  Result<ListInfo> list_metadata(const ResourceType& type, std::string_view namespace_name, const ListOptions& options,
                                 const std::function<bool(ObjectMeta&&)>& each);
  /// Built-in types in protobuf, decoded page by page.
  Result<ListInfo> list_jobs(std::string_view namespace_name, const ListOptions& options,
                             const std::function<bool(Job&&)>& each);
  Result<ListInfo> list_pods(std::string_view namespace_name, const ListOptions& options,
                             const std::function<bool(Pod&&)>& each);
  Result<ListInfo> list_nodes(const ListOptions& options, const std::function<bool(Node&&)>& each);

  Result<document::Node> create(const ResourceType& type, std::string_view namespace_name, const document::Node& object,
                                const WriteOptions& options = {});
  /// PUT: the object's metadata.resourceVersion is the one that it was decided on; is_conflict when it is outdated.
  Result<document::Node> replace(const ResourceType& type, std::string_view namespace_name,
                                 const document::Node& object, const WriteOptions& options = {});
  Result<document::Node> merge_patch(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                                     const document::Node& patch, const PatchOptions& options = {});
  Result<document::Node> json_patch(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                                    const document::Node& operations, const PatchOptions& options = {});
  /// Server-side apply with strict field validation. A field that another manager owns is is_apply_conflict, with a
  /// diagnostic for each field. metadata.managedFields is left out of what is sent.
  Result<document::Node> apply(const ResourceType& type, std::string_view namespace_name, const document::Node& object,
                               const ApplyOptions& options = {});
  Result<void> remove(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                      const DeleteOptions& options = {});

  Result<std::int32_t> get_scale(const ResourceType& type, std::string_view namespace_name, std::string_view name);
  Result<void> set_scale(const ResourceType& type, std::string_view namespace_name, std::string_view name,
                         std::int32_t replicas);

  /// Begins at once and goes on whenever the loop turns; callbacks are made by run_until alone, so they may make
  /// requests themselves.
  Watch watch(const ResourceType& type, std::string_view namespace_name, const WatchOptions& options,
              WatchHandler handler);
  /// Turns the loop until `done` says so, the stop token is set (interrupted) or the time is over (timed_out).
  /// `done` is asked after every turn and at least every 100 ms.
  Result<void> run_until(const std::function<bool()>& done, std::optional<Milliseconds> timeout = {});

  /// The whole log, or until `sink` returns false. With follow: until the container ends.
  Result<void> read_logs(std::string_view namespace_name, std::string_view pod, const LogOptions& options,
                         const std::function<bool(std::string_view)>& sink);
  /// Several logs at once: `sink` gets the bytes as they come, `on_end` the outcome, once; both called by run_until. A
  /// container that hasn't begun yet is an error with codes::k_not_started.
  LogStream follow_logs(std::string_view namespace_name, std::string_view pod, const LogOptions& options,
                        std::function<void(std::string_view)> sink, std::function<void(Result<void>)> on_end);

  /// Events about one object, newest last.
  Result<std::vector<Event>> events_of(std::string_view namespace_name, std::string_view object_uid);

  Result<AccessAnswer> can_i(const AccessQuestion& question);
  Result<ServerVersion> version();
  /// The type of an apiVersion and kind: built-in, or by aggregated discovery (cached on disk, revalidated by ETag).
  /// Not served by this cluster: not_found.
  Result<ResourceType> find_type(std::string_view api_version, std::string_view kind);
  /// As find_type, but a type that isn't served is nothing instead of an error.
  Result<std::optional<ResourceType>> find_served(std::string_view api_version, std::string_view kind);
  /// Every type that the server has.
  Result<std::vector<ResourceType>> list_types();

 private:
  class Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace mlk::kube
