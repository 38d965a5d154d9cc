#include "registry_error.hpp"

#include <mlk/core/text.hpp>
#include <mlk/document/reader.hpp>

namespace mlk::oci {

namespace {

std::string of_repository(const Asked& asked) {
  return asked.repository.empty() ? "" : " in '" + asked.repository + "'";
}

std::string words_or(const http::Response& answer, std::string other) {
  const auto words = registry_words(answer.body);
  return words.empty() ? std::move(other) : "it says: " + words;
}

}  // namespace

std::string login_hint(const std::string& registry) {
  return "log in with 'docker login " + registry + "' or 'podman login " + registry + "'";
}

std::string registry_words(const std::string& body) {
  if (body.size() > (1U << 20)) return {};
  const auto root = document::read_json(body);
  if (!root) return {};
  std::vector<std::string> out;
  for (const auto& error : (*root)["errors"].items()) {
    auto text = error["code"].string_or();
    if (const auto message = error["message"].string_or(); !message.empty()) {
      text += (text.empty() ? "" : ": ") + message;
    }
    if (!text.empty() && out.size() < 3) out.push_back(printable(text.substr(0, 300)));
  }
  return join(out, "; ");
}

Error auth_error(const Asked& asked, std::string why) {
  return Error(ErrorKind::auth,
               "registry '" + asked.registry + "' gives no access to '" + asked.repository + "' for " + asked.doing)
      .because(std::move(why))
      .fixed_by(login_hint(asked.registry));
}

Error status_error(const Asked& asked, const http::Response& answer) {
  const auto who = "registry '" + asked.registry + "'";
  const auto status = std::to_string(answer.status);
  switch (answer.status) {
    case 403:
      return Error(ErrorKind::auth, who + " forbids " + asked.doing + of_repository(asked))
          .because(words_or(answer, "it answered 403"))
          .fixed_by("ask whoever runs it for the right to " + std::string(asked.is_write ? "push to" : "pull from") +
                    " '" + asked.repository + "', or log in as somebody who has it");
    case 404: {
      const auto object = asked.object.empty() ? "repository '" + asked.repository + "'" : asked.object;
      return Error(ErrorKind::not_found, who + " has no " + object)
          .because(words_or(answer, "it answered 404"))
          .fixed_by(asked.is_write
                        ? "check the name; some registries want the repository to be created first"
                        : "look at the tags with 'mlk model list " + asked.registry + "/" + asked.repository + "'");
    }
    case 413:
      return Error(ErrorKind::failed, who + " refuses content of this size while " + asked.doing + of_repository(asked))
          .because(words_or(answer, "it answered 413"))
          .fixed_by("raise the limit of the registry or of the proxy before it");
    case 429: {
      const auto after = answer.headers.get("Retry-After");
      return Error(ErrorKind::unavailable, who + " limits how often it may be asked, while " + asked.doing)
          .because(words_or(answer, "it answered 429, again and again"))
          .fixed_by(after ? "try again in " + printable(std::string(after->substr(0, 40))) + " s" : "try again later");
    }
    default:
      break;
  }
  if (answer.status >= 500 || answer.status == 408) {
    return Error(ErrorKind::unavailable, who + " failed while " + asked.doing + of_repository(asked))
        .because(words_or(answer, "it answered " + status + ", again and again"))
        .fixed_by("try again later; if it stays so, whoever runs the registry has to look at its log");
  }
  return Error(ErrorKind::failed, who + " refused " + asked.doing + of_repository(asked))
      .because("it answered " + status +
               (registry_words(answer.body).empty() ? "" : ": " + registry_words(answer.body)));
}

}  // namespace mlk::oci
