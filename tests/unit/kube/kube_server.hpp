#pragma once

#include <mlk/http/loop.hpp>
#include <mlk/kube/client.hpp>

#include <fmt/format.h>
#include <http_server.hpp>

#include <memory>
#include <string>

/// A scripted API server with TLS and a client that trusts it.
struct KubeServer {
  mlk::test::CertificateAuthority authority;
  mlk::test::HttpServer server{{.certificate = authority.issue({.addresses = {"127.0.0.1"}})}};
  std::unique_ptr<mlk::http::Loop> loop = *mlk::http::Loop::open();

  mlk::kube::Config config() const {
    mlk::kube::Config config;
    config.context = "test";
    config.namespace_name = "nlp";
    config.server = server.url();
    config.ca_pem = authority.cert_pem();
    return config;
  }
  std::unique_ptr<mlk::kube::Client> client(mlk::kube::Config with, mlk::kube::ClientOptions options = {}) {
    return *mlk::kube::Client::connect(*loop, std::move(with), std::move(options));
  }
  std::unique_ptr<mlk::kube::Client> client() { return client(config()); }
};

inline mlk::test::HttpAnswer json(std::string body, int status = 200) {
  return {.status = status, .body = std::move(body), .headers = {{"Content-Type", "application/json"}}};
}

inline std::string api_status(int code, const std::string& reason, const std::string& message = "m") {
  return fmt::format(R"({{"kind":"Status","status":"Failure","message":"{}","reason":"{}","code":{}}})", message,
                     reason, code);
}

inline std::string pod_json(const std::string& name, int version) {
  return fmt::format(
      R"({{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{0}","namespace":"nlp","uid":"uid-{0}","resourceVersion":"{1}"}}}})",
      name, version);
}

inline std::string list_json(const std::string& items, const std::string& version, const std::string& next = "") {
  return fmt::format(R"({{"kind":"PodList","metadata":{{"resourceVersion":"{}","continue":"{}"}},"items":[{}]}})",
                     version, next, items);
}
