#include "scalar.hpp"
#include "source_text.hpp"

#include <mlk/core/handle.hpp>
#include <mlk/core/text.hpp>
#include <mlk/document/tree.hpp>

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <new>
#include <set>

namespace mlk::inline v0::document {

namespace {

class Event {
 public:
  Event() = default;
  ~Event() { clear(); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void clear() {
    yaml_event_delete(&m_event);
    m_event = {};
  }
  yaml_event_t* get() { return &m_event; }
  yaml_event_type_t type() const { return m_event.type; }
  const yaml_event_t* operator->() const { return &m_event; }

 private:
  yaml_event_t m_event{};
};

std::string_view view(const yaml_char_t* text) {
  return text != nullptr ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

/// How much a tree holds: what an alias to it costs.
struct Weight {
  std::size_t nodes = 1;
  std::size_t bytes = sizeof(Node);
  std::size_t height = 1;

  void add(const Weight& child) {
    nodes += child.nodes;
    bytes += child.bytes;
    height = std::max(height, child.height + 1);
  }
};

Weight weigh(const Node& node) {
  Weight weight;
  weight.bytes += node.as_string().value_or("").size();
  for (const auto& item : node.items()) weight.add(weigh(item));
  for (const auto& entry : node.entries()) {
    weight.bytes += sizeof(Entry) + entry.key.size();
    weight.add(weigh(entry.value));
  }
  return weight;
}

/// As go-yaml judges what aliases blow up: small documents may, large ones hardly.
bool is_alias_bomb(std::size_t aliased, std::size_t total) {
  if (aliased <= 100 || total <= 1000) return false;
  constexpr double k_low = 400'000;
  constexpr double k_high = 4'000'000;
  const auto size = static_cast<double>(total);
  const double allowed = size <= k_low ? 0.99 : size >= k_high ? 0.10 : 0.99 - 0.89 * (size - k_low) / (k_high - k_low);
  return static_cast<double>(aliased) / size > allowed;
}

struct Hint {
  std::string_view problem;
  std::string_view fix;
};

/// What usually lies behind libyaml's messages.
constexpr std::array<Hint, 8> k_hints = {{
    {"mapping values are not allowed in this context",
     "put the value in quotes if it holds ': ', or check the indentation"},
    {"did not find expected key", "check the indentation of this line and the ones above"},
    {"did not find expected '-' indicator", "check the indentation of this line and the ones above"},
    {"could not find expected ':'", "write 'key: value', with a space after the colon"},
    {"found unexpected end of stream", "close the quote or the bracket"},
    {"did not find expected ',' or ']'", "close the list with ']'"},
    {"did not find expected ',' or '}'", "close the map with '}'"},
    {"did not find expected alphabetic or numeric character", "put the text in quotes: '*' and '&' begin aliases"},
}};

class ChunkReader {
 public:
  ChunkReader(const Chunk& chunk, FileName file, Schema schema, Documents& out)
      : m_chunk(chunk), m_file(std::move(file)), m_schema(schema), m_out(out) {
    if (yaml_parser_initialize(&m_parser) == 0) throw std::bad_alloc();
    yaml_parser_set_encoding(&m_parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&m_parser, reinterpret_cast<const unsigned char*>(chunk.text.data()),
                                 chunk.text.size());
    m_may_alias = chunk.text.find('*') != std::string_view::npos;
  }
  ~ChunkReader() { yaml_parser_delete(&m_parser); }
  ChunkReader(const ChunkReader&) = delete;
  ChunkReader& operator=(const ChunkReader&) = delete;

  void read() {
    Event event;
    if (!next(event) || !next(event) || event.type() != YAML_DOCUMENT_START_EVENT) return;
    Node root;
    if (!next(event) || !compose(event, root, 1)) return;
    if (!next(event)) return;  // the end of the document
    m_out.nodes.push_back(std::move(root));
    const bool has_end_mark = event->data.document_end.implicit == 0;
    const std::size_t found = m_out.diagnostics.size();
    Event after;
    const bool is_read = next(after);
    if (is_read && after.type() != YAML_DOCUMENT_START_EVENT) return;
    if (has_end_mark) {
      m_out.diagnostics.resize(found);
      auto& problem =
          report("yaml-separator", place_of(event), "what follows '...' is not read: only '---' separates documents");
      problem.fix = "write '---' instead of '...'";
    } else {
      m_out.nodes.pop_back();
    }
  }

 private:
  struct Step {
    const std::string* key = nullptr;
    std::size_t index = 0;
  };
  struct Anchor {
    Node node;
    Weight weight;
  };
  struct MappingState {
    std::vector<Entry> entries;
    std::vector<bool> is_merged;  ///< by entry: it came from `<<`
    KeyIndex index;

    std::size_t find(const std::string& key) { return index.find(entries, key); }
    void append(Entry entry, bool merged) {
      entries.push_back(std::move(entry));
      is_merged.push_back(merged);
    }
  };

  bool next(Event& event) {
    event.clear();
    if (yaml_parser_parse(&m_parser, event.get()) != 0) return true;
    report_parser_problem();
    return false;
  }

  Place place_of(const yaml_mark_t& begin, const yaml_mark_t& end) const {
    return {m_file, m_chunk.first_line + static_cast<std::uint32_t>(begin.line) + 1,
            static_cast<std::uint32_t>(begin.column) + 1, m_chunk.first_line + static_cast<std::uint32_t>(end.line) + 1,
            static_cast<std::uint32_t>(end.column) + 1};
  }
  Place place_of(const Event& event) const { return place_of(event->start_mark, event->end_mark); }

  std::string path() const {
    Path path;
    for (const auto& step : m_path) {
      if (step.key != nullptr) {
        path.emplace_back(*step.key);
      } else {
        path.emplace_back(step.index);
      }
    }
    return format_path(path);
  }

  Diagnostic& report(std::string code, Place place, std::string message) {
    Diagnostic problem;
    problem.code = std::move(code);
    problem.place = std::move(place);
    problem.path = path();
    problem.message = std::move(message);
    return m_out.diagnostics.emplace_back(std::move(problem));
  }

  void report_parser_problem();
  bool compose(const Event& event, Node& out, std::size_t depth);
  bool compose_alias(const Event& event, Node& out, std::size_t depth);
  bool compose_scalar(const Event& event, Node& out);
  bool compose_sequence(const Event& event, Node& out, std::size_t depth);
  bool compose_mapping(const Event& event, Node& out, std::size_t depth);
  bool compose_entry(const Event& key_event, MappingState& state, std::size_t depth);
  bool compose_key(const Event& event, Entry& entry, std::size_t depth, bool& is_usable);
  void add_entry(MappingState& state, Entry& entry);
  void merge(MappingState& state, const Node& value, const Place& place);
  void merge_one(MappingState& state, const Node& source, const std::set<std::string>& explicit_keys);
  bool remember(const yaml_char_t* anchor, const Node& node, const Place& place);

  const Chunk& m_chunk;
  FileName m_file;
  Schema m_schema;
  Documents& m_out;
  yaml_parser_t m_parser{};
  std::vector<Step> m_path;
  std::map<std::string, Anchor, std::less<>> m_anchors;
  std::set<std::string, std::less<>> m_open_anchors;
  bool m_may_alias = false;
  std::size_t m_total = 0;
  std::size_t m_aliased = 0;
  std::size_t m_copied_bytes = 0;
};

void ChunkReader::report_parser_problem() {
  if (m_parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
  if (m_parser.error == YAML_READER_ERROR) {
    Position position(m_chunk.text, m_chunk.first_line);
    position.move_to(m_parser.problem_offset);
    const Place place{m_file, position.line(), position.column(), position.line(), position.column() + 1};
    auto& problem = report("yaml-encoding", place, m_parser.problem != nullptr ? m_parser.problem : "unreadable text");
    problem.why = m_parser.problem_value >= 0 ? fmt::format("the byte or character is 0x{:02X}", m_parser.problem_value)
                                              : std::string("the text must be UTF-8");
    problem.fix = "save the file as UTF-8 text";
    return;
  }
  const std::string_view what = m_parser.problem != nullptr ? m_parser.problem : "broken YAML";
  auto& problem = report("yaml-syntax", place_of(m_parser.problem_mark, m_parser.problem_mark), std::string(what));
  if (m_parser.context != nullptr) {
    problem.why = m_parser.context;
    if (m_parser.context_mark.line != m_parser.problem_mark.line) {
      problem.related.push_back({place_of(m_parser.context_mark, m_parser.context_mark), m_parser.context});
    }
  }
  const auto* hint = std::find_if(k_hints.begin(), k_hints.end(), [&](const Hint& h) { return h.problem == what; });
  if (hint != k_hints.end()) problem.fix = hint->fix;
  if (what == "found character that cannot start any token") {
    problem.fix = m_chunk.text.find('\t') == std::string_view::npos
                      ? "put the text in quotes"
                      : "use spaces instead of tabs, and quotes around text that begins with '@', '`' or '%'";
  }
}

bool ChunkReader::compose(const Event& event, Node& out, std::size_t depth) {
  if (depth > k_max_depth) {
    auto& problem = report("yaml-depth", place_of(event), fmt::format("nested deeper than {} levels", k_max_depth));
    problem.path.clear();
    return false;
  }
  ++m_total;
  switch (event.type()) {
    case YAML_ALIAS_EVENT:
      return compose_alias(event, out, depth);
    case YAML_SCALAR_EVENT:
      return compose_scalar(event, out);
    case YAML_SEQUENCE_START_EVENT:
      return compose_sequence(event, out, depth);
    case YAML_MAPPING_START_EVENT:
      return compose_mapping(event, out, depth);
    default:
      return false;
  }
}

bool ChunkReader::compose_alias(const Event& event, Node& out, std::size_t depth) {
  const auto name = view(event->data.alias.anchor);
  const auto found = m_anchors.find(name);
  if (m_open_anchors.contains(name)) {
    report("yaml-syntax", place_of(event), fmt::format("the anchor '{}' holds itself", printable(name)));
    return false;
  }
  if (found == m_anchors.end()) {
    auto& problem = report("yaml-syntax", place_of(event), fmt::format("there is no anchor '{}'", printable(name)));
    problem.fix = "put the text in quotes if no alias is meant";
    return false;
  }
  const Anchor& anchor = found->second;
  m_total += anchor.weight.nodes;
  m_aliased += anchor.weight.nodes;
  m_copied_bytes += anchor.weight.bytes;
  constexpr std::size_t k_free_bytes = std::size_t{16} << 20;
  if (is_alias_bomb(m_aliased, m_total) || m_copied_bytes > k_free_bytes + 16 * m_chunk.text.size()) {
    report("yaml-alias-bomb", place_of(event), "the aliases of this document blow it up too far");
    return false;
  }
  if (depth + anchor.weight.height > k_max_depth) {
    report("yaml-depth", place_of(event), fmt::format("nested deeper than {} levels", k_max_depth)).path.clear();
    return false;
  }
  out = anchor.node;
  return true;
}

bool ChunkReader::remember(const yaml_char_t* anchor, const Node& node, const Place& place) {
  if (anchor == nullptr || !m_may_alias) return true;
  m_open_anchors.erase(std::string(view(anchor)));
  const Weight weight = weigh(node);
  m_copied_bytes += weight.bytes;
  constexpr std::size_t k_free_bytes = std::size_t{64} << 20;
  if (m_copied_bytes > k_free_bytes + 64 * m_chunk.text.size()) {
    report("yaml-alias-bomb", place, "the anchors of this document hold each other too deeply");
    return false;
  }
  m_anchors.insert_or_assign(std::string(view(anchor)), Anchor{node, weight});
  return true;
}

bool ChunkReader::compose_scalar(const Event& event, Node& out) {
  const auto& scalar = event->data.scalar;
  const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
  const std::string_view tag = view(scalar.tag);
  constexpr std::string_view k_core_tags = "tag:yaml.org,2002:";
  const std::string_view core_tag = tag.starts_with(k_core_tags) ? tag.substr(k_core_tags.size()) : std::string_view();
  const bool is_resolved = core_tag == "int" || core_tag == "float" || core_tag == "bool" || core_tag == "null";
  if (!is_resolved && !tag.empty() && core_tag != "str" && tag != "!" && core_tag != "timestamp" &&
      (core_tag == "binary" || m_schema == Schema::core)) {
    report("yaml-tag", place_of(event), fmt::format("the tag '{}' isn't known here", printable(tag))).fix =
        "leave the tag out";
  }
  if ((scalar.plain_implicit != 0 && tag.empty()) || is_resolved) {
    Resolved resolved = resolve_plain(text, m_schema);
    if (resolved.problem == NumberProblem::not_finite) {
      report("yaml-number", place_of(event), fmt::format("'{}' is a number that JSON can't hold", text)).fix =
          "put it in quotes if text is meant";
    } else if (resolved.problem == NumberProblem::too_large) {
      auto& problem = report("yaml-number", place_of(event), fmt::format("'{}' doesn't fit 64 bits", text));
      problem.severity = Severity::warning;
      problem.fix = "put it in quotes if text is meant";
    }
    out = std::move(resolved.value);
    if (core_tag == "float" && out.as_int()) out = Node(*out.as_double());
  } else {
    out = Node(text);
  }
  out.set_place(place_of(event));
  return remember(scalar.anchor, out, out.place());
}

bool ChunkReader::compose_sequence(const Event& event, Node& out, std::size_t depth) {
  const auto* anchor = event->data.sequence_start.anchor;
  if (anchor != nullptr) m_open_anchors.emplace(view(anchor));
  std::vector<Node> items;
  Event item;
  while (true) {
    if (!next(item)) return false;
    if (item.type() == YAML_SEQUENCE_END_EVENT) break;
    m_path.push_back({nullptr, items.size()});
    Node value;
    if (!compose(item, value, depth + 1)) return false;
    items.push_back(std::move(value));
    m_path.pop_back();
  }
  out = Node::sequence(std::move(items));
  out.set_place(place_of(event->start_mark, item->end_mark));
  return remember(anchor, out, out.place());
}

bool ChunkReader::compose_mapping(const Event& event, Node& out, std::size_t depth) {
  const auto* anchor = event->data.mapping_start.anchor;
  if (anchor != nullptr) m_open_anchors.emplace(view(anchor));
  MappingState state;
  Event key;
  while (true) {
    if (!next(key)) return false;
    if (key.type() == YAML_MAPPING_END_EVENT) break;
    if (!compose_entry(key, state, depth)) return false;
  }
  out = Node::mapping();
  out.entries_mutable() = std::move(state.entries);
  out.set_place(place_of(event->start_mark, key->end_mark));
  return remember(anchor, out, out.place());
}

bool ChunkReader::compose_entry(const Event& key_event, MappingState& state, std::size_t depth) {
  const auto& scalar = key_event->data.scalar;
  const bool is_merge = key_event.type() == YAML_SCALAR_EVENT && scalar.plain_implicit != 0 && scalar.tag == nullptr &&
                        view(scalar.value) == "<<";
  Entry entry;
  bool is_usable = true;
  if (!compose_key(key_event, entry, depth, is_usable)) return false;
  m_path.push_back({&entry.key, 0});
  Event value;
  if (!next(value) || !compose(value, entry.value, depth + 1)) return false;
  if (is_merge) {
    merge(state, entry.value, entry.key_place);
  } else if (is_usable) {
    add_entry(state, entry);
  }
  m_path.pop_back();
  return true;
}

bool ChunkReader::compose_key(const Event& event, Entry& entry, std::size_t depth, bool& is_usable) {
  Node key;
  if (!compose(event, key, depth + 1)) return false;
  entry.key_place = place_of(event);
  if (key.is_string()) {
    entry.key = *key.as_string();
  } else if (key.is_null() || key.is_sequence() || key.is_mapping()) {
    is_usable = false;
    auto& problem = report("yaml-key", entry.key_place, fmt::format("{} can't be a key", describe(key.kind())));
    problem.fix = key.is_mapping() ? "put '{{…}}' in quotes if a template's text is meant" : "put the key in quotes";
  } else if (m_schema == Schema::core && event.type() == YAML_SCALAR_EVENT) {
    entry.key = view(event->data.scalar.value);
  } else {
    entry.key = key_text(key);
  }
  return true;
}

void ChunkReader::add_entry(MappingState& state, Entry& entry) {
  const std::size_t at = state.find(entry.key);
  if (at == state.entries.size()) {
    state.append(std::move(entry), false);
    return;
  }
  Entry& first = state.entries[at];
  if (!state.is_merged[at]) {
    auto& problem =
        report("duplicate-key", entry.key_place, fmt::format("the key '{}' is there twice", printable(entry.key)));
    problem.why = "only the last one counts";
    problem.fix = "remove one of the two";
    problem.related.push_back({first.key_place, "the first one"});
  }
  state.is_merged[at] = false;
  first.key_place = entry.key_place;
  first.value = std::move(entry.value);
}

/// Kubernetes' reader lets a later `<<` overwrite an explicit key before it; elsewhere the explicit key stays.
void ChunkReader::merge(MappingState& state, const Node& value, const Place& place) {
  std::set<std::string> explicit_keys;
  if (m_schema == Schema::core) {
    for (std::size_t i = 0; i < state.entries.size(); ++i) {
      if (!state.is_merged[i]) explicit_keys.insert(state.entries[i].key);
    }
  }
  const bool is_good =
      value.is_mapping() || (value.is_sequence() && std::all_of(value.items().begin(), value.items().end(),
                                                                [](const Node& n) { return n.is_mapping(); }));
  if (!is_good) {
    report("yaml-syntax", place, "'<<' wants a map or a list of maps");
    return;
  }
  if (value.is_mapping()) {
    merge_one(state, value, explicit_keys);
    return;
  }
  for (auto item = value.items().rbegin(); item != value.items().rend(); ++item) merge_one(state, *item, explicit_keys);
}

void ChunkReader::merge_one(MappingState& state, const Node& source, const std::set<std::string>& explicit_keys) {
  for (const auto& entry : source.entries()) {
    if (explicit_keys.contains(entry.key)) continue;
    const std::size_t at = state.find(entry.key);
    if (at == state.entries.size()) {
      state.append(entry, true);
    } else {
      state.entries[at] = entry;
      state.is_merged[at] = true;
    }
  }
}

}  // namespace

void read_yaml_chunk(const Chunk& chunk, const FileName& file, Schema schema, Documents& out) {
  ChunkReader(chunk, file, schema, out).read();
}

}  // namespace mlk::inline v0::document
