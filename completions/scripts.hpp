#pragma once

#include <string_view>

namespace mlk::completions {

/// The completion script of bash, zsh, fish or powershell; empty for any other shell.
std::string_view script(std::string_view shell) noexcept;

}  // namespace mlk::completions
