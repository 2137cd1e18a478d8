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
  function(pool_rival_header name header without) # behind these: the folders in which it may lie
    find_path(POOL_${name}_INCLUDE ${header} PATH_SUFFIXES ${ARGN})
    if(POOL_${name}_INCLUDE)
      target_include_directories(pool_rivals SYSTEM INTERFACE ${POOL_${name}_INCLUDE})
      target_compile_definitions(pool_rivals INTERFACE POOL_BENCH_${name})
    else()
      message(STATUS "Benchmarks without ${without}")
    endif()
  endfunction()
  pool_rival_header(MOODYCAMEL blockingconcurrentqueue.h
                    "moodycamel's queue. Debian, Ubuntu: apt install libconcurrentqueue-dev"
                    concurrentqueue concurrentqueue/moodycamel)
  pool_rival_header(ASIO boost/asio/thread_pool.hpp
                    "Boost.Asio. Debian, Ubuntu: apt install libboost-dev. macOS: brew install boost")
  find_package(TBB QUIET)
  if(TBB_FOUND)
    target_link_libraries(pool_rivals INTERFACE TBB::tbb)
    target_compile_definitions(pool_rivals INTERFACE POOL_BENCH_TBB)
  else()
    message(STATUS "Benchmarks without oneTBB's queue. Debian, Ubuntu: apt install libtbb-dev. macOS: brew install tbb")
  endif()
  find_package(OpenMP QUIET COMPONENTS CXX)
  if(OpenMP_CXX_FOUND)
    target_link_libraries(pool_rivals INTERFACE OpenMP::OpenMP_CXX)
    target_compile_definitions(pool_rivals INTERFACE POOL_BENCH_OPENMP)
  else()
    message(STATUS "Benchmarks without OpenMP: this compiler has none. clang on Debian, Ubuntu: apt install libomp-dev")
  endif()
endif()
