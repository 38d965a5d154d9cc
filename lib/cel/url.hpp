#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mlk::inline v0::cel {

/// A URL taken apart as Go's net/url does; parts point into `text` or are made when asked for.
struct Url {
  std::string_view text;
  std::string_view scheme;  ///< as it was written
  std::string_view host;    ///< escaped, with the port
  std::string_view path;    ///< escaped
  std::string_view query;
};

/// What url() and isURL() take: an absolute URI or an absolute path.
std::optional<Url> parse_url(std::string_view text, std::string& why);
std::string url_scheme(const Url& url);
std::string url_host(const Url& url);
std::string url_hostname(const Url& url);
std::string url_port(const Url& url);
std::string url_escaped_path(const Url& url);
std::map<std::string, std::vector<std::string>> url_query(const Url& url);

}  // namespace mlk::inline v0::cel
