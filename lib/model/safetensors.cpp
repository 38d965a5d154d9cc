#include <mlk/core/text.hpp>
#include <mlk/model/weights.hpp>

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <limits>
#include <utility>
#include <vector>

namespace mlk::model {

namespace {

namespace od = simdjson::ondemand;

constexpr std::uint64_t k_header_limit = 100'000'000;  // the format's own

/// Bits of one element; 0 for a type that this program is too old to know.
unsigned bits_of(std::string_view dtype) {
  constexpr std::pair<std::string_view, unsigned> k_bits[] = {
      {"BOOL", 8}, {"U8", 8},   {"I8", 8},    {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"I16", 16},
      {"U16", 16}, {"F16", 16}, {"BF16", 16}, {"I32", 32},    {"U32", 32},    {"F32", 32},    {"I64", 64},
      {"U64", 64}, {"F64", 64}, {"C64", 64},  {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},
  };
  for (const auto& [name, bits] : k_bits) {
    if (name == dtype) return bits;
  }
  return 0;
}

Error broken(const std::filesystem::path& path, std::string why, std::string fix = {}) {
  if (fix.empty()) fix = "fetch the file again; if it stays so, it was never a whole safetensors file";
  return Error(ErrorKind::failed, "'" + path.string() + "' is no sound safetensors file")
      .because(std::move(why))
      .fixed_by(std::move(fix));
}

struct Tensor {
  std::string dtype;
  std::uint64_t elements = 1;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// What is wrong with a tensor's entry, or empty.
std::string read_shape(od::value value, Tensor& tensor) {
  od::array shape;
  if (value.get_array().get(shape) != simdjson::SUCCESS) return "its shape is no list";
  for (auto item : shape) {
    std::uint64_t size = 0;
    if (item.get_uint64().get(size) != simdjson::SUCCESS) return "its shape holds something that is no size";
    if (size != 0 && tensor.elements > std::numeric_limits<std::uint64_t>::max() / 64 / size)
      return "its shape is too large";
    tensor.elements *= size;
  }
  return {};
}

std::string read_offsets(od::value value, Tensor& tensor) {
  od::array offsets;
  std::array<std::uint64_t, 2> found{};
  std::size_t count = 0;
  if (value.get_array().get(offsets) != simdjson::SUCCESS) return "its data_offsets are no list";
  for (auto item : offsets) {
    if (count == 2 || item.get_uint64().get(found[count]) != simdjson::SUCCESS)
      return "its data_offsets aren't two numbers";
    ++count;
  }
  if (count != 2) return "its data_offsets aren't two numbers";
  if (found[0] > found[1]) return "its data_offsets run backwards";
  tensor.begin = found[0];
  tensor.end = found[1];
  return {};
}

std::string read_tensor(od::object object, Tensor& tensor) {
  bool has_dtype = false, has_shape = false, has_offsets = false;
  for (auto field : object) {
    std::string_view key;
    od::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return "its entry is no JSON";
    const std::string name(key);
    if (field.value().get(value) != simdjson::SUCCESS) return "its entry is no JSON";
    std::string problem;
    if (name == "dtype") {
      std::string_view dtype;
      has_dtype = value.get_string().get(dtype) == simdjson::SUCCESS;
      tensor.dtype = std::string(dtype.substr(0, 32));
    } else if (name == "shape") {
      has_shape = true;
      problem = read_shape(value, tensor);
    } else if (name == "data_offsets") {
      has_offsets = true;
      problem = read_offsets(value, tensor);
    }
    if (!problem.empty()) return problem;
  }
  if (!has_dtype || !has_shape || !has_offsets) return "dtype, shape or data_offsets is missing";
  const auto bits = bits_of(tensor.dtype);
  if (bits != 0 && (tensor.elements * bits + 7) / 8 != tensor.end - tensor.begin) {
    return "its shape needs " + std::to_string((tensor.elements * bits + 7) / 8) + " bytes, its data_offsets give " +
           std::to_string(tensor.end - tensor.begin);
  }
  return {};
}

/// Adds the header's entries; the ranges that the tensors take go to `ranges`. What is wrong, or empty.
std::string read_entries(od::object root, WeightHeader& out,
                         std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges) {
  for (auto field : root) {
    std::string_view raw;
    od::object object;
    if (field.unescaped_key().get(raw) != simdjson::SUCCESS) return "its header is no JSON";
    const std::string name(raw);
    if (field.value().get_object().get(object) != simdjson::SUCCESS) {
      return "in its header '" + printable(name.substr(0, 100)) + "' is no object";
    }
    if (name == "__metadata__") {
      for (auto pair : object) {
        std::string_view key, text;
        if (pair.unescaped_key().get(key) != simdjson::SUCCESS) return "its metadata is no JSON";
        const std::string kept(key);
        if (pair.value().get_string().get(text) != simdjson::SUCCESS) return "its metadata holds more than text";
        if (text.size() <= 1024) out.metadata[kept] = std::string(text);
      }
      continue;
    }
    Tensor tensor;
    if (auto problem = read_tensor(object, tensor); !problem.empty()) {
      return "tensor '" + printable(name.substr(0, 100)) + "': " + problem;
    }
    if (!out.names.insert(name).second) return "tensor '" + printable(name.substr(0, 100)) + "' is there twice";
    ++out.tensors;
    out.parameters += tensor.elements;
    out.parameters_by_dtype[tensor.dtype] += tensor.elements;
    if (tensor.begin != tensor.end) ranges.emplace_back(tensor.begin, tensor.end);
  }
  return {};
}

/// No holes, no overlap: the file is exactly its tensors. What is wrong, or empty.
std::string check_ranges(std::vector<std::pair<std::uint64_t, std::uint64_t>>& ranges, std::uint64_t data_size) {
  std::sort(ranges.begin(), ranges.end());
  std::uint64_t at = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != at) {
      return "its tensors " + std::string(begin < at ? "overlap" : "leave a hole") + " at byte " +
             std::to_string(std::min(begin, at)) + " of the data";
    }
    at = end;
  }
  if (at > data_size) {
    return "it breaks off: its header names " + std::to_string(at) + " bytes of data and " + std::to_string(data_size) +
           " are there";
  }
  if (at < data_size) return std::to_string(data_size - at) + " bytes stand after its last tensor";
  return {};
}

}  // namespace

Result<WeightHeader> read_safetensors(const std::filesystem::path& path) {
  std::error_code code;
  const auto file_size = std::filesystem::file_size(path, code);
  std::ifstream file(path, std::ios::binary);
  if (code || !file) return system_error("reading '" + path.string() + "'", code ? code.value() : errno);
  std::array<unsigned char, 8> prefix{};
  if (file_size < 8 || !file.read(reinterpret_cast<char*>(prefix.data()), 8)) {
    return broken(path, "it has " + std::to_string(file_size) + " bytes, less than the length of its header takes");
  }
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = (length << 8) | prefix[i];
  if (length > k_header_limit || length > file_size - 8) {
    return broken(path, "its header would have " + std::to_string(length) + " bytes, more than the " +
                            (length > k_header_limit ? "100,000,000 that the format allows" : "file itself"));
  }
  simdjson::padded_string header(static_cast<std::size_t>(length));
  if (!file.read(header.data(), static_cast<std::streamsize>(length))) return broken(path, "its header breaks off");
  if (length == 0 || header.data()[0] != '{') return broken(path, "its header doesn't begin with '{'");
  WeightHeader out;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
  od::parser parser;
  od::document document;
  od::object root;
  if (parser.iterate(header).get(document) != simdjson::SUCCESS ||
      document.get_object().get(root) != simdjson::SUCCESS) {
    return broken(path, "its header is no JSON object");
  }
  if (auto problem = read_entries(root, out, ranges); !problem.empty()) return broken(path, std::move(problem));
  if (document.current_location().error() == simdjson::SUCCESS)
    return broken(path, "something stands after its header's object");
  if (auto problem = check_ranges(ranges, file_size - 8 - length); !problem.empty())
    return broken(path, std::move(problem));
  return out;
}

}  // namespace mlk::model
