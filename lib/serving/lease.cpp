#include <mlk/serving/journal.hpp>
#include <mlk/serving/lease.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>

namespace mlk::serving {

namespace {

using namespace std::chrono_literals;

Holder holder_of(const document::Node& lease) {
  const auto& spec = lease["spec"];
  Holder holder;
  holder.identity = spec["holderIdentity"].string_or();
  holder.epoch = spec["leaseTransitions"].int_or(0);
  if (const auto since = parse_rfc3339(spec["acquireTime"].string_or())) holder.since = *since;
  holder.duration = std::chrono::seconds(std::clamp<std::int64_t>(spec["leaseDurationSeconds"].int_or(15), 1, 3600));
  holder.resource_version = lease["metadata"]["resourceVersion"].string_or();
  return holder;
}

/// MicroTime wants exactly six digits of fraction.
std::string micro_time(SystemTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time - seconds).count();
  std::string text = format_rfc3339(SystemTime(seconds));
  text.pop_back();
  return fmt::format("{}.{:06}Z", text, micros);
}

}  // namespace

Lease::Lease(kube::Client& client, Clock& clock, std::string namespace_name, std::string service, std::string identity,
             std::chrono::seconds duration)
    : m_client(client),
      m_clock(clock),
      m_namespace(std::move(namespace_name)),
      m_name(journal_name(service)),
      m_service(std::move(service)),
      m_identity(std::move(identity)),
      m_duration(duration) {}

Result<Holder> Lease::read() {
  MLK_TRY(const auto lease, m_client.find(kube::types::leases, m_namespace, m_name));
  return lease ? holder_of(*lease) : Holder{};
}

Result<Holder> Lease::write(const Holder& before, std::string identity, std::int64_t epoch, bool is_new) {
  using document::Node;
  const std::string now = micro_time(m_clock.system());
  const bool is_renewal = before.identity == identity && !identity.empty();
  Node metadata = Node::mapping({{"name", m_name},
                                 {"namespace", m_namespace},
                                 {"labels", Node::mapping({{workload::k_label_managed_by, workload::k_field_manager},
                                                           {workload::k_label_kind, workload::k_kind_service},
                                                           {workload::k_label_section, m_service}})}});
  if (!is_new) metadata.set("resourceVersion", before.resource_version);
  Node spec = Node::mapping({{"holderIdentity", identity},
                             {"leaseDurationSeconds", std::int64_t{m_duration.count()}},
                             {"leaseTransitions", epoch},
                             {"renewTime", now}});
  spec.set("acquireTime", is_renewal && before.since ? micro_time(*before.since) : now);
  const Node lease = Node::mapping({{"apiVersion", "coordination.k8s.io/v1"},
                                    {"kind", "Lease"},
                                    {"metadata", std::move(metadata)},
                                    {"spec", std::move(spec)}});
  MLK_TRY(const Node written, is_new ? m_client.create(kube::types::leases, m_namespace, lease)
                                     : m_client.replace(kube::types::leases, m_namespace, lease));
  return holder_of(written);
}

Result<bool> Lease::try_take() {
  MLK_TRY(const Holder now, read());
  const bool is_new = now.resource_version.empty();
  const SteadyTime moment = m_clock.steady();
  if (!m_seen_unchanged_since || now.resource_version != m_seen.resource_version) m_seen_unchanged_since = moment;
  m_seen = now;
  const bool is_free = is_new || now.identity.empty() || now.identity == m_identity;
  if (!is_free && moment - *m_seen_unchanged_since < now.duration) return false;
  auto taken = write(now, m_identity, now.epoch + 1, is_new);
  if (!taken) {
    // Somebody else was quicker: look again.
    if (kube::is_conflict(taken.error()) || kube::is_already_exists(taken.error())) return false;
    return std::move(taken).error();
  }
  m_seen = *std::move(taken);
  // Counted from before the request was sent: the duration may only seem shorter to us than to others.
  m_renewed = moment;
  return true;
}

Result<bool> Lease::acquire(Milliseconds patience, const std::stop_token& stop) {
  const SteadyTime begin = m_clock.steady();
  for (;;) {
    MLK_TRY(const bool is_ours, try_take());
    if (is_ours) return true;
    if (m_clock.steady() - begin >= patience) return false;
    if (!m_clock.sleep_for(500ms, stop)) return interrupted("interrupted while waiting for the other driver");
  }
}

Result<void> Lease::keep() {
  const SteadyTime moment = m_clock.steady();
  if (m_renewed && moment - *m_renewed < m_duration / 3) return {};
  auto renewed = write(m_seen, m_identity, m_seen.epoch, false);
  if (renewed) {
    m_seen = *std::move(renewed);
    m_renewed = moment;
    return {};
  }
  if (kube::is_conflict(renewed.error()) || kube::is_not_found(renewed.error())) {
    const auto now = read();
    if (now && now->identity == m_identity && now->epoch == m_seen.epoch) {
      m_seen = *now;
      return {};
    }
    m_renewed.reset();
    return Error(ErrorKind::conflict, now && !now->identity.empty()
                                          ? fmt::format("'{}' drives this rollout now", now->identity)
                                          : std::string("the Lease of this rollout was taken away"))
        .because("this driver didn't renew its Lease in time, or the rollout was taken over")
        .fixed_by(fmt::format("run 'mlk serve status {}' to see how it goes on", m_service));
  }
  if (is_held()) return {};
  m_renewed.reset();
  return std::move(renewed).error();
}

bool Lease::is_held() const { return m_renewed && m_clock.steady() - *m_renewed < m_duration; }

void Lease::release() {
  if (!m_renewed) return;
  m_renewed.reset();
  (void)write(m_seen, "", m_seen.epoch, false);
}

std::string make_identity() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '?';
  const passwd* user = ::getpwuid(::geteuid());
  std::random_device random;
  return fmt::format("{}@{} ({}-{:04x})", user != nullptr ? user->pw_name : "?", host.data(), ::getpid(),
                     random() & 0xFFFFU);
}

}  // namespace mlk::serving
