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

  # pool::rivals: whom a benchmark may be measured against. One that is not there is left out.
  add_library(pool_rivals INTERFACE)
  add_library(pool::rivals ALIAS pool_rivals)
  find_path(POOL_MOODYCAMEL_INCLUDE blockingconcurrentqueue.h PATH_SUFFIXES concurrentqueue concurrentqueue/moodycamel)
  if(POOL_MOODYCAMEL_INCLUDE)
    target_include_directories(pool_rivals SYSTEM INTERFACE ${POOL_MOODYCAMEL_INCLUDE})
    target_compile_definitions(pool_rivals INTERFACE POOL_BENCH_MOODYCAMEL)
  else()
    message(STATUS "Benchmarks without moodycamel's queue. Debian, Ubuntu: apt install libconcurrentqueue-dev")
  endif()
  find_package(TBB QUIET)
  if(TBB_FOUND)
    target_link_libraries(pool_rivals INTERFACE TBB::tbb)
    target_compile_definitions(pool_rivals INTERFACE POOL_BENCH_TBB)
  else()
    message(STATUS "Benchmarks without oneTBB's queue. Debian, Ubuntu: apt install libtbb-dev. macOS: brew install tbb")
  endif()
endif()
