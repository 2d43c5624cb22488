# cmake --install: libraries, headers, the program, recipe files, and a package for find_package(r1cpp).
include(CMakePackageConfigHelpers)
get_property(rooms GLOBAL PROPERTY r1_rooms)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/r1cpp)

set(targets ${rooms})
list(TRANSFORM targets PREPEND r1_)
install(TARGETS ${targets} EXPORT r1cppTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT r1cppTargets NAMESPACE r1cpp:: DESTINATION ${package_dir})
list(REMOVE_ITEM rooms math code)  # inside rewards
foreach(room IN LISTS rooms)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${room}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/r1cpp/${room}
    FILES_MATCHING PATTERN "*.h")
endforeach()
if(TARGET r1)
  install(TARGETS r1 RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY recipes/ DESTINATION ${CMAKE_INSTALL_DATADIR}/r1cpp/recipes FILES_MATCHING PATTERN "*.json")
install(DIRECTORY ${r1_sentencepiece}/lib/ DESTINATION ${CMAKE_INSTALL_LIBDIR}/r1cpp/sentencepiece/lib)
install(DIRECTORY ${r1_sentencepiece}/include/ DESTINATION ${CMAKE_INSTALL_LIBDIR}/r1cpp/sentencepiece/include)

get_filename_component(R1_TORCH_DEFAULT ${r1_torch} REALPATH)
configure_package_config_file(cmake/r1cppConfig.cmake.in ${PROJECT_BINARY_DIR}/r1cppConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/r1cppConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/r1cppConfig.cmake ${PROJECT_BINARY_DIR}/r1cppConfigVersion.cmake
  cmake/R1Torch.cmake cmake/R1Sentencepiece.cmake cmake/R1Exact.cmake cmake/R1Seccomp.cmake
  cmake/R1Curl.cmake DESTINATION ${package_dir})
