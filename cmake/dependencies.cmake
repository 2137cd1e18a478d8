# Everything the stages need, found on the machine. `./learn` installs what is missing on Debian and Ubuntu.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(POOL_TESTS)
  find_package(GTest)
  if(NOT GTest_FOUND)
    message(FATAL_ERROR "GoogleTest was not found, and the tests need it. Debian, Ubuntu: apt install libgtest-dev "
                        "libgmock-dev. macOS: brew install googletest. Or build without tests: -DPOOL_TESTS=OFF.")
  endif()
  include(GoogleTest)
endif()

if(POOL_BENCH)
  find_package(benchmark)
  if(NOT benchmark_FOUND)
    message(FATAL_ERROR "Google Benchmark was not found, and the benchmarks need it. Debian, Ubuntu: "
                        "apt install libbenchmark-dev. macOS: brew install google-benchmark.")
  endif()
endif()
