# The target r1::sentencepiece: the two static libraries that cmake/deps.sh built, or their installed copies.
include_guard()
set(r1_default_sentencepiece ${CMAKE_CURRENT_LIST_DIR}/../.deps/sentencepiece)
if(DEFINED R1_SENTENCEPIECE_DEFAULT)
  set(r1_default_sentencepiece ${R1_SENTENCEPIECE_DEFAULT})
endif()
set(R1_SENTENCEPIECE_DIR ${r1_default_sentencepiece} CACHE PATH "sentencepiece 0.2.1: include/ and static libraries in lib/")
get_filename_component(r1_sentencepiece "${R1_SENTENCEPIECE_DIR}" ABSOLUTE)
foreach(file lib/libsentencepiece.a lib/libsentencepiece_train.a)
  if(NOT EXISTS "${r1_sentencepiece}/${file}")
    message(FATAL_ERROR "R1_SENTENCEPIECE_DIR is ${r1_sentencepiece}: it has no ${file}. Call ./r1 build, which makes it.")
  endif()
endforeach()

find_package(Threads REQUIRED)
add_library(r1::sentencepiece INTERFACE IMPORTED)
target_include_directories(r1::sentencepiece INTERFACE "${r1_sentencepiece}/include")
target_link_libraries(r1::sentencepiece INTERFACE
  "${r1_sentencepiece}/lib/libsentencepiece_train.a" "${r1_sentencepiece}/lib/libsentencepiece.a" Threads::Threads)
