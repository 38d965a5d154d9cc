#include <mlk/crypto/hash.hpp>
#include <mlk/crypto/random.hpp>
#include <mlk/training/submit.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

namespace mlk::training {

namespace {

using document::Node;

// As Kubernetes does for its own random names: no vowels, nor digits that look like one.
constexpr std::string_view k_alphabet = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::size_t k_random_length = 4;
constexpr std::size_t k_id_length = 8;

Error taken(const std::string& name, const SubmitOptions& options, const kube::ObjectMeta& there) {
  const std::string_view theirs = there.annotation(workload::k_annotation_run_id);
  const std::string why = there.label(workload::k_label_kind) != workload::k_kind_job
                              ? "a Job of that name wasn't made by mlk"
                          : theirs.empty() ? "it was submitted without a run id"
                                           : fmt::format("it has the run id '{}'", theirs);
  return Error(ErrorKind::conflict,
               fmt::format("job '{}' exists already in namespace '{}'", name, options.namespace_name))
      .because(why)
      .fixed_by(options.run_id.empty() ? fmt::format("choose another --name, or run 'mlk train delete {}'", name)
                                       : "choose another --run-id");
}

/// Whether the Job that is there is this very run, submitted before.
bool is_same_run(const kube::ObjectMeta& there, const kube::ObjectMeta& ours, const std::string& run_id) {
  return !run_id.empty() && there.annotation(workload::k_annotation_run_id) == run_id &&
         there.label(workload::k_label_section) == ours.label(workload::k_label_section) && !there.deleted;
}

struct MadeJob {
  std::string uid;
  bool is_new = true;
};

Result<MadeJob> make_job(kube::Client& client, const workload::JobObjects& objects, const SubmitOptions& options) {
  kube::WriteOptions write;
  write.dry_run = options.dry_run;
  auto created = client.create(kube::types::jobs, options.namespace_name, objects.job, write);
  if (created) return MadeJob{kube::meta_from(*created).uid, true};
  if (!kube::is_already_exists(created.error())) return std::move(created).error();
  MLK_TRY(const auto there, client.find(kube::types::jobs, options.namespace_name, objects.name));
  // Deleted in between: whoever did that doesn't want it back.
  if (!there) return std::move(created).error();
  const kube::ObjectMeta meta = kube::meta_from(*there);
  if (!is_same_run(meta, kube::meta_from(objects.job), options.run_id)) return taken(objects.name, options, meta);
  return MadeJob{meta.uid, false};
}

Node owned_by(Node service, const std::string& job, const std::string& uid) {
  Node owner = Node::mapping({{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"name", job}, {"uid", uid}});
  service.at({"metadata", "ownerReferences"}) = Node::sequence({std::move(owner)});
  return service;
}

bool belongs_to(const Node& service, const std::string& uid) {
  for (const kube::OwnerReference& owner : kube::meta_from(service).owners) {
    if (owner.uid == uid) return true;
  }
  return false;
}

Result<void> make_service(kube::Client& client, const workload::JobObjects& objects, const SubmitOptions& options,
                          const MadeJob& job) {
  kube::WriteOptions write;
  write.dry_run = options.dry_run;
  const Node service = job.uid.empty() ? *objects.rendezvous : owned_by(*objects.rendezvous, objects.name, job.uid);
  auto created = client.create(kube::types::services, options.namespace_name, service, write);
  if (created) return {};
  if (!kube::is_already_exists(created.error())) return std::move(created).error();
  MLK_TRY(const auto there, client.find(kube::types::services, options.namespace_name, objects.name));
  if (there && belongs_to(*there, job.uid)) return {};
  return Error(ErrorKind::conflict,
               fmt::format("service '{}' exists already in namespace '{}'", objects.name, options.namespace_name))
      .because("the ranks of this run find each other through a Service of that name, and this one isn't the run's")
      .fixed_by("submit under another --name, or delete that Service");
}

/// The failure of the second object, after the first was taken back.
Error take_back(kube::Client& client, const workload::JobObjects& objects, const SubmitOptions& options,
                const MadeJob& job, Error error) {
  // Also when the failure is a stop: half a run must not stay behind.
  client.set_stop({});
  kube::DeleteOptions remove;
  remove.uid = job.uid;
  const auto removed = client.remove(kube::types::jobs, options.namespace_name, objects.name, remove);
  error.what = fmt::format("job '{}' wasn't submitted: {}", objects.name, error.what);
  if (removed || kube::is_not_found(removed.error())) {
    error.why += error.why.empty() ? "" : "; ";
    error.why += "the Job was made without its Service and was taken back, so nothing is left";
  } else {
    error.fix = fmt::format("delete what is left: mlk train delete {} -n {}", objects.name, options.namespace_name);
  }
  return error;
}

}  // namespace

Result<std::string> random_suffix() {
  MLK_TRY(const std::string bytes, crypto::random_bytes(k_random_length * 2));
  std::string suffix;
  for (std::size_t i = 0; i < k_random_length; ++i) {
    const unsigned value =
        static_cast<unsigned char>(bytes[2 * i]) * 256U + static_cast<unsigned char>(bytes[2 * i + 1]);
    suffix += k_alphabet[value % k_alphabet.size()];
  }
  return suffix;
}

std::string suffix_of(std::string_view run_id) {
  const crypto::Sha256Value hash = crypto::sha256(run_id);
  std::string suffix;
  for (std::size_t i = 0; i < k_id_length; ++i) {
    suffix += k_alphabet[std::to_integer<std::size_t>(hash[i]) % k_alphabet.size()];
  }
  return suffix;
}

Result<Submitted> submit(kube::Client& client, const workload::JobObjects& objects, const SubmitOptions& options) {
  MLK_TRY(const MadeJob job, make_job(client, objects, options));
  Submitted submitted{objects.name, job.uid, job.is_new, {}};
  if (job.is_new) submitted.created.push_back("job/" + objects.name);
  if (!objects.rendezvous) return submitted;
  if (auto made = make_service(client, objects, options, job); !made) {
    if (options.dry_run || !job.is_new) return std::move(made).error();
    return take_back(client, objects, options, job, std::move(made).error());
  }
  if (job.is_new) submitted.created.push_back("service/" + objects.name);
  return submitted;
}

}  // namespace mlk::training
