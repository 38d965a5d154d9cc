#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mlk::project {

/// What a text must look like beyond being one.
enum class Format : std::uint8_t {
  any,
  not_empty,
  job_name,      ///< DNS-1035, short enough for what is appended to it
  section_name,  ///< DNS-1123 label
  label,         ///< DNS-1123 label: a namespace, a name
  subdomain,     ///< DNS-1123 subdomain: a Secret, a claim
  host,          ///< a subdomain, "*." may stand before it
  env_name,      ///< of an environment variable
  absolute_path,
  relative_path,  ///< stays below the folder it starts from
  label_key,
  label_value,
  image,
  measure,  ///< of a gate: "error-rate"
};

/// What is wrong with the text, as "is no …: …"; nothing where it fits.
std::optional<std::string> mismatch(Format format, std::string_view text);

/// The same as a regular expression for the JSON Schema; empty where there is none.
std::string_view pattern_of(Format format) noexcept;

}  // namespace mlk::project
