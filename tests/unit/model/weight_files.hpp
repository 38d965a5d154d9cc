#pragma once

#include <cstdint>
#include <cstring>
#include <string>

/// A safetensors file from its header's text and so many bytes of data.
inline std::string safetensors(const std::string& header, std::size_t data_size) {
  std::string out(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(out.data(), &length, 8);
  return out + header + std::string(data_size, '\1');
}

/// Writes a GGUF file field by field.
class GgufText {
 public:
  GgufText(std::uint32_t version, std::uint64_t tensors, std::uint64_t values) {
    text = "GGUF";
    number(version);
    number(tensors);
    number(values);
  }
  template <class T>
  GgufText& number(T value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  GgufText& string(const std::string& value) {
    number<std::uint64_t>(value.size());
    text += value;
    return *this;
  }
  GgufText& pair(const std::string& key, const std::string& value) {
    return string(key).number<std::uint32_t>(8).string(value);
  }
  GgufText& pair(const std::string& key, std::uint32_t value) {
    return string(key).number<std::uint32_t>(4).number(value);
  }
  GgufText& tensor(const std::string& name, std::uint64_t elements, std::uint32_t type, std::uint64_t offset) {
    return string(name).number<std::uint32_t>(1).number(elements).number(type).number(offset);
  }
  GgufText& data(std::size_t size, std::size_t alignment = 32) {
    text.resize((text.size() + alignment - 1) / alignment * alignment);
    text.append(size, '\1');
    return *this;
  }

  std::string text;
};
