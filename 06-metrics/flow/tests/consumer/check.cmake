# Installs BUILD into a folder, moves that, and builds and runs the project here against it.
set(work ${BUILD}/consumer)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/first --component poolcraft)
file(RENAME ${work}/first ${work}/moved)

file(GLOB_RECURSE package ${work}/moved/*.cmake)
foreach(file IN LISTS package)
  file(READ ${file} text)
  foreach(place IN ITEMS ${SOURCE} ${BUILD})
    string(FIND "${text}" "${place}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file} names ${place}: it works on this machine only")
    endif()
  endforeach()
endforeach()

run(${CMAKE_COMMAND} -S ${SOURCE}/06-metrics/flow/tests/consumer -B ${work}/build -G ${GENERATOR}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=${TYPE} -DCMAKE_PREFIX_PATH=${work}/moved)
run(${CMAKE_COMMAND} --build ${work}/build)
run(${work}/build/consumer)
if(NOT output MATCHES "the answer is 42")
  message(FATAL_ERROR "the consumer said: ${output}")
endif()
