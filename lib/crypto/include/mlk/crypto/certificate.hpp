#pragma once

#include <mlk/core/result.hpp>
#include <mlk/core/time.hpp>

#include <string_view>

namespace mlk::crypto {

/// When the first X.509 certificate of a PEM text stops being valid (its notAfter). A text without a certificate is an
/// error, which never quotes the text.
Result<SystemTime> certificate_expiry(std::string_view pem);

}  // namespace mlk::crypto
