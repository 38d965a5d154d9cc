#include "cli/reference/write.hpp"

#include "cli/reference/page.hpp"

#include <mlk/core/file.hpp>

namespace mlk::cli::reference {

Result<void> write(const std::vector<std::string>& words, const std::filesystem::path& cwd) {
  std::string format;
  std::string folder;
  Flags flags;
  flags.option(format, "--format", "FORMAT", "form of the pages").choices({"markdown", "man"}).required();
  flags.argument(folder, "DIR", "where to write them; made if need be");
  MLK_CHECK(flags.parse(words));
  const std::filesystem::path directory = cwd / folder;
  std::error_code problem;
  std::filesystem::create_directories(directory, problem);
  if (problem) return system_error("making '" + directory.string() + "'", problem.value());
  const bool is_man = format == "man";
  for (const Page& page : all_pages(is_man ? Shared::on_program : Shared::apart, MLK_VERSION)) {
    const std::filesystem::path file = directory / (page.file + (is_man ? ".1" : ".md"));
    MLK_CHECK(write_file(file, is_man ? to_man(page, MLK_VERSION) : to_markdown(page)));
  }
  return {};
}

}  // namespace mlk::cli::reference
