# cmake/torus-flags.cmake: how torus' own sources are compiled.
include_guard(GLOBAL)

set(torus_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    list(APPEND torus_warnings -Wno-restrict)  # GCC bug 105329: false alarms inside std::string's operator+
endif()

if(PROJECT_IS_TOP_LEVEL)
    if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
        set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, RelWithDebInfo or Debug" FORCE)
    endif()
    set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
    if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
        find_program(TORUS_CCACHE ccache)
        mark_as_advanced(TORUS_CCACHE)
        if(TORUS_CCACHE)
            set(CMAKE_C_COMPILER_LAUNCHER ${TORUS_CCACHE})
            set(CMAKE_CXX_COMPILER_LAUNCHER ${TORUS_CCACHE})
        endif()
    endif()
endif()

if(TORUS_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "torus: fuzzing needs clang's libFuzzer; set CMAKE_CXX_COMPILER to clang++-19")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TORUS_SANITIZE)
    add_compile_options(-fsanitize=${TORUS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${TORUS_SANITIZE})
    find_program(TORUS_SYMBOLIZER llvm-symbolizer-19)
    mark_as_advanced(TORUS_SYMBOLIZER)
endif()

function(torus_own_flags target)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${torus_warnings}>)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    if(PROJECT_IS_TOP_LEVEL AND TORUS_WERROR)
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
    endif()
endfunction()

# Many sources as one, where TORUS_UNITY says so: most of what compiling them takes is reading the same headers.
function(torus_unity target)
    if(TORUS_UNITY)
        set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
        target_compile_options(${target} PRIVATE -Wno-shadow)  # of one source's names by another's
        if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)  # which takes anonymous namespaces in what is included for a header's
            target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
        endif()
    endif()
endfunction()

# Every executable tells the sanitizers the same.
function(torus_sanitized target)
    if(TORUS_SANITIZE)
        target_sources(${target} PRIVATE ${torus_root}/cmake/sanitizers.cpp)
        if(TORUS_SYMBOLIZER)
            set_property(SOURCE ${torus_root}/cmake/sanitizers.cpp PROPERTY
                COMPILE_DEFINITIONS TORUS_SYMBOLIZER="${TORUS_SYMBOLIZER}")
        endif()
    endif()
endfunction()

# Static libraries hide everything. A shared one exports what is in namespace torus, by a linker script instead of a
# macro on every declaration.
function(torus_visibility target)
    get_target_property(type ${target} TYPE)
    if(type STREQUAL SHARED_LIBRARY)
        set(script ${PROJECT_SOURCE_DIR}/cmake/exports.map)
        target_link_options(${target} PRIVATE -Wl,--version-script=${script})
        set_target_properties(${target} PROPERTIES LINK_DEPENDS ${script})
    else()
        set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
    endif()
endfunction()
