#include <mlk/oci/digest.hpp>
#include <mlk/oci/reference.hpp>

#include <algorithm>
#include <optional>

namespace mlk::oci {

namespace {

bool is_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool is_lower_alnum(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// One part of a repository: [a-z0-9]+ joined by '.', '_', '__' or dashes. Source: the distribution specification.
bool is_path_component(std::string_view part) {
  if (part.empty() || !is_lower_alnum(part.front()) || !is_lower_alnum(part.back())) return false;
  for (std::size_t i = 0; i < part.size();) {
    if (is_lower_alnum(part[i])) {
      ++i;
      continue;
    }
    const auto end = std::find_if(part.begin() + static_cast<std::ptrdiff_t>(i), part.end(), is_lower_alnum);
    const auto gap = part.substr(i, static_cast<std::size_t>(end - part.begin()) - i);
    const bool is_dashes = gap.find_first_not_of('-') == std::string_view::npos;
    if (!is_dashes && gap != "." && gap != "_" && gap != "__") return false;
    i += gap.size();
  }
  return true;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(std::string(text)) <= 65535;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    return end != std::string_view::npos && end > 1 &&
           host.substr(1, end - 1).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  if (host.empty() || !is_alnum(host.front()) || !is_alnum(host.back())) return false;
  return std::all_of(host.begin(), host.end(), [](char c) { return is_alnum(c) || c == '.' || c == '-'; });
}

/// "host", "host:port", "[address]:port".
bool is_registry(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return is_host(text);
  return is_host(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

bool looks_like_registry(std::string_view part) {
  return part == "localhost" || part.find_first_of(".:[") != std::string_view::npos;
}

Error malformed(std::string_view text, std::string why, std::string fix = {}) {
  if (fix.empty()) {
    fix = "write it as registry/repository:tag, registry/repository@sha256:…, or oci:DIR:TAG for a layout on disk";
  }
  return Error(ErrorKind::usage, "'" + std::string(text.substr(0, 300)) + "' is not an image name")
      .because(std::move(why))
      .fixed_by(std::move(fix));
}

/// Cuts "@sha256:…" off the end.
Result<std::string> take_digest(std::string_view whole, std::string_view& rest) {
  const auto at = rest.rfind('@');
  if (at == std::string_view::npos) return std::string();
  auto digest = Digest::parse(rest.substr(at + 1));
  if (!digest) return malformed(whole, "after '@' a digest has to stand: " + digest.error().why);
  rest = rest.substr(0, at);
  return digest->text();
}

Result<Reference> parse_layout(std::string_view whole, std::string_view rest) {
  Reference ref;
  ref.home = Home::layout;
  MLK_TRY(ref.digest, take_digest(whole, rest));
  // The first colon ends the folder, as skopeo splits it: a name in the default layout has colons of its own.
  const auto colon = rest.find(':');
  ref.directory = std::string(rest.substr(0, colon));
  if (colon != std::string_view::npos) {
    ref.tag = std::string(rest.substr(colon + 1));
    if (ref.tag.empty()) return malformed(whole, "the tag after the last ':' is empty");
    const auto is_ok = [](char c) {
      return is_alnum(c) || std::string_view("._-:/+[]").find(c) != std::string_view::npos;
    };
    if (!std::all_of(ref.tag.begin(), ref.tag.end(), is_ok)) {
      return malformed(whole, "'" + ref.tag + "' has characters that a layout's tag can't have");
    }
  }
  if (ref.directory.empty()) return malformed(whole, "the folder after 'oci:' is missing");
  return ref;
}

Result<void> check_repository(std::string_view whole, std::string_view repository) {
  if (repository.empty()) return malformed(whole, "the repository after the registry is missing");
  if (repository.size() > 255) return malformed(whole, "the repository is longer than 255 characters");
  for (std::size_t from = 0; from <= repository.size();) {
    const auto slash = std::min(repository.find('/', from), repository.size());
    const auto part = repository.substr(from, slash - from);
    if (!is_path_component(part)) {
      const bool has_upper = std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
      return malformed(whole,
                       has_upper ? "'" + std::string(part) + "' has upper-case letters"
                                 : "'" + std::string(part) + "' can't be a part of a repository's name",
                       "use lower-case letters and digits, with '.', '_' or '-' between them");
    }
    from = slash + 1;
  }
  return {};
}

Result<Reference> parse_remote(std::string_view whole, std::string_view rest, bool is_registry_sure) {
  Reference ref;
  MLK_TRY(ref.digest, take_digest(whole, rest));
  const auto slash = rest.find('/');
  const auto colon = rest.rfind(':');
  // A colon before the last slash is a port.
  if (colon != std::string_view::npos && (rest.rfind('/') == std::string_view::npos || colon > rest.rfind('/'))) {
    ref.tag = std::string(rest.substr(colon + 1));
    if (!is_tag(ref.tag)) {
      return malformed(whole, "'" + ref.tag + "' can't be a tag",
                       "a tag has up to 128 letters, digits, '_', '.' and '-', and begins with a letter, digit or '_'");
    }
    rest = rest.substr(0, colon);
  }
  const auto first = rest.substr(0, std::min(slash, rest.size()));
  if (slash != std::string_view::npos && (is_registry_sure || looks_like_registry(first))) {
    if (!is_registry(first))
      return malformed(whole, "'" + std::string(first) + "' can't be a registry's host and port");
    ref.registry = std::string(first);
    ref.repository = std::string(rest.substr(slash + 1));
  } else if (is_registry_sure) {
    return malformed(whole, "after '://' a registry and a repository have to stand");
  } else {
    ref.registry = "docker.io";
    ref.repository = slash == std::string_view::npos ? "library/" + std::string(rest) : std::string(rest);
  }
  MLK_CHECK(check_repository(whole, ref.repository));
  return ref;
}

}  // namespace

bool is_tag(std::string_view text) noexcept {
  if (text.empty() || text.size() > 128 || !(is_alnum(text.front()) || text.front() == '_')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_loopback(std::string_view registry) noexcept {
  const auto bracket = registry.rfind(']');
  const auto colon = registry.rfind(':');
  auto host = registry;
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = registry.substr(0, colon);
  }
  return host == "localhost" || host == "[::1]" || host.ends_with(".localhost") ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

Result<Reference> parse_reference(std::string_view text) {
  if (text.empty()) return malformed(text, "it is empty");
  const auto is_bad = [](char c) { return c <= ' ' || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), is_bad) && !text.starts_with("oci:")) {
    return malformed(text, "it has spaces or control characters");
  }
  for (const std::string_view scheme : {"docker://", "oci://", "oci+native://"}) {
    if (text.starts_with(scheme)) return parse_remote(text, text.substr(scheme.size()), scheme != "docker://");
  }
  if (text.starts_with("oci-archive:")) {
    const auto rest = text.substr(text.find(':') + 1);
    const auto file = std::string(rest.substr(0, rest.find(':')));
    return Error(ErrorKind::usage, "'" + std::string(text) + "' names an archive, and those can't be read or written")
        .because("an archive is a layout in one tar file; mlk works on the layout itself")
        .fixed_by("unpack it with 'tar -C DIR -xf " + file + "' and use oci:DIR:TAG");
  }
  if (text.starts_with("oci:")) return parse_layout(text, text.substr(4));
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    return malformed(text, "'" + std::string(text.substr(0, scheme)) + "://' isn't known",
                     "write registry/repository:tag, or put docker:// or oci:// before it");
  }
  return parse_remote(text, text, false);
}

std::string Reference::name() const { return home == Home::layout ? "oci:" + directory : registry + "/" + repository; }

std::string Reference::text() const {
  std::string out = name();
  if (!tag.empty()) out += ":" + tag;
  if (!digest.empty()) out += "@" + digest;
  return out;
}

std::string Reference::wanted() const {
  if (!digest.empty()) return digest;
  return tag.empty() ? "latest" : tag;
}

}  // namespace mlk::oci
