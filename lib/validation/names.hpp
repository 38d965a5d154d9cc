#pragma once

#include <cstdint>
#include <string_view>

namespace mlk::inline v0::validation {

/// The grammars of names, as apimachinery's validation package has them.
enum class Format : std::uint8_t {
  none,
  dns_label,      ///< DNS-1123 label, at most 63
  dns_subdomain,  ///< DNS-1123 subdomain, at most 253
  dns_1035,       ///< label that starts with a letter
  label_key,      ///< [prefix/]name, also annotations, resources and taints
  label_value,
  config_key,  ///< key of a ConfigMap or Secret
  env_name,
  port_name,  ///< at most 15, with a letter
  absolute_path,
  percentage,          ///< "25%"
  container_resource,  ///< cpu, memory, …, or a name with a domain
};

bool conforms(std::string_view text, Format format) noexcept;
/// "a lower-case name of letters, digits and '-', at most 63 long": for messages.
std::string_view describe(Format format) noexcept;
/// The code of the finding when a text doesn't conform: "name-invalid" or "label-invalid", …
std::string_view code_for(Format format) noexcept;

}  // namespace mlk::inline v0::validation
