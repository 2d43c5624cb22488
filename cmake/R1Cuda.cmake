# Enables CUDA where nvcc is found; without it the GPU works through LibTorch's kernels alone.
find_program(R1_NVCC nvcc HINTS $ENV{CUDA_HOME}/bin /usr/local/cuda/bin)
if(R1_NVCC)
  set(CMAKE_CUDA_COMPILER ${R1_NVCC})
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80 90)
  endif()
  enable_language(CUDA)
  if(NOT DEFINED CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 knows no C++20 of nvcc
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  endif()
else()
  message(STATUS "nvcc not found: building without own GPU kernels")
endif()
