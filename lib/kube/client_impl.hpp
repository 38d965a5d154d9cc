#pragma once

#include "discovery.hpp"
#include "session.hpp"

#include <memory>

namespace mlk::kube {

class Client::Impl {
 public:
  Impl(http::Loop& loop, Config config, ClientOptions options)
      : session(std::make_shared<Session>(loop, std::move(config), std::move(options))), discovery(*session) {}

  std::shared_ptr<Session> session;  ///< shared with watches and logs
  Discovery discovery;
};

}  // namespace mlk::kube
