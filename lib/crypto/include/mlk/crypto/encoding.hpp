#pragma once

#include <mlk/core/result.hpp>

#include <string>
#include <string_view>

namespace mlk::crypto {

/// Lower-case hex, two characters a byte.
std::string hex_encode(std::string_view bytes);
/// Either case; an odd length or another character is an error.
Result<std::string> hex_decode(std::string_view text);

/// RFC 4648 §4, padded, on one line.
std::string base64_encode(std::string_view bytes);
/// Strict: whole groups of four with their padding, no other character, no stray bits. Line breaks, as in PEM and in
/// hand-written kubeconfigs, are skipped.
Result<std::string> base64_decode(std::string_view text);

/// RFC 4648 §5, without padding, as JWTs use it.
std::string base64url_encode(std::string_view bytes);
/// Strict; padding may be there or not.
Result<std::string> base64url_decode(std::string_view text);

}  // namespace mlk::crypto
