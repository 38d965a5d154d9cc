#include "curl_library.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

namespace mlk::http {
namespace {

constexpr const char* k_soname = "libcurl.so.4";
/// CURLOPT_CAINFO_BLOB came with 7.77, CURLOPT_PREREQFUNCTION with 7.80, the _STR options with 7.85.
constexpr unsigned k_oldest = 0x075500;

Error not_loaded(std::string why) {
  return Error(ErrorKind::failed, fmt::format("can't load {}, which is needed for the network", k_soname))
      .because(std::move(why))
      .fixed_by("install libcurl 7.85 or newer (Debian, Ubuntu: apt-get install libcurl4)");
}

template <class Function>
bool find(void* library, Function& function, const char* name) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, CurlLibrary& curl) {
  return find(library, curl.global_init, "curl_global_init") && find(library, curl.version_info, "curl_version_info") &&
         find(library, curl.easy_init, "curl_easy_init") && find(library, curl.easy_cleanup, "curl_easy_cleanup") &&
         find(library, curl.easy_reset, "curl_easy_reset") && find(library, curl.easy_pause, "curl_easy_pause") &&
         find(library, curl.easy_strerror, "curl_easy_strerror") &&
         find(library, curl.easy_setopt, "curl_easy_setopt") && find(library, curl.easy_getinfo, "curl_easy_getinfo") &&
         find(library, curl.slist_append, "curl_slist_append") &&
         find(library, curl.slist_free_all, "curl_slist_free_all") &&
         find(library, curl.multi_init, "curl_multi_init") && find(library, curl.multi_cleanup, "curl_multi_cleanup") &&
         find(library, curl.multi_add_handle, "curl_multi_add_handle") &&
         find(library, curl.multi_remove_handle, "curl_multi_remove_handle") &&
         find(library, curl.multi_perform, "curl_multi_perform") && find(library, curl.multi_poll, "curl_multi_poll") &&
         find(library, curl.multi_wakeup, "curl_multi_wakeup") &&
         find(library, curl.multi_info_read, "curl_multi_info_read") &&
         find(library, curl.multi_setopt, "curl_multi_setopt");
}

Result<CurlLibrary> load() {
  // Never unloaded: threads of its resolver and OpenSSL's exit handlers may outlast any owner.
  void* const library = ::dlopen(k_soname, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const reason = ::dlerror();
    return not_loaded(reason != nullptr ? reason : "unknown");
  }
  CurlLibrary curl{};
  if (!find_all(library, curl)) return not_loaded("a function is missing in it");
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return not_loaded("it can't be initialised");
  const curl_version_info_data* const version = curl.version_info(CURLVERSION_NOW);
  if (version->version_num < k_oldest) return not_loaded(fmt::format("it is version {}", version->version));
  if ((version->features & CURL_VERSION_SSL) == 0) return not_loaded("it was built without TLS");
  return curl;
}

}  // namespace

Result<const CurlLibrary*> curl_library() {
  static const Result<CurlLibrary> loaded = load();
  if (!loaded) return loaded.error();
  return &loaded.value();
}

}  // namespace mlk::http
