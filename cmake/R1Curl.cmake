# The target CURL::libcurl, for the code rewarder's remote backend. Also part of the installed package.
include_guard()
find_package(CURL 7.87 QUIET)
if(NOT TARGET CURL::libcurl)
  message(FATAL_ERROR "libcurl 7.87 or newer is missing (Debian: libcurl4-openssl-dev)")
endif()
