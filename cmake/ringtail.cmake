# SPDX-License-Identifier: GPL-2.0-or-later
# One target a folder, and the arrows between them.
#
#   ringtail_library(DEPENDS model/base model/kernel PACKAGES fmt::fmt)
#
# makes the library of the current folder (all its *.cpp), named after the folder: model/kernel -> model_kernel. DEPENDS
# is at once what the linker gets and what script/arrows allows the folder's #includes to name, so that the picture in
# README.md cannot drift from the code.

set(RINGTAIL_WARNINGS -Wall -Wextra -Werror)

function(ringtail_target_defaults target)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${RINGTAIL_WARNINGS})
  if(RINGTAIL_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${RINGTAIL_SANITIZE} -fno-omit-frame-pointer
                                             -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${RINGTAIL_SANITIZE})
  endif()
  if(RINGTAIL_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
endfunction()

function(ringtail_library)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PACKAGES" ${ARGN})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "_" target ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(links ${ARG_PACKAGES})
  foreach(dep ${ARG_DEPENDS})
    string(REPLACE "/" "_" dep_target ${dep})
    list(APPEND links ${dep_target})
  endforeach()
  if(sources)
    add_library(${target} STATIC ${sources})
    ringtail_target_defaults(${target})
    target_link_libraries(${target} PUBLIC ${links})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${links})
  endif()
  string(REPLACE ";" " " deps "${ARG_DEPENDS}")
  set_property(GLOBAL APPEND PROPERTY RINGTAIL_ARROWS "${folder}: ${deps}")
endfunction()

# Writes `folder: allowed folders` lines for script/arrows.
function(ringtail_write_arrows)
  get_property(arrows GLOBAL PROPERTY RINGTAIL_ARROWS)
  string(REPLACE ";" "\n" text "${arrows}")
  file(WRITE ${PROJECT_BINARY_DIR}/arrows.txt "${text}\n")
endfunction()

# A test binary from the *.cpp of the current folder under tests/.
function(ringtail_test)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PACKAGES" ${ARGN})
  file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REPLACE "/" "_" target ${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(links ${ARG_PACKAGES})
  foreach(dep ${ARG_DEPENDS})
    string(REPLACE "/" "_" dep_target ${dep})
    list(APPEND links ${dep_target})
  endforeach()
  add_executable(${target} ${sources})
  ringtail_target_defaults(${target})
  target_compile_definitions(${target} PRIVATE RINGTAIL_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                               RINGTAIL_BINARY="$<TARGET_FILE:ringtail>")
  target_link_libraries(${target} PRIVATE ${links} GTest::gtest GTest::gtest_main rapidcheck)
  add_dependencies(${target} ringtail)
  gtest_discover_tests(${target} TEST_PREFIX "${folder}/" DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
endfunction()
