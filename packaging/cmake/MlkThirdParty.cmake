# Third-party libraries as targets named mlk_dep_<name>. A room names the ones that its .cpp files use.
find_package(PkgConfig REQUIRED)

function(mlk_static_or_shared name archive)
  # The static archive where Debian has one: the binary starts faster and needs fewer packages.
  find_library(MLK_LIB_${name} NAMES lib${archive}.a ${archive} REQUIRED)
  add_library(mlk_dep_${name} INTERFACE)
  target_link_libraries(mlk_dep_${name} INTERFACE ${MLK_LIB_${name}} ${ARGN})
endfunction()

mlk_static_or_shared(fmt fmt)
mlk_static_or_shared(yaml yaml)
mlk_static_or_shared(simdjson simdjson)
mlk_static_or_shared(zstd zstd)

# Shared: Debian's archive of RE2 isn't position-independent, so libmlk.so can't hold it.
find_library(MLK_SHARED_re2 NAMES re2 REQUIRED)
add_library(mlk_dep_re2 INTERFACE)
target_link_libraries(mlk_dep_re2 INTERFACE ${MLK_SHARED_re2} Threads::Threads)

add_library(mlk_dep_crypto INTERFACE)
find_package(OpenSSL REQUIRED)
target_link_libraries(mlk_dep_crypto INTERFACE OpenSSL::Crypto)

# curl, libgit2 and libarchive are loaded by dlopen on first use, so that a command that needs none of them starts
# without their 3.3, 1.7 and 0.8 ms: only their headers are used here.
foreach(pair "curl;libcurl" "git2;libgit2" "archive;libarchive")
  list(GET pair 0 name)
  list(GET pair 1 module)
  pkg_check_modules(MLK_PC_${name} REQUIRED ${module})
  add_library(mlk_dep_${name} INTERFACE)
  target_include_directories(mlk_dep_${name} SYSTEM INTERFACE ${MLK_PC_${name}_INCLUDE_DIRS})
  target_link_libraries(mlk_dep_${name} INTERFACE ${CMAKE_DL_LIBS})
endforeach()

add_library(mlk_dep_protozero INTERFACE)
