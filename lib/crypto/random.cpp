#include <mlk/crypto/random.hpp>

#include <openssl/rand.h>

#include <limits>

namespace mlk::crypto {

Result<std::string> random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    return Error(ErrorKind::failed, "can't get " + std::to_string(count) + " random bytes from the system");
  }
  return bytes;
}

}  // namespace mlk::crypto
