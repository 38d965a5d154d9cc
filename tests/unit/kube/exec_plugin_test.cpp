#include "kube_server.hpp"

#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>
#include <temporary_folder.hpp>

#include <filesystem>

using namespace mlk;
using namespace mlk::kube;
using test::HttpRequest;

namespace {

constexpr const char* k_pod = "/api/v1/namespaces/nlp/pods/a";

/// A plugin that is a shell script; each run adds a line to "runs".
struct Plugin {
  TemporaryFolder folder;
  ExecPlugin exec;

  explicit Plugin(const std::string& body) {
    const auto path = folder.write("login", "#!/bin/sh\necho run >> \"" + (folder / "runs").string() +
                                                "\"\nprintf '%s' \"$KUBERNETES_EXEC_INFO\" > \"" +
                                                (folder / "info").string() + "\"\n" + body + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    exec.api_version = "client.authentication.k8s.io/v1";
    exec.command = path.string();
    exec.interactive = ExecPlugin::Interactive::never;
  }

  std::size_t runs() const {
    const auto text = read_file(folder / "runs");
    return text ? static_cast<std::size_t>(std::count(text->begin(), text->end(), '\n')) : 0;
  }
  Config config(const KubeServer& kube) const {
    Config config = kube.config();
    config.credentials.exec = exec;
    return config;
  }
};

std::string credential(const std::string& status) {
  return "printf '%s' '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{" +
         status + "}}'";
}

void accept_only(KubeServer& kube, const std::string& token) {
  kube.server.on("GET", k_pod, [=](const HttpRequest& request) {
    return request.header("Authorization") == "Bearer " + token ? json(pod_json("a", 1))
                                                                : json(api_status(401, "Unauthorized"), 401);
  });
}

}  // namespace

TEST_CASE("exec plugin: one run serves until its credential expires", "[kube][auth][exec]") {
  KubeServer kube;
  accept_only(kube, "tok");
  Plugin plugin(credential(R"("token":"tok")"));
  auto client = kube.client(plugin.config(kube));
  CHECK(plugin.runs() == 0);
  REQUIRE(client->get(types::pods, "nlp", "a"));
  REQUIRE(client->get(types::pods, "nlp", "a"));
  CHECK(plugin.runs() == 1);

  Plugin expired(credential(R"("token":"tok","expirationTimestamp":"2020-01-01T00:00:00Z")"));
  client = kube.client(expired.config(kube));
  REQUIRE(client->get(types::pods, "nlp", "a"));
  REQUIRE(client->get(types::pods, "nlp", "a"));
  CHECK(expired.runs() == 2);
}

TEST_CASE("exec plugin: after a 401 it is asked once more and the request is repeated", "[kube][auth][exec]") {
  KubeServer kube;
  accept_only(kube, "tok-2");
  Plugin plugin("n=$(wc -l < \"$(dirname \"$0\")/runs\")\n" +
                std::string("printf '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
                            "\"status\":{\"token\":\"tok-%d\"}}' $n"));
  auto client = kube.client(plugin.config(kube));
  REQUIRE(client->get(types::pods, "nlp", "a"));
  CHECK(plugin.runs() == 2);
  accept_only(kube, "never");
  const auto refused = client->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::auth);
  CHECK(plugin.runs() == 3);
  CHECK((refused.error().what + refused.error().why + refused.error().fix).find("tok-") == std::string::npos);
}

TEST_CASE("exec plugin: it is told of the cluster only where the kubeconfig says so", "[kube][auth][exec]") {
  KubeServer kube;
  accept_only(kube, "tok");
  Plugin plugin(credential(R"("token":"tok")"));
  REQUIRE(kube.client(plugin.config(kube))->get(types::pods, "nlp", "a"));
  auto info = *document::read_json(*read_file(plugin.folder / "info"));
  CHECK(info["kind"].string_or() == "ExecCredential");
  CHECK(info["apiVersion"].string_or() == "client.authentication.k8s.io/v1");
  CHECK(info["spec"]["interactive"].as_bool() == false);
  CHECK(info["spec"]["cluster"].is_null());

  plugin.exec.provide_cluster_info = true;
  plugin.exec.cluster_config = document::Node::mapping({{"audience", "x"}});
  REQUIRE(kube.client(plugin.config(kube))->get(types::pods, "nlp", "a"));
  info = *document::read_json(*read_file(plugin.folder / "info"));
  CHECK(info["spec"]["cluster"]["server"].string_or() == kube.server.url());
  CHECK(info["spec"]["cluster"]["config"]["audience"].string_or() == "x");
  CHECK_FALSE(info["spec"]["cluster"]["certificate-authority-data"].string_or().empty());
}

TEST_CASE("exec plugin: a certificate that it hands out is used", "[kube][auth][exec]") {
  const test::CertificateAuthority authority;
  test::HttpServer server(
      {.certificate = authority.issue({.addresses = {"127.0.0.1"}}), .client_ca_pem = authority.cert_pem()});
  server.on("GET", k_pod, json(pod_json("a", 1)));
  const auto mine = authority.issue({.common_name = "dev"});
  Plugin plugin("cat \"$(dirname \"$0\")/answer\"");
  document::Node answer =
      document::Node::mapping({{"apiVersion", "client.authentication.k8s.io/v1"}, {"kind", "ExecCredential"}});
  answer.at({"status", "clientCertificateData"}) = document::Node(mine.cert_pem);
  answer.at({"status", "clientKeyData"}) = document::Node(mine.key_pem);
  plugin.folder.write("answer", document::write_json(answer, 0));
  Config config;
  config.server = server.url();
  config.namespace_name = "nlp";
  config.ca_pem = authority.cert_pem();
  config.credentials.exec = plugin.exec;
  auto loop = *http::Loop::open();
  auto client = *Client::connect(*loop, config);
  CHECK(client->get(types::pods, "nlp", "a"));
}

TEST_CASE("exec plugin: what can go wrong is told, and never what it printed", "[kube][auth][exec]") {
  KubeServer kube;
  const auto failure = [&](Plugin& plugin) {
    const auto refused = kube.client(plugin.config(kube))->get(types::pods, "nlp", "a");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::auth);
    const std::string all = refused.error().what + "|" + refused.error().why + "|" + refused.error().fix;
    CHECK(all.find("s3cret") == std::string::npos);
    return all;
  };
  const auto says = [&](const std::string& script) {
    Plugin plugin(script);
    return failure(plugin);
  };
  CHECK(says("echo s3cret").find("didn't answer with JSON") != std::string::npos);
  CHECK(says(credential("")).find("neither a token nor a certificate") != std::string::npos);
  CHECK(says(credential(R"("clientKeyData":"s3cret")")).find("half of a certificate") != std::string::npos);
  CHECK(says(credential(R"("token":"s3cret","expirationTimestamp":"soon")")).find("isn't a time") != std::string::npos);
  CHECK(says(R"(echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential"}')")
            .find("got 'client.authentication.k8s.io/v1beta1', expected 'client.authentication.k8s.io/v1'") !=
        std::string::npos);
  const auto failed = says("echo 'session over: run cloud login eyJhbGciOi.s3cretXXXXXXXXXXXXXXXXXXXXXXX' >&2; exit 3");
  CHECK(failed.find("exited with code 3") != std::string::npos);
  CHECK(failed.find("run cloud login [hidden]") != std::string::npos);

  Plugin missing("true");
  missing.exec.command = "surely-no-such-plugin";
  missing.exec.install_hint = "get it at https://example.com";
  CHECK(failure(missing).find("isn't installed") != std::string::npos);
  CHECK(failure(missing).find("https://example.com") != std::string::npos);
  Plugin always(credential(R"("token":"tok")"));
  always.exec.interactive = ExecPlugin::Interactive::always;
  CHECK(failure(always).find("needs a terminal") != std::string::npos);
}

TEST_CASE("exec plugin: completion never starts one", "[kube][auth][exec]") {
  KubeServer kube;
  Plugin plugin(credential(R"("token":"tok")"));
  ClientOptions options;
  options.plugins = PluginPolicy::never;
  const auto refused = kube.client(plugin.config(kube), options)->get(types::pods, "nlp", "a");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "kube-plugin-needed");
  CHECK(plugin.runs() == 0);
  CHECK(kube.server.connections() == 0);
}
