#include "temporary_folder.hpp"
#include "weight_files.hpp"

#include <mlk/model/weights.hpp>

#include <catch2/catch.hpp>

using mlk::model::read_gguf;
using mlk::model::read_safetensors;

namespace {

constexpr const char* k_two = R"({"__metadata__":{"format":"pt"},
  "a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
  "b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}   )";

}  // namespace

TEST_CASE("safetensors: parameters are counted by dtype", "[model][safetensors]") {
  const TemporaryFolder folder;
  const auto header = read_safetensors(folder.write("m", safetensors(k_two, 32)));
  REQUIRE(header);
  CHECK(header->tensors == 2);
  CHECK(header->parameters == 10);
  CHECK(header->parameters_by_dtype.at("F32") == 6);
  CHECK(header->parameters_by_dtype.at("BF16") == 4);
  CHECK(header->names.contains("a"));
  CHECK(header->metadata.at("format") == "pt");
}

TEST_CASE("safetensors: scalars, empty tensors and dtypes of tomorrow are fine", "[model][safetensors]") {
  const TemporaryFolder folder;
  const auto header = read_safetensors(folder.write("m", safetensors(R"({
    "s":{"dtype":"I64","shape":[],"data_offsets":[0,8]},
    "e":{"dtype":"F32","shape":[0,5],"data_offsets":[8,8]},
    "n":{"dtype":"F2_NEW","shape":[100],"data_offsets":[8,33]},
    "f":{"dtype":"F4","shape":[4],"data_offsets":[33,35]}})",
                                                                     35)));
  REQUIRE(header);
  CHECK(header->parameters == 105);
}

TEST_CASE("safetensors: what is wrong is said", "[model][safetensors]") {
  const TemporaryFolder folder;
  const auto why = [&](const std::string& bytes) {
    const auto header = read_safetensors(folder.write("m", bytes));
    REQUIRE_FALSE(header);
    CHECK(header.error().what.find((folder / "m").string()) != std::string::npos);
    return header.error().why;
  };
  using Catch::Contains;
  CHECK_THAT(why("abc"), Contains("3 bytes"));
  CHECK_THAT(why(std::string(8, '\xff') + "x"), Contains("100,000,000"));
  CHECK_THAT(why(std::string("\x40\0\0\0\0\0\0\0{}", 10)), Contains("more than the file itself"));
  CHECK_THAT(why(safetensors("[]", 0)), Contains("'{'"));
  CHECK_THAT(why(safetensors("{\"a\":", 0)), Contains("JSON"));
  CHECK_THAT(why(safetensors(R"({"a":1})", 0)), Contains("no object"));
  CHECK_THAT(why(safetensors(R"({} {})", 0)), Contains("after its header"));
  CHECK_THAT(why(safetensors(k_two, 20)), Contains("breaks off"));
  CHECK_THAT(why(safetensors(k_two, 40)), Contains("8 bytes stand after"));
  CHECK_THAT(why(safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4)),
             Contains("needs 8 bytes"));
  CHECK_THAT(why(safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})", 4)), Contains("hole"));
  CHECK_THAT(why(safetensors(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},
                                 "b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                             3)),
             Contains("overlap"));
  CHECK_THAT(why(safetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},
                                 "a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                             2)),
             Contains("twice"));
  CHECK_THAT(why(safetensors(R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1)), Contains("no size"));
  CHECK_THAT(
      why(safetensors(R"({"a":{"dtype":"U8","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,1]}})", 1)),
      Contains("too large"));
  CHECK_THAT(why(safetensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1)), Contains("backwards"));
  CHECK_THAT(why(safetensors(R"({"a":{"dtype":"U8","shape":[1]}})", 1)), Contains("missing"));
}

TEST_CASE("gguf: architecture, types and parameters are read", "[model][gguf]") {
  const TemporaryFolder folder;
  GgufText file(3, 2, 4);
  file.pair("general.architecture", "llama").pair("llama.context_length", 4096);
  file.string("tokenizer.ggml.tokens").number<std::uint32_t>(9).number<std::uint32_t>(8).number<std::uint64_t>(2);
  file.string("a").string("b");
  file.pair("general.license", "mit");
  file.tensor("t1", 256, 12, 0).tensor("t2", 10, 0, 160).data(200);
  const auto header = read_gguf(folder.write("m.gguf", file.text));
  REQUIRE(header);
  CHECK(header->parameters == 266);
  CHECK(header->parameters_by_dtype.at("Q4_K") == 256);
  CHECK(header->metadata.at("general.architecture") == "llama");
  CHECK(header->metadata.at("llama.context_length") == "4096");
}

TEST_CASE("gguf: every length is held against the file", "[model][gguf]") {
  const TemporaryFolder folder;
  using Catch::Contains;
  const auto why = [&](const std::string& bytes) {
    const auto header = read_gguf(folder.write("m", bytes));
    REQUIRE_FALSE(header);
    return header.error().why;
  };
  CHECK_THAT(why("GGU"), Contains("GGUF"));
  CHECK_THAT(why(GgufText(1, 0, 0).text), Contains("version is 1"));
  CHECK_THAT(why(GgufText(3, ~std::uint64_t{0}, 0).text), Contains("room"));
  CHECK_THAT(why(GgufText(3, 0, 1).number(~std::uint64_t{0}).number(std::uint64_t{0}).text), Contains("value 1"));
  GgufText deep(3, 0, 1);
  deep.string("k").number<std::uint32_t>(9);
  for (int i = 0; i < 50; ++i) deep.number<std::uint32_t>(9).number<std::uint64_t>(1);
  CHECK_THAT(why(deep.text), Contains("value 1"));
  CHECK_THAT(why(GgufText(3, 1, 0).tensor("t", 256, 12, 0).data(100).text), Contains("breaks off"));
  CHECK_THAT(why(GgufText(3, 1, 0).tensor("t", 255, 12, 0).data(200).text), Contains("whole blocks"));
  CHECK_THAT(why(GgufText(3, 1, 0).tensor("t", 256, 12, ~std::uint64_t{0}).data(200).text), Contains("offset"));
}

TEST_CASE("weights: no header that is cut short at any byte is taken for whole", "[model][safetensors][gguf]") {
  const TemporaryFolder folder;
  const auto one = safetensors(k_two, 32);
  for (std::size_t length = 0; length < one.size(); ++length) {
    CHECK_FALSE(read_safetensors(folder.write("s", one.substr(0, length))));
  }
  const auto two = GgufText(3, 1, 1).pair("general.architecture", "llama").tensor("t", 32, 8, 0).data(34).text;
  REQUIRE(read_gguf(folder.write("g", two)));
  for (std::size_t length = 0; length < two.size(); length += 3) {
    CHECK_FALSE(read_gguf(folder.write("g", two.substr(0, length))));
  }
}
