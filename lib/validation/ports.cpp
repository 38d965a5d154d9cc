#include "ports.hpp"

#include <mlk/core/text.hpp>

#include <algorithm>
#include <charconv>

namespace mlk::inline v0::validation {

namespace {

std::optional<std::int64_t> port_number(std::string_view text) {
  std::int64_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535) return std::nullopt;
  return port;
}

/// "--port", "--grpc-port", "--http_port".
bool is_port_flag(std::string_view flag) {
  if (!flag.starts_with("--")) return false;
  return flag == "--port" || flag.ends_with("-port") || flag.ends_with("_port");
}

}  // namespace

bool PortFacts::listens(std::int64_t port) const noexcept {
  if (std::find(told.begin(), told.end(), port) != told.end()) return true;
  // A second, declared port (metrics, say) may be the server's default; only the one called like the main one isn't.
  const auto is_declared = [&](const auto& each) { return each.second == port; };
  return std::any_of(declared.begin(), declared.end(), is_declared) && (!main || declared.size() > 1);
}

std::optional<std::int64_t> PortFacts::named(std::string_view name) const noexcept {
  for (const auto& [own, port] : declared) {
    if (own == name) return port;
  }
  return std::nullopt;
}

std::vector<std::int64_t> PortFacts::open() const {
  std::vector<std::int64_t> ports = told;
  for (const auto& [name, port] : declared) {
    if (listens(port) && std::find(ports.begin(), ports.end(), port) == ports.end()) ports.push_back(port);
  }
  return ports;
}

PortFacts port_facts(const Container& container) {
  PortFacts facts;
  for (const Spot& port : container.spot["ports"].children()) {
    if (const auto number = port["containerPort"].node().as_int()) {
      facts.declared.emplace_back(port["name"].text(), *number);
    }
  }
  std::vector<Spot> words;
  for (const std::string_view part : {"command", "args"}) {
    for (const Spot& word : container.spot[part].children()) words.push_back(word);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i].text();
    const auto equals = word.find('=');
    const std::string flag = word.substr(0, equals);
    if (!is_port_flag(flag)) continue;
    const bool has_value = equals != std::string::npos;
    if (!has_value && i + 1 == words.size()) continue;
    const Spot& value = has_value ? words[i] : words[i + 1];
    const auto number = port_number(has_value ? word.substr(equals + 1) : value.text());
    if (!number) continue;
    facts.told.push_back(*number);
    if (flag == "--port" && !facts.main) {
      facts.main = number;
      facts.main_spot = value;
    }
  }
  return facts;
}

std::string list(const std::vector<std::int64_t>& ports) {
  std::vector<std::string> texts;
  texts.reserve(ports.size());
  for (const std::int64_t port : ports) texts.push_back(std::to_string(port));
  return join(texts, ", ");
}

}  // namespace mlk::inline v0::validation
