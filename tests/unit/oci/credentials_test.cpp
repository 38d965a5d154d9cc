#include "temporary_folder.hpp"

#include <mlk/crypto/encoding.hpp>
#include <mlk/oci/credentials.hpp>

#include <catch2/catch.hpp>

#include <cstdlib>

using mlk::oci::CredentialStore;
namespace fs = std::filesystem;

namespace {

std::string auths(const std::string& host, const std::string& user, const std::string& password) {
  return R"({"auths":{")" + host + R"(":{"auth":")" + mlk::crypto::base64_encode(user + ":" + password) + R"("}}})";
}

/// Puts a credential helper onto the PATH for one test.
class HelperOnPath {
 public:
  HelperOnPath(const TemporaryFolder& folder, const std::string& name, const std::string& script) {
    const auto path = folder.write("bin/docker-credential-" + name, "#!/bin/sh\n" + script);
    fs::permissions(path, fs::perms::owner_all);
    m_old = std::getenv("PATH");
    ::setenv("PATH", ((folder / "bin").string() + ":" + m_old).c_str(), 1);
  }
  ~HelperOnPath() { ::setenv("PATH", m_old.c_str(), 1); }

 private:
  std::string m_old;
};

}  // namespace

TEST_CASE("credentials: the files of docker and podman are read in their order", "[oci][credentials]") {
  const TemporaryFolder folder;
  folder.write("docker/config.json", auths("r.example.com", "docker", "d"));
  folder.write("run/containers/auth.json", auths("r.example.com", "podman", "p"));
  folder.write("home/.config/containers/auth.json", auths("s.example.com", "home", "h"));
  folder.write("explicit.json", auths("r.example.com", "explicit", "e"));
  CredentialStore::Environment environment = {{"XDG_RUNTIME_DIR", (folder / "run").string()},
                                              {"HOME", (folder / "home").string()}};
  CHECK(CredentialStore(environment).find("r.example.com", "x", {})->user == "podman");
  CHECK(CredentialStore(environment).find("s.example.com", "x", {})->user == "home");
  CHECK(CredentialStore(environment).find("t.example.com", "x", {})->empty());
  environment["DOCKER_CONFIG"] = (folder / "docker").string();
  CHECK(CredentialStore(environment).find("r.example.com", "x", {})->user == "docker");
  environment["REGISTRY_AUTH_FILE"] = (folder / "explicit.json").string();
  CHECK(CredentialStore(environment).find("r.example.com", "x", {})->user == "explicit");
}

TEST_CASE("credentials: the longest key that matches wins, and Docker Hub has one name", "[oci][credentials]") {
  const TemporaryFolder folder;
  folder.write("config.json", R"({"auths":{
    "https://index.docker.io/v1/": {"username":"hub","password":"x"},
    "r.example.com": {"username":"all","password":"x"},
    "r.example.com/nlp": {"username":"nlp","password":"x"},
    "https://s.example.com/v2/": {"identitytoken":"refresh-me"}}})");
  const CredentialStore store({{"DOCKER_CONFIG", folder.path().string()}});
  CHECK(store.find("docker.io", "library/x", {})->user == "hub");
  CHECK(store.find("r.example.com", "nlp/x", {})->user == "nlp");
  CHECK(store.find("r.example.com", "nlpx", {})->user == "all");
  CHECK(store.find("s.example.com", "x", {})->identity_token.reveal() == "refresh-me");
}

TEST_CASE("credentials: helpers are asked for their hosts", "[oci][credentials]") {
  const TemporaryFolder folder;
  const HelperOnPath helper(folder, "mlktest", R"(read host
case "$host" in
  r.example.com) echo '{"ServerURL":"r","Username":"u","Secret":"s3cret"}';;
  t.example.com) echo '{"Username":"<token>","Secret":"refresh"}';;
  *) echo "credentials not found in native keychain"; exit 1;;
esac
)");
  folder.write("config.json",
               R"({"credHelpers":{"r.example.com":"mlktest","t.example.com":"mlktest"},"credsStore":"mlktest",
                   "auths":{"f.example.com":{"username":"file","password":"x"},"r.example.com":{}}})");
  const CredentialStore store({{"DOCKER_CONFIG", folder.path().string()}});
  CHECK(store.find("r.example.com", "x", {})->password.reveal() == "s3cret");
  CHECK(store.find("t.example.com", "x", {})->identity_token.reveal() == "refresh");
  CHECK(store.find("f.example.com", "x", {})->user == "file");
  CHECK(store.find("none.example.com", "x", {})->empty());
}

TEST_CASE("credentials: a helper that fails is named, and what it printed is not", "[oci][credentials]") {
  const TemporaryFolder folder;
  const HelperOnPath helper(folder, "mlkbroken", "echo s3cret; echo s3cret >&2; exit 7\n");
  folder.write("config.json", R"({"credHelpers":{"r.example.com":"mlkbroken","m.example.com":"mlk-missing",
                                                 "e.example.com":"../evil"}})");
  const CredentialStore store({{"DOCKER_CONFIG", folder.path().string()}});
  const auto broken = store.find("r.example.com", "x", {});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().kind == mlk::ErrorKind::auth);
  CHECK(broken.error().what.find("docker-credential-mlkbroken") != std::string::npos);
  CHECK((broken.error().what + broken.error().why + broken.error().fix).find("s3cret") == std::string::npos);
  CHECK_FALSE(store.find("m.example.com", "x", {}));
  CHECK_FALSE(store.find("e.example.com", "x", {}));
}

TEST_CASE("credentials: a broken file is an error with its name", "[oci][credentials]") {
  const TemporaryFolder folder;
  folder.write("config.json", "{");
  const auto found = CredentialStore({{"DOCKER_CONFIG", folder.path().string()}}).find("r.example.com", "x", {});
  REQUIRE_FALSE(found);
  CHECK(found.error().what.find("config.json") != std::string::npos);
  folder.write("config.json", R"({"auths":{"r.example.com":{"auth":"no base64!"}}})");
  CHECK_FALSE(CredentialStore({{"DOCKER_CONFIG", folder.path().string()}}).find("r.example.com", "x", {}));
}
