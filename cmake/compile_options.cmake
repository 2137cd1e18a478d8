# Warnings and sanitizers are targets that one links, never flags for everybody.

add_library(pool_warnings INTERFACE)
add_library(pool::warnings ALIAS pool_warnings)
target_compile_options(pool_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(pool_warnings INTERFACE -Wno-restrict) # false at -O3: gcc.gnu.org bug 105651, mended in 13
endif()

add_library(pool_instrumented INTERFACE)
add_library(pool::instrumented ALIAS pool_instrumented)
if(POOL_SANITIZE)
  # A thread that pthread_exit ends unwinds with an exception that has no object, and catching it by reference is what
  # the C library asks for: no check of null references, then. AddressSanitizer finds what is read through one.
  set(flags -fsanitize=${POOL_SANITIZE} -fno-sanitize-recover=all -fno-sanitize=null -fno-omit-frame-pointer)
  target_compile_options(pool_instrumented INTERFACE ${flags})
  target_link_options(pool_instrumented INTERFACE ${flags})
endif()
if(POOL_COVERAGE)
  target_compile_options(pool_instrumented INTERFACE --coverage)
  target_link_options(pool_instrumented INTERFACE --coverage)
endif()
