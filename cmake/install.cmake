# The package `juju` for find_package: juju::juju, and juju::mock_controller as a component when it was built.
# A project that has this one as a subdirectory installs what it wants itself.

if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

include(CMakePackageConfigHelpers)

set(JUJU_BOOST_FLOOR 1.81)
set(juju_package_directory ${CMAKE_INSTALL_LIBDIR}/cmake/juju)
set(juju_installed_targets juju)
if(JUJU_BUILD_MOCK_CONTROLLER)
  list(APPEND juju_installed_targets juju_mock_controller)
  install(TARGETS juju-mock-controller)
endif()

install(TARGETS ${juju_installed_targets} EXPORT jujuTargets FILE_SET HEADERS)
install(EXPORT jujuTargets NAMESPACE juju:: DESTINATION ${juju_package_directory})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/juju-config.cmake.in ${PROJECT_BINARY_DIR}/juju-config.cmake
  INSTALL_DESTINATION ${juju_package_directory} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/juju-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/juju-config.cmake ${PROJECT_BINARY_DIR}/juju-config-version.cmake
  DESTINATION ${juju_package_directory})
