#include "bed.hpp"

#include <mlk/core/file.hpp>
#include <mlk/core/handle.hpp>
#include <mlk/core/text.hpp>
#include <mlk/crypto/encoding.hpp>
#include <mlk/document/reader.hpp>
#include <mlk/document/writer.hpp>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <chrono>
#include <thread>

using namespace mlk;
using namespace std::chrono_literals;

// Who may not: credentials that the real API server refuses, and rights that a user doesn't have.

namespace {

using Words = std::vector<std::string>;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// ES256: both numbers of the signature, 32 bytes each. Source: RFC 7518, section 3.4.
std::string sign(const std::string& key_pem, const std::string& text) {
  const Handle<BIO, &BIO_free> file(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const Handle<EVP_PKEY, &EVP_PKEY_free> key(PEM_read_bio_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  const Handle<EVP_MD_CTX, &EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  std::vector<unsigned char> der(128);
  std::size_t size = der.size();
  REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1);
  REQUIRE(EVP_DigestSign(context.get(), der.data(), &size, reinterpret_cast<const unsigned char*>(text.data()),
                         text.size()) == 1);
  const unsigned char* at = der.data();
  const Handle<ECDSA_SIG, &ECDSA_SIG_free> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
  std::string raw(64, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + 32, 32);
  return raw;
}

/// A token of the account nlp/default as the API server's own key signs it, that ends so long from now.
std::string token_that_ends(const test::Bed& bed, std::chrono::seconds from_now) {
  const auto issued = bed.kubectl({"create", "token", "default", "-n", "nlp"});
  REQUIRE(issued.code == 0);
  const auto parts = split(std::string(trim(issued.out)), '.');
  REQUIRE(parts.size() == 3);
  auto claims = document::read_json(crypto::base64url_decode(parts[1]).value()).value();
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::int64_t end = (now + from_now).count();
  claims.set("exp", end).set("iat", end - 3600).set("nbf", end - 3600);
  const auto key = read_file(bed.folder() / "pki" / "sa.key").value();
  const std::string head = crypto::base64url_encode(R"({"alg":"ES256","typ":"JWT"})");
  const std::string text = head + "." + crypto::base64url_encode(document::write_json(claims, 0));
  return text + "." + crypto::base64url_encode(sign(key, text));
}

/// The bed's kubeconfig of the limited user, with another token.
std::string kubeconfig_with(const test::Bed& bed, const std::string& token) {
  auto lines = split(read_file(bed.dev_kubeconfig()).value(), '\n');
  for (auto& line : lines) {
    if (const auto at = line.find("token:"); at != std::string::npos)
      line.replace(at, std::string::npos, fmt::format("token: {}}}", token));
  }
  return join(lines, "\n");
}

std::string project(const std::string& space) {
  return "mlk: v1\nname: shop\nnamespace: " + space +
         "\njobs:\n  tune: {image: \"r.example.com/t:1\", command: [a]}\n"
         "services:\n  web: {engine: {name: custom, image: \"r.example.com/s:1\", port: 8080}, scale: 1}\n";
}

}  // namespace

TEST_CASE("access: an expired token is told, whoever uses it, and nothing is changed", "[cluster][access]") {
  MLK_NEEDS_BED(bed);
  const test::Mlk mlk;
  mlk.write("mlk.yaml", project("nlp"));
  mlk.write("good", kubeconfig_with(bed, token_that_ends(bed, 1h)));
  mlk.write("expired", kubeconfig_with(bed, token_that_ends(bed, -1h)));
  mlk.write("garbage", kubeconfig_with(bed, "not-a-token-of-this-cluster"));
  // What tells the two apart is the time in them alone.
  const auto good = mlk.run({"version", "--server", "--kubeconfig", "good"});
  CAPTURE(good.err);
  REQUIRE(good.code == 0);
  for (const char* config : {"expired", "garbage"}) {
    const std::string token = std::string(config) == "garbage" ? "not-a-token" : "eyJ";
    for (Words words : std::vector<Words>{{"version", "--server"},
                                          {"plan"},
                                          {"doctor"},
                                          {"diff"},
                                          {"cluster", "gpus"},
                                          {"train", "submit", "--name", "expired-1", "--follow"},
                                          {"train", "list"},
                                          {"serve", "rollout"},
                                          {"serve", "history"}}) {
      words.insert(words.end(), {"--kubeconfig", config});
      const auto ended = mlk.run(words);
      CAPTURE(config, words, ended.out, ended.err);
      CHECK(ended.code == 9);
      CHECK(has(ended.err, "doesn't accept these credentials\n"));
      CHECK(has(ended.err, "  why: the token has expired or is for another cluster\n"));
      CHECK(has(ended.err, "  fix: log in again with your cluster's own tool, or renew the user in the kubeconfig"));
      CHECK_FALSE(has(ended.out + ended.err, token));
    }
  }
  CHECK(bed.kubectl({"get", "job", "expired-1", "-n", "nlp"}).code == 1);
}

TEST_CASE("access: a refusal names verb, resource and namespace, and the rule that would allow it",
          "[cluster][access]") {
  MLK_NEEDS_BED(bed);
  const std::string other = bed.text("cluster.namespaces.other");
  const test::Mlk mlk(bed.dev_kubeconfig());
  mlk.write("mlk.yaml", project(other));
  struct Case {
    Words words;
    std::string right;
    std::string rule;
  };
  const std::string where = " in namespace '" + other + "'";
  const std::vector<Case> cases = {
      {{"train", "submit", "--name", "a"},
       "create jobs.batch",
       R"(apiGroups: ["batch"], resources: ["jobs"], verbs: ["create"])"},
      {{"train", "list"}, "list jobs.batch", R"(apiGroups: ["batch"], resources: ["jobs"], verbs: ["list"])"},
      {{"serve", "rollout"}, "", R"(verbs: [")"},
      {{"serve", "list"}, "", R"(verbs: ["list"])"},
      {{"serve", "status", "web"}, "", R"(verbs: [")"},
      {{"diff"}, "", R"(verbs: [")"},
  };
  for (const auto& [words, right, rule] : cases) {
    const auto ended = mlk.run(words);
    CAPTURE(words, ended.out, ended.err);
    CHECK(ended.code == 9);
    CHECK(ended.out.empty());
    CHECK(has(ended.err, "error: 'dev' may not " + right));
    CHECK(has(ended.err, where + "\n"));
    CHECK(has(ended.err, "  fix: ask for a Role with the rule {"));
    CHECK(has(ended.err, rule));
  }
  const auto nodes = mlk.run({"cluster", "nodes"});
  CAPTURE(nodes.err);
  CHECK(nodes.code == 9);
  CHECK(has(nodes.err, "  why: the API server refuses 'list nodes'"));
  CHECK(has(nodes.err, "  fix: ask for a ClusterRole with get and list on nodes"));
}

TEST_CASE("access: with the rule that a refusal names, the same command works", "[cluster][access]") {
  MLK_NEEDS_BED(bed);
  const std::string space = test::unique_name("access");
  REQUIRE(bed.kubectl({"create", "namespace", space}).code == 0);
  const test::Mlk mlk(bed.dev_kubeconfig());
  const auto refused = mlk.run({"train", "list", "-n", space});
  CAPTURE(refused.err);
  REQUIRE(refused.code == 9);
  const auto begin = refused.err.find("{apiGroups");
  REQUIRE(begin != std::string::npos);
  const std::string rule = refused.err.substr(begin, refused.err.find('}', begin) + 1 - begin);
  const auto made =
      bed.kubectl({"apply", "-n", space, "-f", "-"},
                  "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: said}\nrules:\n- " + rule +
                      "\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n"
                      "metadata: {name: said}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, "
                      "name: said}\nsubjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "
                      "dev}]\n");
  CAPTURE(made.err);
  REQUIRE(made.code == 0);
  // The server learns of the binding a moment after it has taken it.
  auto allowed = mlk.run({"train", "list", "-n", space});
  for (int i = 0; i < 100 && allowed.code != 0; ++i) {
    std::this_thread::sleep_for(50ms);
    allowed = mlk.run({"train", "list", "-n", space});
  }
  CAPTURE(allowed.err);
  CHECK(allowed.code == 0);
  bed.kubectl({"delete", "namespace", space, "--wait=false"});
}
