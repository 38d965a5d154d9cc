#pragma once

#include "checker.hpp"
#include "code.hpp"

#include <memory>

namespace mlk::inline v0::cel {

/// Turns a checked expression into steps. Conversions of constants that fail are issues.
std::shared_ptr<const Program::Code> generate(const Ast& ast, const CheckedAst& checked, const Environment& environment,
                                              std::string_view source, Issues& issues);

}  // namespace mlk::inline v0::cel
