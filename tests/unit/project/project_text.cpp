#include "project_text.hpp"

namespace mlk::project {

std::string with_head(std::string_view text) {
  std::string whole = "mlk: v1\nname: demo\n";
  whole += text;
  return whole;
}

}  // namespace mlk::project
