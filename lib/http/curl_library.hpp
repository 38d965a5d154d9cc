#pragma once

#include <mlk/core/result.hpp>

#include <curl/curl.h>

namespace mlk::http {

/// libcurl, loaded when the first request needs it: linking it would add 3 ms to the start of every command.
struct CurlLibrary {
  decltype(&::curl_global_init) global_init;
  decltype(&::curl_version_info) version_info;
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_pause) easy_pause;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(::curl_easy_setopt)* easy_setopt;
  decltype(::curl_easy_getinfo)* easy_getinfo;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_wakeup) multi_wakeup;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(::curl_multi_setopt)* multi_setopt;
};

/// Loaded and initialised once a process; the same failure again when that didn't work.
Result<const CurlLibrary*> curl_library();

}  // namespace mlk::http
