#include <mlk/core/handle.hpp>
#include <mlk/core/text.hpp>
#include <mlk/model/weights.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <utility>

static_assert(std::endian::native == std::endian::little, "GGUF numbers are read as they stand in the file");

namespace mlk::model {

namespace {

/// How a tensor type stores its elements: so many at a time in so many bytes.
struct TensorType {
  std::uint32_t id;
  std::string_view name;
  std::uint64_t block;
  std::uint64_t bytes;
};

constexpr TensorType k_types[] = {
    {0, "F32", 1, 4},         {1, "F16", 1, 2},         {2, "Q4_0", 32, 18},      {3, "Q4_1", 32, 20},
    {6, "Q5_0", 32, 22},      {7, "Q5_1", 32, 24},      {8, "Q8_0", 32, 34},      {9, "Q8_1", 32, 36},
    {10, "Q2_K", 256, 84},    {11, "Q3_K", 256, 110},   {12, "Q4_K", 256, 144},   {13, "Q5_K", 256, 176},
    {14, "Q6_K", 256, 210},   {15, "Q8_K", 256, 292},   {16, "IQ2_XXS", 256, 66}, {17, "IQ2_XS", 256, 74},
    {18, "IQ3_XXS", 256, 98}, {19, "IQ1_S", 256, 50},   {20, "IQ4_NL", 32, 18},   {21, "IQ3_S", 256, 110},
    {22, "IQ2_S", 256, 82},   {23, "IQ4_XS", 256, 136}, {24, "I8", 1, 1},         {25, "I16", 1, 2},
    {26, "I32", 1, 4},        {27, "I64", 1, 8},        {28, "F64", 1, 8},        {29, "IQ1_M", 256, 56},
    {30, "BF16", 1, 2},       {34, "TQ1_0", 256, 54},   {35, "TQ2_0", 256, 66},   {39, "MXFP4", 32, 17},
};

enum class ValueType : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, string, array, u64, i64, f64 };

std::uint64_t width(ValueType type) {
  switch (type) {
    case ValueType::u8:
    case ValueType::i8:
    case ValueType::boolean:
      return 1;
    case ValueType::u16:
    case ValueType::i16:
      return 2;
    case ValueType::u32:
    case ValueType::i32:
    case ValueType::f32:
      return 4;
    case ValueType::u64:
    case ValueType::i64:
    case ValueType::f64:
      return 8;
    case ValueType::string:
    case ValueType::array:
      break;
  }
  return 0;
}

/// Reads forward; every length is held against what is left of the file before anything is done with it.
class Cursor {
 public:
  Cursor(std::FILE* file, std::uint64_t size) : m_file(file), m_left(size), m_size(size) {}

  template <class T>
  bool number(T& value) {
    return raw(&value, sizeof value);
  }
  /// A text; the part over `keep` bytes is skipped.
  bool text(std::string& out, std::uint64_t keep = 4096) {
    std::uint64_t length = 0;
    if (!number(length) || length > m_left) return false;
    out.resize(static_cast<std::size_t>(std::min(length, keep)));
    return raw(out.data(), out.size()) && skip(length - out.size());
  }
  bool skip(std::uint64_t count) {
    if (count > m_left) return false;
    // A seek throws the buffer away, and a vocabulary is a hundred thousand short texts.
    std::array<char, 4096> scratch;
    if (count <= scratch.size()) return raw(scratch.data(), static_cast<std::size_t>(count));
    m_left -= count;
    return std::fseek(m_file, static_cast<long>(count), SEEK_CUR) == 0;
  }
  std::uint64_t left() const noexcept { return m_left; }
  std::uint64_t at() const noexcept { return m_size - m_left; }

 private:
  bool raw(void* out, std::size_t count) {
    if (count > m_left || std::fread(out, 1, count, m_file) != count) return false;
    m_left -= count;
    return true;
  }

  std::FILE* m_file;
  std::uint64_t m_left;
  std::uint64_t m_size;
};

bool skip_array(Cursor& in, int depth) {
  std::uint32_t raw = 0;
  std::uint64_t count = 0;
  if (depth > 8 || !in.number(raw) || raw > 12 || !in.number(count)) return false;
  const auto type = static_cast<ValueType>(raw);
  if (const auto each = width(type); each != 0) return count <= in.left() / each && in.skip(count * each);
  if (count > in.left() / 8) return false;  // each has a length of 8 bytes at the least
  std::string ignored;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (type == ValueType::string ? !in.text(ignored, 0) : !skip_array(in, depth + 1)) return false;
  }
  return true;
}

template <class T>
bool number_text(Cursor& in, std::string& out) {
  T value{};
  if (!in.number(value)) return false;
  out = std::to_string(value);
  return true;
}

/// One value as text; empty for lists and fractions, which nothing here needs.
bool read_value(Cursor& in, std::string& out) {
  std::uint32_t raw = 0;
  if (!in.number(raw) || raw > 12) return false;
  switch (const auto type = static_cast<ValueType>(raw)) {
    case ValueType::string:
      return in.text(out);
    case ValueType::array:
      return skip_array(in, 0);
    case ValueType::u32:
      return number_text<std::uint32_t>(in, out);
    case ValueType::i32:
      return number_text<std::int32_t>(in, out);
    case ValueType::u64:
      return number_text<std::uint64_t>(in, out);
    case ValueType::i64:
      return number_text<std::int64_t>(in, out);
    default:
      return in.skip(width(type));
  }
}

struct TensorInfo {
  std::string name;
  std::uint64_t elements = 1;
  std::uint32_t type = 0;
  std::uint64_t offset = 0;
};

bool read_tensor(Cursor& in, TensorInfo& out) {
  std::uint32_t dimensions = 0;
  if (!in.text(out.name) || !in.number(dimensions) || dimensions > 8) return false;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    std::uint64_t size = 0;
    if (!in.number(size)) return false;
    if (size != 0 && out.elements > std::numeric_limits<std::uint64_t>::max() / 512 / size) return false;
    out.elements *= size;
  }
  return in.number(out.type) && in.number(out.offset);
}

Error broken(const std::filesystem::path& path, std::string why) {
  return Error(ErrorKind::failed, "'" + path.string() + "' is no sound GGUF file")
      .because(std::move(why))
      .fixed_by("fetch the file again; if it stays so, it was never a whole GGUF file");
}

/// Adds the tensors; `data_end` is where the last one ends, from the start of the data. What is wrong, or empty.
std::string read_tensors(Cursor& in, std::uint64_t count, WeightHeader& out, std::uint64_t& data_end) {
  for (std::uint64_t i = 0; i < count; ++i) {
    TensorInfo tensor;
    if (!read_tensor(in, tensor))
      return "the description of tensor " + std::to_string(i + 1) + " breaks off or is malformed";
    const auto type =
        std::find_if(std::begin(k_types), std::end(k_types), [&](const auto& t) { return t.id == tensor.type; });
    const bool is_known = type != std::end(k_types);
    const auto dtype = is_known ? std::string(type->name) : "type " + std::to_string(tensor.type);
    ++out.tensors;
    out.parameters += tensor.elements;
    out.parameters_by_dtype[dtype] += tensor.elements;
    if (!is_known) continue;
    if (tensor.elements % type->block != 0) {
      return "tensor '" + printable(tensor.name.substr(0, 100)) + "' doesn't fill whole blocks of " + dtype;
    }
    const auto size = tensor.elements / type->block * type->bytes;
    if (tensor.offset > std::numeric_limits<std::uint64_t>::max() - size) return "a tensor's offset is too large";
    data_end = std::max(data_end, tensor.offset + size);
  }
  return {};
}

}  // namespace

Result<WeightHeader> read_gguf(const std::filesystem::path& path) {
  const Handle<std::FILE, &std::fclose> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return system_error("reading '" + path.string() + "'", errno);
  std::error_code code;
  Cursor in(file.get(), std::filesystem::file_size(path, code));
  std::array<char, 4> magic{};
  std::uint32_t version = 0;
  std::uint64_t tensors = 0, values = 0;
  if (!in.number(magic) || std::memcmp(magic.data(), "GGUF", 4) != 0)
    return broken(path, "it doesn't begin with 'GGUF'");
  if (!in.number(version) || version < 2 || version > 3) {
    return broken(path, "its version is " + std::to_string(version) + ", and 2 and 3 are known");
  }
  // A value takes 13 bytes and a tensor 24 at the least: a count that can't be is found before it is counted to.
  if (!in.number(tensors) || !in.number(values) || values > in.left() / 13 || tensors > in.left() / 24) {
    return broken(path, "it names more tensors or values than it has room for");
  }
  WeightHeader out;
  for (std::uint64_t i = 0; i < values; ++i) {
    std::string key, value;
    if (!in.text(key) || !read_value(in, value)) {
      return broken(path, "value " + std::to_string(i + 1) + " of its header breaks off or is malformed");
    }
    if (!value.empty() && value.size() <= 1024) out.metadata[key] = value;
  }
  std::uint64_t data_end = 0;
  if (auto problem = read_tensors(in, tensors, out, data_end); !problem.empty())
    return broken(path, std::move(problem));
  std::uint64_t alignment = 32;
  if (const auto found = out.metadata.find("general.alignment"); found != out.metadata.end()) {
    alignment = std::strtoull(found->second.c_str(), nullptr, 10);
  }
  if (alignment == 0 || alignment > (1U << 20))
    return broken(path, "its general.alignment is " + std::to_string(alignment));
  const auto padding = (alignment - in.at() % alignment) % alignment;
  const auto room = in.left() > padding ? in.left() - padding : 0;
  if (data_end > room) {
    return broken(path, "it breaks off: its header names " + std::to_string(data_end) + " bytes of data and " +
                            std::to_string(room) + " are there");
  }
  return out;
}

}  // namespace mlk::model
