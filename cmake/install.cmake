# What `cmake --install` puts where, for find_package(poolcraft): the libraries of the stages, their headers, and the
# package files. The folder may be moved afterwards.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(libraries basic bounded priority stealing autoscale metrics flow)
list(TRANSFORM libraries PREPEND pool_ OUTPUT_VARIABLE targets)
foreach(library IN LISTS libraries)
  set_target_properties(pool_${library} PROPERTIES EXPORT_NAME ${library})
  get_target_property(folder pool_${library} SOURCE_DIR)
  install(DIRECTORY ${folder}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT poolcraft)
endforeach()
set_target_properties(pool_flow PROPERTIES EXPORT_NAME pool) # the last one, and all that is below it

install(TARGETS ${targets} pool_instrumented pool_warnings EXPORT poolcraft
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT poolcraft
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT poolcraft
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/poolcraft)
install(EXPORT poolcraft NAMESPACE poolcraft:: FILE poolcraftTargets.cmake DESTINATION ${package} COMPONENT poolcraft)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/poolcraftConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/package/poolcraftConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/poolcraftConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/poolcraftConfig.cmake
              ${PROJECT_BINARY_DIR}/package/poolcraftConfigVersion.cmake
        DESTINATION ${package} COMPONENT poolcraft)
