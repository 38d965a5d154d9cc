#include <mlk/crypto/hash.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace mlk::workload {
namespace {

using document::Entry;
using document::Node;

constexpr std::size_t k_hash_length = 10;
constexpr std::size_t k_label_length = 63;

void sort_keys(Node& node) {
  if (node.is_sequence()) {
    for (Node& item : node.items_mutable()) sort_keys(item);
  }
  if (!node.is_mapping()) return;
  auto& entries = node.entries_mutable();
  for (Entry& entry : entries) sort_keys(entry.value);
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
}

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

std::string template_hash(const Node& pod_template) {
  Node canonical = pod_template;
  if (Node* metadata = canonical.find("metadata")) {
    if (Node* labels = metadata->find("labels")) labels->erase(k_label_revision);
  }
  sort_keys(canonical);
  const crypto::Sha256Value hash = crypto::sha256(document::write_json(canonical, 0));
  // The alphabet that Kubernetes uses for its own hashes: no vowels, nor digits that look like one.
  constexpr std::string_view k_alphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (std::size_t i = 0; i < k_hash_length; ++i) {
    text += k_alphabet[std::to_integer<std::size_t>(hash[i]) % k_alphabet.size()];
  }
  return text;
}

std::string revision_name(std::string_view service, std::string_view revision) {
  return fmt::format("{}-{}", service, revision);
}

std::string canary_service_name(std::string_view service) { return fmt::format("{}-canary", service); }

std::string run_name(std::string_view job, std::string_view suffix) {
  return suffix.empty() ? std::string(job) : fmt::format("{}-{}", job, suffix);
}

std::string label_value(std::string_view text) {
  std::string value;
  for (const char c : text.substr(0, k_label_length)) {
    value += is_alphanumeric(c) || c == '-' || c == '_' || c == '.' ? c : '-';
  }
  while (!value.empty() && !is_alphanumeric(value.back())) value.pop_back();
  value.erase(value.begin(), std::find_if(value.begin(), value.end(), is_alphanumeric));
  return value;
}

std::string service_selector(std::string_view service) { return fmt::format("{}={}", k_label_service, service); }

std::string run_selector(std::string_view run) { return fmt::format("{}={}", k_label_job, run); }

}  // namespace mlk::workload
