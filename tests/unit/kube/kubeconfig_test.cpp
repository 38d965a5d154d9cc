#include <mlk/crypto/encoding.hpp>
#include <mlk/kube/kubeconfig.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <temporary_folder.hpp>

using namespace mlk;
using namespace mlk::kube;

namespace {

std::string config_text(const std::string& name, const std::string& server, const std::string& user = "token: t") {
  return fmt::format(R"(apiVersion: v1
kind: Config
current-context: {0}
clusters:
- name: {0}
  cluster: {{server: "{1}"}}
users:
- name: {0}
  user: {{{2}}}
contexts:
- name: {0}
  context: {{cluster: {0}, user: {0}, namespace: ns-{0}}}
)",
                     name, server, user);
}

Sources flagged(const std::filesystem::path& path) {
  Sources sources;
  sources.flag = path.string();
  sources.service_account = "/nowhere";
  return sources;
}

Error refused(const Result<Config>& config) {
  REQUIRE_FALSE(config);
  CHECK_FALSE(config.error().fix.empty());
  return config.error();
}

}  // namespace

TEST_CASE("kubeconfig: the first file that defines a name wins whole", "[kube][kubeconfig]") {
  const TemporaryFolder folder;
  const auto a = folder.write("a", config_text("prod", "https://a:1", "token: first"));
  const auto b = folder.write("b", config_text("prod", "https://b:2", "username: u, password: p"));
  const auto c = folder.write("c", config_text("dev", "https://c:3"));
  Sources sources;
  sources.kubeconfig =
      fmt::format("{0}:{1}:::{2}:{0}:{3}", a.string(), (folder / "missing").string(), b.string(), c.string());
  const auto config = load_config(sources);
  REQUIRE(config);
  CHECK(config->context == "prod");
  CHECK(config->server == "https://a:1");
  CHECK(config->namespace_name == "ns-prod");
  CHECK(config->credentials.token.reveal() == "first");
  CHECK(config->credentials.username.empty());
  CHECK(config->files.size() == 3);
  CHECK(config->describe() == "context 'prod' (https://a:1)");

  Overrides overrides;
  overrides.context = "dev";
  overrides.namespace_name = "other";
  overrides.as = "jane";
  overrides.as_groups = {"x", "y"};
  const auto chosen = load_config(sources, overrides);
  REQUIRE(chosen);
  CHECK(chosen->server == "https://c:3");
  CHECK(chosen->namespace_name == "other");
  CHECK(chosen->credentials.impersonation.groups.size() == 2);

  const auto contexts = list_contexts(sources);
  REQUIRE(contexts);
  REQUIRE(contexts->size() == 2);
  CHECK(contexts->front().name == "prod");
  CHECK(contexts->front().is_current);
  CHECK(contexts->back().server == "https://c:3");
}

TEST_CASE("kubeconfig: relative paths stand against the file that holds them", "[kube][kubeconfig]") {
  const TemporaryFolder folder;
  folder.write("pki/ca.pem", "CA");
  folder.write("pki/c.pem", "CERT");
  folder.write("pki/k.pem", "KEY");
  const auto file = folder.write("sub/config", R"(
clusters: [{name: c, cluster: {server: "https://h:1/prefix/", certificate-authority: ../pki/ca.pem, tls-server-name: api.internal,
  proxy-url: "socks5://p:1", extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]}}]
users:
- {name: u, user: {client-certificate: ../pki/c.pem, client-key: ../pki/k.pem, tokenFile: tok, exec: {apiVersion:
    client.authentication.k8s.io/v1, command: ./bin/login, args: [a], env: [{name: X, value: "1"}],
    installHint: "get\e[31m it", interactiveMode: Never, provideClusterInfo: true}}}
- {name: plain, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: login, args: null, env: null}}}
contexts: [{name: x, context: {cluster: c, user: u}}, {name: other, context: {cluster: c, user: plain}}]
current-context: x
)");
  const auto config = load_config(flagged(file));
  INFO((config ? "" : config.error().what + " " + config.error().why));
  REQUIRE(config);
  CHECK(config->server == "https://h:1/prefix");
  CHECK(config->ca_pem == "CA");
  CHECK(config->tls_server_name == "api.internal");
  CHECK(config->proxy_url == "socks5://p:1");
  CHECK(config->namespace_name == "default");
  CHECK(config->credentials.client_certificate_pem == "CERT");
  CHECK(config->credentials.client_key_pem.reveal() == "KEY");
  CHECK(config->credentials.token_file == folder / "sub/tok");
  const auto& exec = *config->credentials.exec;
  CHECK(exec.command == (folder / "sub/bin/login").string());
  CHECK(exec.interactive == ExecPlugin::Interactive::never);
  CHECK(exec.provide_cluster_info);
  CHECK(exec.cluster_config["audience"].string_or() == "a");
  CHECK(exec.install_hint.find('\x1b') == std::string::npos);
  CHECK(exec.env.front().second == "1");

  Overrides other;
  other.context = "other";
  const auto plain = load_config(flagged(file), other);
  REQUIRE(plain);
  CHECK(plain->credentials.exec->command == "login");
  CHECK(plain->credentials.exec->interactive == ExecPlugin::Interactive::if_available);
}

TEST_CASE("kubeconfig: data is base64 and excludes the file", "[kube][kubeconfig]") {
  const TemporaryFolder folder;
  const std::string ca = crypto::base64_encode("CA-BYTES");
  const auto with = [&](const std::string& cluster, const std::string& user) {
    return folder.write("config", fmt::format("current-context: x\n"
                                              "clusters: [{{name: c, cluster: {{server: \"https://h\", {}}}}}]\n"
                                              "users: [{{name: u, user: {{{}}}}}]\n"
                                              "contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\n",
                                              cluster, user));
  };
  CHECK(load_config(flagged(with("certificate-authority-data: " + ca, "")))->ca_pem == "CA-BYTES");
  CHECK(refused(load_config(flagged(with("certificate-authority: f, certificate-authority-data: " + ca, ""))))
            .what.find("both 'certificate-authority' and 'certificate-authority-data'") != std::string::npos);
  CHECK(refused(load_config(flagged(with("certificate-authority-data: '%%'", "")))).what.find("isn't base64") !=
        std::string::npos);
  CHECK(refused(load_config(flagged(with("certificate-authority: gone.pem", "")))).fix.find("gone.pem") !=
        std::string::npos);
  CHECK(refused(load_config(flagged(with("insecure-skip-tls-verify: true, certificate-authority-data: " + ca, ""))))
            .kind == ErrorKind::usage);
  CHECK(refused(load_config(flagged(with("proxy-url: 'ftp://x'", "")))).what.find("proxy-url") != std::string::npos);
  CHECK(refused(load_config(flagged(with("", "client-certificate-data: " + ca)))).what.find("without its key") !=
        std::string::npos);
  CHECK(refused(load_config(flagged(with("", "token: s3cret, username: u")))).what.find("both a token") !=
        std::string::npos);
  CHECK(refused(load_config(flagged(with("", "auth-provider: {name: gcp}")))).what.find("'gcp'") != std::string::npos);
  CHECK(refused(load_config(flagged(with("", "exec: {command: x}")))).what.find("no apiVersion") != std::string::npos);
  CHECK(refused(load_config(flagged(with("", "exec: {apiVersion: client.authentication.k8s.io/v1, command: x}"))))
            .what.find("interactiveMode") != std::string::npos);
  CHECK(refused(load_config(flagged(with("", "token: [1]")))).what.find("config:3:") != std::string::npos);
  CHECK(refused(load_config(flagged(with("", "as-groups: [a]")))).fix == "add --as USER");
}

TEST_CASE("kubeconfig: what is missing, empty or broken is said", "[kube][kubeconfig]") {
  const TemporaryFolder folder;
  const auto missing = refused(load_config(flagged(folder / "gone")));
  CHECK(missing.kind == ErrorKind::usage);
  CHECK(missing.what.find((folder / "gone").string()) != std::string::npos);
  CHECK(refused(load_config(flagged(folder.write("empty", "")))).what == "the kubeconfig is empty");
  CHECK(refused(load_config(flagged(folder.write("comment", "# nothing\n---\n")))).what == "the kubeconfig is empty");
  CHECK(refused(load_config(flagged(folder.write("broken", "clusters: [\n")))).what.find("broken") !=
        std::string::npos);
  CHECK(refused(load_config(flagged(folder.write("list", "- 1\n")))).why.find("not a map") != std::string::npos);
  CHECK(refused(load_config(flagged(folder.write("kind", "kind: Pod\n")))).why.find("'Pod'") != std::string::npos);

  const auto file = folder.write("config", config_text("prod", "https://a:1"));
  Overrides overrides;
  overrides.context = "prodd";
  const auto unknown = refused(load_config(flagged(file), overrides));
  CHECK(unknown.kind == ErrorKind::not_found);
  CHECK(unknown.what.find("did you mean 'prod'?") != std::string::npos);
  const auto none = folder.write("none", "contexts: [{name: a, context: {cluster: c}}]\n");
  CHECK(refused(load_config(flagged(none))).fix.find("--context: 'a'") != std::string::npos);
  overrides.context = "a";
  CHECK(refused(load_config(flagged(none), overrides)).what.find("cluster 'c'") != std::string::npos);

  Sources nothing;
  nothing.home = folder.path();
  nothing.service_account = folder / "sa";
  const auto unset = refused(load_config(nothing));
  CHECK(unset.what == "no cluster is configured");
  CHECK(unset.why.find(".kube/config") != std::string::npos);
  CHECK(list_contexts(nothing)->empty());
}

TEST_CASE("kubeconfig: a pod's own account counts where no kubeconfig is usable", "[kube][kubeconfig]") {
  const TemporaryFolder folder;
  folder.write("sa/token", "secret-token\n");
  folder.write("sa/ca.crt", "CA");
  folder.write("sa/namespace", "team\n");
  Sources sources;
  sources.home = folder.path();
  sources.service_account = folder / "sa";
  sources.service_host = "fd00::1";
  sources.service_port = "6443";
  const auto config = load_config(sources);
  REQUIRE(config);
  CHECK(config->in_cluster);
  CHECK(config->server == "https://[fd00::1]:6443");
  CHECK(config->namespace_name == "team");
  CHECK(config->credentials.token_file == folder / "sa/token");
  // A kubeconfig that is there wins, and an empty one that was asked for by name is not passed over.
  folder.write(".kube/config", config_text("prod", "https://a:1"));
  CHECK(load_config(sources)->server == "https://a:1");
  sources.flag = folder.write("empty", "").string();
  CHECK_FALSE(load_config(sources));
}

TEST_CASE("kubeconfig: credentials are dropped for a server without TLS", "[kube][kubeconfig]") {
  const TemporaryFolder folder;
  const auto file = folder.write("config", config_text("p", "http://h:1", "token: t, as: jane"));
  const auto config = load_config(flagged(file));
  REQUIRE(config);
  CHECK(config->credentials.token.empty());
  CHECK(config->credentials.impersonation.user == "jane");
}
