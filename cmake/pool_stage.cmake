# pool_stage(<name> [USES <stage>...] [LINKS <target>...] [DEMO_USES <target>...] [BENCH_USES <target>...])
#
# Declares the stage in the current folder, or a room of the stage in the folder above it, by what lies in it; LINKS are
# libraries of others:
#
#   include/, src/*.cpp        the library pool::<name>, on top of the stages it USES; without sources, these and no more
#   demo/*.cpp                 the program <name>_demo
#   examples/*.cpp             the program <name>_<file> each: what the chapter shows beside the pool
#   testing/                   test tools of the stage, such as its contract suite: for its tests and those of later ones
#   tests/*_test.cpp           one test program each: pool::<name>, GoogleTest and pool::testing
#   tests/explore/*_test.cpp   one explored program each: the sources of the stage, and of those it uses, compiled in
#                              with POOL_EXPLORE
#   bench/*.cpp                the program <name>_bench, with what is in bench/adapters (with POOL_BENCH)
#
# The target stage-NN builds them all; the tests carry the label <name>.
function(pool_stage name)
  cmake_parse_arguments(PARSE_ARGV 1 stage "" "" "USES;LINKS;DEMO_USES;BENCH_USES")
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR FILENAME folder)
  if(NOT folder MATCHES "^([0-9][0-9])-")
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH above)
    cmake_path(GET above FILENAME folder)
  endif()
  if(NOT folder MATCHES "^([0-9][0-9])-")
    message(FATAL_ERROR "pool_stage(${name}): the folder is called '${folder}', but a stage's folder is NN-some-name")
  endif()
  set(all stage-${CMAKE_MATCH_1})
  if(NOT TARGET ${all})
    add_custom_target(${all})
  endif()

  file(GLOB sources CONFIGURE_DEPENDS src/*.cpp)
  list(TRANSFORM stage_USES PREPEND pool:: OUTPUT_VARIABLE used)
  if(sources)
    add_library(pool_${name} ${sources})
    target_compile_features(pool_${name} PUBLIC cxx_std_20)
    target_include_directories(pool_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>)
    target_link_libraries(pool_${name} PUBLIC ${used} ${stage_LINKS} pool::instrumented Threads::Threads
                          PRIVATE pool::warnings)
    add_dependencies(${all} pool_${name})
  else()
    add_library(pool_${name} INTERFACE)
    target_link_libraries(pool_${name} INTERFACE ${used} ${stage_LINKS})
  endif()
  add_library(pool::${name} ALIAS pool_${name})

  file(GLOB demo CONFIGURE_DEPENDS demo/*.cpp)
  if(demo AND POOL_DEMOS)
    add_executable(${name}_demo ${demo})
    target_link_libraries(${name}_demo PRIVATE pool::${name} ${stage_DEMO_USES} pool::warnings)
    add_dependencies(${all} ${name}_demo)
  endif()

  file(GLOB examples CONFIGURE_DEPENDS examples/*.cpp)
  if(POOL_DEMOS)
    foreach(example IN LISTS examples)
      cmake_path(GET example STEM stem)
      add_executable(${name}_${stem} ${example})
      target_link_libraries(${name}_${stem} PRIVATE pool::${name} ${stage_DEMO_USES} pool::warnings)
      add_dependencies(${all} ${name}_${stem})
    endforeach()
  endif()

  file(GLOB bench CONFIGURE_DEPENDS bench/*.cpp bench/adapters/*.cpp)
  if(bench AND POOL_BENCH)
    add_executable(${name}_bench ${bench})
    target_link_libraries(${name}_bench PRIVATE pool::${name} ${stage_BENCH_USES} benchmark::benchmark pool::warnings)
    add_dependencies(${all} ${name}_bench)
  endif()

  if(POOL_TESTS)
    add_library(pool_${name}_testing INTERFACE)
    list(TRANSFORM stage_USES REPLACE "(.+)" "pool_\\1_testing" OUTPUT_VARIABLE tools)
    target_link_libraries(pool_${name}_testing INTERFACE pool::testing ${tools})
    target_include_directories(pool_${name}_testing INTERFACE ${CMAKE_CURRENT_SOURCE_DIR}/testing)

    file(GLOB tests CONFIGURE_DEPENDS tests/*_test.cpp)
    foreach(test IN LISTS tests)
      pool_test_program(${name} ${test})
      target_link_libraries(${program} PRIVATE pool::${name} ${stage_DEMO_USES} pool_${name}_testing)
      add_dependencies(${all} ${program})
      if(TARGET ${name}_demo)
        add_dependencies(${program} ${name}_demo) # a test may run it
      endif()
    endforeach()

    # The explorer brings its own threads, so a sanitizer would only watch fibers: see docs/explorer.md. The stage is
    # compiled once more for it; to link the library as well would break the one-definition rule.
    file(GLOB explored CONFIGURE_DEPENDS tests/explore/*_test.cpp)
    if(sources AND NOT POOL_SANITIZE)
      add_library(pool_${name}_explored OBJECT ${sources})
      target_include_directories(pool_${name}_explored PUBLIC
                                 $<TARGET_PROPERTY:pool_${name},INTERFACE_INCLUDE_DIRECTORIES>)
      list(TRANSFORM stage_USES REPLACE "(.+)" "pool_\\1_explored" OUTPUT_VARIABLE below)
      target_link_libraries(pool_${name}_explored PUBLIC pool::explorer ${below} ${stage_LINKS} PRIVATE pool::warnings)
      set(objects pool_${name}_explored) # a program gets the objects of those libraries only that it names itself
      foreach(use IN LISTS stage_USES)
        get_property(more GLOBAL PROPERTY pool_${use}_explored)
        list(APPEND objects ${more})
      endforeach()
      list(REMOVE_DUPLICATES objects)
      set_property(GLOBAL PROPERTY pool_${name}_explored ${objects})
      foreach(test IN LISTS explored)
        pool_test_program(${name} ${test})
        target_link_libraries(${program} PRIVATE ${objects} pool_${name}_testing)
        add_dependencies(${all} ${program})
      endforeach()
    endif()
  endif()
endfunction()

# A test program from one file; its name comes back in `program`.
function(pool_test_program name test)
  cmake_path(GET test STEM stem)
  set(program ${name}_${stem})
  add_executable(${program} ${test})
  target_link_libraries(${program} PRIVATE GTest::gmock pool::warnings)
  set_target_properties(${program} PROPERTIES ENABLE_EXPORTS ON) # names in the watchdog's stacks
  gtest_discover_tests(${program} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${name} TIMEOUT 150)
  set(program ${program} PARENT_SCOPE)
endfunction()
