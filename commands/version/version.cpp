#include "cli/verb.hpp"
#include "commands/context.hpp"

#include <mlk/kube/client.hpp>

namespace mlk::commands {
namespace {

struct VersionOptions {
  bool server = false;
  options::Cluster cluster;
};

void add_version(Flags& flags, VersionOptions& opt) {
  flags.about("Prints the version of this program. With --server it asks the cluster for its version too.");
  flags.example("mlk version", "what is installed here");
  flags.example("mlk version --server -o json", "both versions, for a script");
  flags.option(opt.server, "--server", "ask the cluster for its version too");
  options::add_cluster(flags, opt.cluster, options::Scope::whole_cluster);
}

Result<Report> run_version(Context& ctx, const VersionOptions& opt) {
  Report report;
  report.document = record("version");
  report.document.set("version", MLK_VERSION).set("server", nullptr);
  report.prose = "mlk " MLK_VERSION;
  report.names = {"mlk/" MLK_VERSION};
  if (opt.server) {
    MLK_TRY(kube::Client * client, ctx.cluster(opt.cluster));
    MLK_TRY(const kube::ServerVersion server, client->version());
    report.document.set("server", document::Node::mapping({{"version", server.text},
                                                           {"context", cli::or_null(client->config().context)},
                                                           {"address", client->config().server}}));
    report.prose += "\nserver " + server.text + ", " + client->config().describe();
  }
  return report;
}

}  // namespace

MLK_VERB(version, VersionOptions, add_version, run_version);

}  // namespace mlk::commands
