#include "cli/verb.hpp"
#include "commands/context.hpp"

#include <mlk/project/schema.hpp>

namespace mlk::commands {
namespace {

struct SchemaExportOptions {
  std::string name;
};

void add_schema_export(Flags& flags, SchemaExportOptions& opt) {
  flags.about(
      "Prints the JSON Schema of mlk.yaml, so that an editor completes and checks the file while it is written. Put "
      "'# yaml-language-server: $schema=mlk.schema.json' on the first line of mlk.yaml.");
  flags.example("mlk schema export project > mlk.schema.json", "beside mlk.yaml, for the editor");
  flags.example("mlk schema export project | jq '.properties | keys'", "which keys mlk.yaml has");
  flags.argument(opt.name, "NAME", "what to export the schema of").choices({"project"});
  flags.output_formats({"json"});
}

Result<Report> run_schema_export(Context&, const SchemaExportOptions&) {
  Report report;
  report.document = project::schema();
  report.verbatim = project::schema_json();
  if (!report.verbatim->ends_with('\n')) *report.verbatim += '\n';
  return report;
}

}  // namespace

MLK_VERB(schema_export, SchemaExportOptions, add_schema_export, run_schema_export);

}  // namespace mlk::commands
