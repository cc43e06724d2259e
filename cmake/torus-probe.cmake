# cmake/torus-probe.cmake: warns about compilers that silently miscompile coroutines, before a user meets it.
include_guard(GLOBAL)

if(CMAKE_CROSSCOMPILING)
    return()
endif()
if(NOT DEFINED TORUS_PROBE_RAN)
    try_run(TORUS_PROBE_RAN TORUS_PROBE_COMPILED ${PROJECT_BINARY_DIR}/probe
        ${CMAKE_CURRENT_LIST_DIR}/probe.cpp CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON
        COMPILE_OUTPUT_VARIABLE torus_probe_output)
endif()
if(NOT TORUS_PROBE_COMPILED)
    message(FATAL_ERROR "torus: this compiler has no usable C++20 coroutines:\n${torus_probe_output}")
endif()
if(NOT TORUS_PROBE_RAN EQUAL 0)
    message(WARNING
        "torus: ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION} miscompiles a coroutine that declares no variable "
        "and has co_await in the condition of an if, while, for or switch: it never completes, or crashes. "
        "Take another compiler (-DCMAKE_CXX_COMPILER=clang++-19, or g++ 12.3 or newer), or declare a variable in such coroutines: "
        "'bool more = co_await next(); if (more) …'. torus itself is free of them.")
endif()
