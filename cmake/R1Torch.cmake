# The target r1::torch. Own imported targets, because find_package(Torch) refuses the PyPI wheel on a machine without CUDA
# and rewrites CUDA flags on one with it. Also part of the installed package: r1cppConfig.cmake includes this file.
include_guard()
set(r1_default_torch ${CMAKE_CURRENT_LIST_DIR}/../.deps/torch)
if(DEFINED R1_TORCH_DEFAULT)
  set(r1_default_torch ${R1_TORCH_DEFAULT})
endif()
if(NOT "$ENV{R1_TORCH_DIR}" STREQUAL "")
  set(r1_default_torch $ENV{R1_TORCH_DIR})
endif()
set(R1_TORCH_DIR ${r1_default_torch} CACHE PATH "LibTorch, or the `torch` folder of a Python installation")
get_filename_component(r1_torch "${R1_TORCH_DIR}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
if(EXISTS "${r1_torch}/torch/lib/libtorch_cpu.so")
  string(APPEND r1_torch /torch)  # a site-packages folder
endif()

set(r1_torch_libraries torch_cpu c10)
if(R1_CUDA)
  list(APPEND r1_torch_libraries torch torch_cuda c10_cuda)
endif()
set(r1_torch_needed include/ATen/ATen.h include/torch/headeronly/version.h)
foreach(library IN LISTS r1_torch_libraries)
  list(APPEND r1_torch_needed lib/lib${library}.so)
endforeach()
foreach(file IN LISTS r1_torch_needed)
  if(NOT EXISTS "${r1_torch}/${file}")
    message(FATAL_ERROR "R1_TORCH_DIR is ${r1_torch}: it has no ${file}. Give a LibTorch 2.11 folder (with include/ and lib/) "
      "or the `torch` folder of a Python installation (a CUDA one for R1_CUDA=ON); or call ./r1 build, which downloads it.")
  endif()
endforeach()

file(STRINGS "${r1_torch}/include/torch/headeronly/version.h" r1_torch_version REGEX "^ *\"[0-9]+\\.[0-9.]+")
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" r1_torch_version "${r1_torch_version}")
if(NOT r1_torch_version MATCHES "^2\\.11\\.")
  message(WARNING "${r1_torch} is LibTorch ${r1_torch_version}; r1cpp is tested with 2.11.0.")
endif()
file(STRINGS "${r1_torch}/lib/libc10.so" r1_torch_abi REGEX "__cxx11" LIMIT_COUNT 1)
if(NOT r1_torch_abi)
  message(FATAL_ERROR "${r1_torch} was built with _GLIBCXX_USE_CXX11_ABI=0; r1cpp needs a LibTorch with the C++11 ABI.")
endif()

foreach(library IN LISTS r1_torch_libraries)
  add_library(r1::lib${library} SHARED IMPORTED)
  set_target_properties(r1::lib${library} PROPERTIES IMPORTED_LOCATION "${r1_torch}/lib/lib${library}.so")
endforeach()
add_library(r1::torch INTERFACE IMPORTED)
target_include_directories(r1::torch INTERFACE "${r1_torch}/include" "${r1_torch}/include/torch/csrc/api/include")
list(TRANSFORM r1_torch_libraries PREPEND r1::lib OUTPUT_VARIABLE r1_torch_targets)
target_link_libraries(r1::torch INTERFACE ${r1_torch_targets})

if(R1_CUDA)
  find_path(R1_CUDA_INCLUDE cuda_runtime_api.h REQUIRED
    HINTS ${r1_torch}/../nvidia/cu13/include $ENV{CUDA_HOME}/include /usr/local/cuda/include)
  find_path(R1_CUDA_LIBRARIES NAMES libcublas.so.13
    HINTS ${r1_torch}/../nvidia/cu13/lib $ENV{CUDA_HOME}/lib64 /usr/local/cuda/lib64)
  target_include_directories(r1::torch INTERFACE "${R1_CUDA_INCLUDE}")
  target_compile_definitions(r1::torch INTERFACE R1_CUDA=1)
  # Nothing of ours names a symbol of libtorch_cuda, whose loading registers the GPU kernels: keep it. Libraries that it
  # needs (cuDNN, NCCL) may be missing where this is built; old-style RPATH lets it find the toolkit's when it runs.
  target_link_options(r1::torch INTERFACE LINKER:--no-as-needed LINKER:--allow-shlib-undefined LINKER:--disable-new-dtags
    "LINKER:-rpath,${R1_CUDA_LIBRARIES}")
endif()
