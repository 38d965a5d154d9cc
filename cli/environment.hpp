#pragma once

#include "cli/stream.hpp"

#include <mlk/core/time.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace mlk::http {
class Loop;
}
namespace mlk::kube {
class Client;
}
namespace mlk::commands {
class Context;
}
namespace mlk::commands::options {
struct Cluster;
}
namespace mlk::project {
struct Project;
}

namespace mlk::cli {

/// How real clients are made; tests give fakes. Set in cli/wiring.cpp only.
struct Wiring {
  std::function<Result<std::unique_ptr<http::Loop>>(commands::Context&)> loop;
  std::function<Result<std::unique_ptr<kube::Client>>(commands::Context&, http::Loop&,
                                                      const commands::options::Cluster&, const project::Project*)>
      cluster;
};

/// Stops that come from outside. Nothing is watched before the first token() is asked for.
class StopSource {
 public:
  virtual ~StopSource() = default;
  virtual std::stop_token token() = 0;
  /// The signal that asked for the stop; 0 while none did.
  virtual int signal() const noexcept = 0;
};

/// The world around one run: main() gives the real one, tests their own.
struct Environment {
  Stream& out;
  Stream& err;
  Input& in;
  Clock& clock;
  StopSource& stop;
  std::function<std::optional<std::string>(const std::string&)> variable;
  std::filesystem::path cwd;
  std::filesystem::path program;  ///< this binary, for work behind the user's back; empty: there is none
  const Wiring& wiring;
};

}  // namespace mlk::cli
