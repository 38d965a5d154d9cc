#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>
#include <mlk/serving/journal.hpp>
#include <mlk/workload/names.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace mlk::serving {

namespace {

constexpr std::int64_t k_format = 1;
constexpr std::size_t k_longest_reason = 1000;

template <class Enum, std::size_t n>
struct Words {
  std::array<std::string_view, n> words;

  std::string_view word(Enum value) const noexcept { return words[static_cast<std::size_t>(value)]; }
  std::optional<Enum> find(std::string_view word) const noexcept {
    const auto at = std::find(words.begin(), words.end(), word);
    if (at == words.end()) return {};
    return static_cast<Enum>(at - words.begin());
  }
};

constexpr Words<Sharing, 3> k_sharings{{"replicas", "route", "swap"}};
constexpr Words<Phase, 8> k_phases{
    {"preparing", "stepping", "pausing", "promoting", "finished", "undoing", "undone", "failed"}};
constexpr Words<Request, 6> k_requests{{"none", "pause", "resume", "promote", "promote-full", "abort"}};

Error broken(std::string_view name, std::string_view what) {
  return Error(ErrorKind::failed, fmt::format("the rollout journal '{}' can't be read: {}", name, what))
      .because("it was changed by something else than mlk, or written by a newer one")
      .fixed_by("update mlk; or delete the ConfigMap and run the rollout again: the pods that serve are left alone");
}

/// Reads one member after the other and keeps the first complaint.
class Reader {
 public:
  explicit Reader(const document::Node& node) : m_node(node) {}

  std::int64_t number(std::string_view key, std::int64_t low, std::int64_t high) {
    const auto value = m_node[key].as_int();
    if (!value || *value < low || *value > high) {
      complain(fmt::format("'{}' isn't a whole number from {} to {}", key, low, high));
      return low;
    }
    return *value;
  }
  bool boolean(std::string_view key) {
    const auto value = m_node[key].as_bool();
    if (!value) complain(fmt::format("'{}' isn't true or false", key));
    return value.value_or(false);
  }
  std::string text(std::string_view key, std::size_t longest) {
    const auto value = m_node[key].as_string();
    if (!value || value->size() > longest) {
      complain(fmt::format("'{}' isn't a text of at most {} bytes", key, longest));
      return {};
    }
    return std::string(*value);
  }
  template <class Enum, std::size_t n>
  Enum word(std::string_view key, const Words<Enum, n>& words) {
    const auto value = words.find(m_node[key].as_string().value_or(""));
    if (!value) complain(fmt::format("'{}' isn't a word that this mlk knows", key));
    return value.value_or(Enum{});
  }
  RevisionRef revision(std::string_view key) {
    Reader inner(m_node[key]);
    RevisionRef ref;
    ref.hash = inner.text("hash", 16);
    ref.number = inner.number("number", 0, 1'000'000'000);
    const bool is_plain = std::all_of(ref.hash.begin(), ref.hash.end(),
                                      [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
    if (!inner.m_complaint.empty() || !is_plain) complain(fmt::format("'{}' doesn't name a revision", key));
    return ref;
  }
  void complain(std::string text) {
    if (m_complaint.empty()) m_complaint = std::move(text);
  }
  const std::string& complaint() const noexcept { return m_complaint; }

 private:
  const document::Node& m_node;
  std::string m_complaint;
};

document::Node to_node(const RevisionRef& ref) {
  return document::Node::mapping({{"hash", ref.hash}, {"number", ref.number}});
}

constexpr std::int64_t k_longest_ms = std::int64_t{1000} * 3600 * 24 * 365;

std::vector<JournalStep> read_steps(const document::Node& node, Reader& reader) {
  std::vector<JournalStep> steps;
  if (!node.is_sequence() || node.size() > 1000) reader.complain("'steps' isn't a list of at most 1000");
  for (const auto& item : node.items()) {
    Reader inner(item);
    JournalStep step;
    step.weight = Percent(item["weight"].as_double().value_or(-1));
    step.pause = Milliseconds(inner.number("pauseMs", 0, k_longest_ms));
    step.waits_for_promote = inner.boolean("manual");
    if (step.weight < Percent(0) || step.weight > Percent(100) || !inner.complaint().empty()) {
      reader.complain("'steps' holds something else than steps");
    }
    steps.push_back(step);
  }
  return steps;
}

}  // namespace

std::string_view to_string(Sharing sharing) noexcept { return k_sharings.word(sharing); }
std::string_view to_string(Phase phase) noexcept { return k_phases.word(phase); }
std::string_view to_string(Request request) noexcept { return k_requests.word(request); }

bool is_end(Phase phase) noexcept {
  return phase == Phase::finished || phase == Phase::undone || phase == Phase::failed;
}

bool operator==(const Journal& a, const Journal& b) {
  return to_config_map(a, "x", "x", "") == to_config_map(b, "x", "x", "");
}

std::string journal_name(std::string_view service) { return fmt::format("{}-rollout", service); }

document::Node to_config_map(const Journal& journal, std::string_view service, std::string_view namespace_name,
                             std::string_view resource_version) {
  using document::Node;
  Node steps = Node::sequence();
  for (const auto& step : journal.steps) {
    steps.push_back(Node::mapping({{"weight", step.weight.count},
                                   {"pauseMs", std::int64_t{step.pause.count()}},
                                   {"manual", step.waits_for_promote}}));
  }
  const Node body = Node::mapping({{"format", k_format},
                                   {"stable", to_node(journal.stable)},
                                   {"target", to_node(journal.target)},
                                   {"sharing", to_string(journal.sharing)},
                                   {"strategy", journal.strategy},
                                   {"replicas", journal.replicas},
                                   {"steps", std::move(steps)},
                                   {"step", static_cast<std::int64_t>(journal.step)},
                                   {"phase", to_string(journal.phase)},
                                   {"pausedMs", std::int64_t{journal.paused_for.count()}},
                                   {"held", journal.is_held},
                                   {"undoesOnFailure", journal.undoes_on_failure},
                                   {"progressDeadlineMs", std::int64_t{journal.progress_deadline.count()}},
                                   {"request", to_string(journal.request)},
                                   {"reason", std::string_view(journal.reason).substr(0, k_longest_reason)}});
  const std::string name = journal_name(service);
  Node metadata = Node::mapping({{"name", name},
                                 {"namespace", namespace_name},
                                 {"labels", Node::mapping({{workload::k_label_managed_by, workload::k_field_manager},
                                                           {workload::k_label_kind, workload::k_kind_service},
                                                           {workload::k_label_section, service}})}});
  if (!resource_version.empty()) metadata.set("resourceVersion", resource_version);
  return Node::mapping({{"apiVersion", "v1"},
                        {"kind", "ConfigMap"},
                        {"metadata", std::move(metadata)},
                        {"data", Node::mapping({{"journal", document::write_json(body, 0)}})}});
}

Result<Journal> read_journal(const document::Node& config_map) {
  const std::string name = config_map["metadata"]["name"].string_or("?");
  const auto body = document::read_json(config_map["data"]["journal"].string_or());
  if (!body || !body->is_mapping()) return broken(name, "it holds no journal");
  if ((*body)["format"].int_or(0) != k_format) {
    return broken(name, fmt::format("format {} is unknown", (*body)["format"].scalar_text()));
  }
  Reader reader(*body);
  Journal journal;
  journal.stable = reader.revision("stable");
  journal.target = reader.revision("target");
  journal.sharing = reader.word("sharing", k_sharings);
  journal.strategy = reader.text("strategy", 50);
  journal.replicas = reader.number("replicas", 0, 1'000'000);
  journal.steps = read_steps((*body)["steps"], reader);
  journal.step = static_cast<std::size_t>(reader.number("step", 0, static_cast<std::int64_t>(journal.steps.size())));
  journal.phase = reader.word("phase", k_phases);
  journal.paused_for = Milliseconds(reader.number("pausedMs", 0, k_longest_ms));
  journal.is_held = reader.boolean("held");
  journal.undoes_on_failure = reader.boolean("undoesOnFailure");
  journal.progress_deadline = Milliseconds(reader.number("progressDeadlineMs", 1, k_longest_ms));
  journal.request = reader.word("request", k_requests);
  journal.reason = reader.text("reason", k_longest_reason);
  if (!journal.target.is_there()) reader.complain("'target' names no revision");
  if (!reader.complaint().empty()) return broken(name, reader.complaint());
  return journal;
}

}  // namespace mlk::serving
