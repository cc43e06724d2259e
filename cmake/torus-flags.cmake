# cmake/torus-flags.cmake: how torus' own sources are compiled.
include_guard(GLOBAL)

set(torus_warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)

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

# What the sanitizers' run-time wants to know, for every test.
set(torus_test_environment)
if(TORUS_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "torus: fuzzing needs clang's libFuzzer; set CMAKE_CXX_COMPILER to clang++-19")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TORUS_SANITIZE)
    add_compile_options(-fsanitize=${TORUS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${TORUS_SANITIZE})
    set(torus_test_environment
        ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:check_initialization_order=1:strict_init_order=1
        UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
        LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/lsan.supp:print_suppressions=0
        TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp:halt_on_error=1:second_deadlock_stack=1)
endif()

function(torus_own_flags target)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${torus_warnings}>)
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
    if(PROJECT_IS_TOP_LEVEL AND TORUS_WERROR)
        target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-Werror>)
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
        set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET hidden)
    endif()
    set_target_properties(${target} PROPERTIES VISIBILITY_INLINES_HIDDEN ON)
endfunction()
