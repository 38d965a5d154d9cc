# Compiler, linker and warnings: the same for every target.
find_program(MLK_CCACHE ccache)
if(MLK_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MLK_CCACHE})
endif()

find_program(MLK_MOLD mold)
if(MLK_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 12)
  add_link_options(-fuse-ld=mold)
endif()
add_link_options(-Wl,--as-needed -Wl,-z,relro)

find_package(Threads REQUIRED)

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-qual
                    -Wno-missing-field-initializers)
if(MLK_WERROR)
  add_compile_options(-Werror)
endif()
# Paths of the build machine don't belong in a binary that is handed on.
add_compile_options("-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
