#include <mlk/core/error.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace mlk::inline v0 {

Error&& Error::within(std::string_view doing) && {
  what = fmt::format("{}: {}", doing, what);
  return std::move(*this);
}

Error system_error(std::string what, int errno_value) {
  Error error(errno_value == ENOENT ? ErrorKind::not_found : ErrorKind::failed, std::move(what));
  error.why = std::generic_category().message(errno_value);
  if (errno_value == ENOSPC) error.fix = "free some space, or choose another folder";
  if (errno_value == EACCES || errno_value == EPERM) error.fix = "check who owns the file and its permissions";
  return error;
}

Error interrupted(std::string what) { return Error(ErrorKind::interrupted, std::move(what)); }

}  // namespace mlk::inline v0
