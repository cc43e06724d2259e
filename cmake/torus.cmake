# cmake/torus.cmake: the words in which torus' folders say what they build.
#
#   torus_component(<name> SOURCES a.cpp b.cpp [LINK target…] [PRIVATE_LINK target…] [OPTIONAL target…])
#       One library, torus::<name>, from src/<name>/CMakeLists.txt.
#       LINK          what the public headers need; PRIVATE_LINK what only the sources need.
#       OPTIONAL      linked privately if found; else the sources see TORUS_WITHOUT_<NAME> defined.
#       Third-party targets need no find_package() first, torus-dependencies.cmake knows them. If one of LINK or
#       PRIVATE_LINK is missing, the component is left out with one line that says so.
#       src/ is a private include directory: #include "core/slab.hpp".
#
#   torus_tests(<name> SOURCES a_test.cpp … [LINK target…] [BACKENDS io_uring epoll sim | none] [NOT_SIMULATED test…]
#               [PROGRAMS target…])
#       One executable, tests_<name>, from tests/<name>/CMakeLists.txt, with GoogleTest and (if there) torus::testing.
#       Each test becomes one ctest test for each backend, "<backend>.<suite>.<test>", with TORUS_BACKEND set; in a
#       sanitized build, an eighth of them does.
#       Default: io_uring epoll sim, there without those of NOT_SIMULATED, which may have wildcards: they ask the real
#       kernel. 'none': once, without a backend. A component that was left out has no tests.
#       main is src/testing/main.cpp if that file exists, GoogleTest's otherwise. tests/cli, which belongs to no component,
#       links what LINK says. Of PROGRAMS the tests see the paths: TORUS_PROGRAM_<NAME> is a string.
#
#   torus_program(<name> SOURCES a.cpp LINK target…)      bin/<name>, from cli/CMakeLists.txt
#   torus_example(<name> SOURCES a.cpp LINK target…)      bin/examples/<name>, from examples/CMakeLists.txt
#   torus_benchmark(<name> SOURCES a.cpp LINK target…)    bin/bench/<name>, from bench/CMakeLists.txt
#       Executables with the project's warnings, left out with one line if something of LINK is missing.
#       An example with a file <name>.expected beside it becomes the ctest test example.<name>, which compares the output.
#
#   torus_fuzz(<name> SOURCES a.cpp LINK target… [CORPUS folder] [DICTIONARY file])
#       A libFuzzer executable fuzz_<name>, and a ctest test fuzz.<name>: a short run that begins with the corpus.
include_guard(GLOBAL)
include(GNUInstallDirs)
include(torus-dependencies)
include(torus-flags)

# Third-party targets found while a folder deep inside is configured must be known wherever torus is linked.
set(torus_dependency_scope GLOBAL)
set(torus_root ${PROJECT_SOURCE_DIR})
set(torus_bin ${CMAKE_BINARY_DIR}/bin)
set_property(GLOBAL PROPERTY torus_components "")

# A test that needs longer than this hangs: the slowest one takes a few seconds, under TSan on a loaded machine ten times that.
set(torus_test_seconds 120)
# How long each fuzz target runs as a test; long runs are for another day.
set(torus_fuzz_seconds 15)

if(TORUS_TESTS OR TORUS_FUZZ)
    enable_testing()
endif()
if(TORUS_TESTS)
    include(GoogleTest)
    torus_provide(torus_missing_for_tests GTest::gtest)
    if(torus_missing_for_tests)
        message(STATUS "torus: leaving out the tests, which need ${torus_missing_for_tests}")
    endif()
endif()

# Adds src/<c> and tests/<c> for each component, lower ones first; a folder without a CMakeLists.txt is not there yet.
function(torus_add_components)
    foreach(name IN LISTS ARGN)
        torus_add_folder(src/${name})
    endforeach()
    torus_add_tests(${ARGN})
endfunction()

function(torus_add_tests)
    if(TORUS_TESTS AND NOT torus_missing_for_tests)
        foreach(name IN LISTS ARGN)
            torus_add_folder(tests/${name})
        endforeach()
    endif()
endfunction()

function(torus_add_folder folder)
    if(EXISTS ${torus_root}/${folder}/CMakeLists.txt)
        add_subdirectory(${torus_root}/${folder})
    endif()
endfunction()

function(torus_component name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK;PRIVATE_LINK;OPTIONAL")
    torus_no_leftovers("${arg_UNPARSED_ARGUMENTS}")
    torus_provide(missing ${arg_LINK} ${arg_PRIVATE_LINK})
    if(missing)
        message(STATUS "torus: leaving out ${name}, which needs ${missing}")
        return()
    endif()

    set(target torus_${name})
    add_library(${target} ${arg_SOURCES})
    add_library(torus::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON
        VERSION ${torus_VERSION} SOVERSION ${torus_VERSION_MAJOR}.${torus_VERSION_MINOR})
    target_include_directories(${target}
        PUBLIC $<BUILD_INTERFACE:${torus_root}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
        PRIVATE ${torus_root}/src)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_link_libraries(${target} PUBLIC ${arg_LINK})
    torus_link_private(${target} ${arg_PRIVATE_LINK})
    foreach(optional IN LISTS arg_OPTIONAL)
        torus_provide(missing ${optional})
        if(missing)
            torus_word_of(${optional} word)
            message(STATUS "torus: ${name} without ${missing}")
            target_compile_definitions(${target} PRIVATE TORUS_WITHOUT_${word})
            list(REMOVE_ITEM arg_OPTIONAL ${optional})
        else()
            torus_link_private(${target} ${optional})
        endif()
    endforeach()
    torus_own_flags(${target})
    torus_unity(${target})
    torus_visibility(${target})
    if(NOT PROJECT_IS_TOP_LEVEL AND NOT TORUS_INSTALL)
        set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()

    set_property(GLOBAL APPEND PROPERTY torus_components ${name})
    set_property(GLOBAL PROPERTY torus_public_links_of_${name} ${arg_LINK})
    set_property(GLOBAL PROPERTY torus_private_links_of_${name} ${arg_PRIVATE_LINK} ${arg_OPTIONAL})
endfunction()

# What comes as objects (llhttp) becomes part of the library and stays out of what is exported.
function(torus_link_private target)
    foreach(link IN LISTS ARGN)
        if(link STREQUAL torus_llhttp)
            target_sources(${target} PRIVATE $<TARGET_OBJECTS:torus_llhttp>)
            target_include_directories(${target} SYSTEM PRIVATE ${TORUS_LLHTTP_INCLUDE})
            target_compile_definitions(${target} PRIVATE LLHTTP_STRICT_MODE=1)
        else()
            target_link_libraries(${target} PRIVATE ${link})
        endif()
    endforeach()
endfunction()

function(torus_tests name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK;BACKENDS;NOT_SIMULATED;PROGRAMS")
    torus_no_leftovers("${arg_UNPARSED_ARGUMENTS}")
    set(component)
    if(EXISTS ${torus_root}/src/${name})
        set(component torus::${name})
    endif()
    torus_provide(missing ${component} ${arg_LINK} ${arg_PROGRAMS})
    if(missing)
        message(STATUS "torus: leaving out the tests of ${name}, which need ${missing}")
        return()
    endif()
    if(NOT arg_BACKENDS)
        set(arg_BACKENDS io_uring epoll sim)
    endif()

    set(target tests_${name})
    add_executable(${target} ${arg_SOURCES})
    target_include_directories(${target} PRIVATE ${torus_root}/tests)
    target_link_libraries(${target} PRIVATE ${component} ${arg_LINK} GTest::gtest)
    if(TARGET torus::testing AND NOT name STREQUAL testing)
        target_link_libraries(${target} PRIVATE torus::testing)
    endif()
    if(EXISTS ${torus_root}/src/testing/main.cpp)
        target_sources(${target} PRIVATE ${torus_root}/src/testing/main.cpp)
    else()
        target_link_libraries(${target} PRIVATE GTest::gtest_main)
    endif()
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${torus_bin}/tests)
    torus_own_flags(${target})
    torus_sanitized(${target})
    # How fast a test is matters less than how long it takes to compile: the library has the build type's flags.
    if(TORUS_SANITIZE)
        target_compile_options(${target} PRIVATE -O0)
    elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
        target_compile_options(${target} PRIVATE -O1)
    endif()
    target_compile_options(${target} PRIVATE -Wno-dangling-else)  # `if (…) EXPECT_EQ(…)`, which GoogleTest allows for

    # A third of what compiling a test takes is reading these headers. Not with g++ 12, which then warns of what is in the
    # standard library's.
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND TARGET torus::testing)
        target_precompile_headers(${target} PRIVATE <torus/testing/test.hpp>)
        target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")  # the same header is the same to ccache
    endif()

    foreach(program IN LISTS arg_PROGRAMS)
        string(TOUPPER ${program} word)
        add_dependencies(${target} ${program})
        target_compile_definitions(${target} PRIVATE TORUS_PROGRAM_${word}="$<TARGET_FILE:${program}>")
    endforeach()

    foreach(backend IN LISTS arg_BACKENDS)
        if(backend STREQUAL none)
            set(prefix "")
            set(environment "")
        else()
            set(prefix ${backend}.)
            set(environment TORUS_BACKEND=${backend})
        endif()
        set(which "*")
        if(backend STREQUAL sim AND arg_NOT_SIMULATED)
            list(JOIN arg_NOT_SIMULATED ":" left_out)
            set(which "-${left_out}")
        endif()
        if(TORUS_SANITIZE)
            torus_add_shards(${target} "${prefix}${name}" "${environment};GTEST_FILTER=${which}")
            continue()
        endif()
        gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
            TEST_PREFIX "${prefix}" TEST_LIST ${target}_${backend} TEST_FILTER "${which}"
            PROPERTIES TIMEOUT ${torus_test_seconds} LABELS ${name} ENVIRONMENT "${environment}")
    endforeach()
endfunction()

# A sanitized program takes longer to start than most tests to run, so that each of these runs an eighth of them.
function(torus_add_shards target name environment)
    foreach(shard RANGE 1 8)
        math(EXPR index "${shard} - 1")
        set(test ${name}.${shard}_of_8)
        add_test(NAME ${test} COMMAND ${target})
        set_tests_properties(${test} PROPERTIES TIMEOUT 600 LABELS ${name}
            ENVIRONMENT "${environment};GTEST_TOTAL_SHARDS=8;GTEST_SHARD_INDEX=${index}")
    endforeach()
endfunction()

function(torus_program name)
    torus_executable(${name} ${name} . ${ARGN})
endfunction()

function(torus_example name)
    torus_executable(example_${name} ${name} examples ${ARGN})
    set(expected ${CMAKE_CURRENT_SOURCE_DIR}/${name}.expected)
    find_package(Python3 QUIET COMPONENTS Interpreter)
    if(TARGET example_${name} AND TORUS_TESTS AND EXISTS ${expected} AND Python3_FOUND)
        add_test(NAME example.${name}
            COMMAND Python3::Interpreter ${torus_root}/tools/expect.py ${expected} $<TARGET_FILE:example_${name}>)
        set_tests_properties(example.${name} PROPERTIES TIMEOUT ${torus_test_seconds} LABELS examples)
    endif()
endfunction()

function(torus_benchmark name)
    torus_executable(bench_${name} ${name} bench ${ARGN})
endfunction()

function(torus_executable target name folder)
    cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "SOURCES;LINK")
    torus_no_leftovers("${arg_UNPARSED_ARGUMENTS}")
    torus_provide(missing ${arg_LINK})
    if(missing)
        message(STATUS "torus: leaving out the program ${name}, which needs ${missing}")
        return()
    endif()
    add_executable(${target} ${arg_SOURCES})
    target_link_libraries(${target} PRIVATE ${arg_LINK})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} RUNTIME_OUTPUT_DIRECTORY ${torus_bin}/${folder})
    torus_own_flags(${target})
    torus_sanitized(${target})
endfunction()

function(torus_fuzz name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "CORPUS;DICTIONARY" "SOURCES;LINK")
    torus_no_leftovers("${arg_UNPARSED_ARGUMENTS}")
    torus_provide(missing ${arg_LINK})
    if(missing)
        message(STATUS "torus: leaving out the fuzz target ${name}, which needs ${missing}")
        return()
    endif()
    set(target fuzz_${name})
    add_executable(${target} ${arg_SOURCES})
    target_link_libraries(${target} PRIVATE ${arg_LINK})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${torus_bin}/fuzz)
    torus_own_flags(${target})
    torus_sanitized(${target})

    set(found ${CMAKE_CURRENT_BINARY_DIR}/${name}.found)
    file(MAKE_DIRECTORY ${found})
    set(arguments -max_total_time=${torus_fuzz_seconds} -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
    if(arg_DICTIONARY)
        list(APPEND arguments -dict=${CMAKE_CURRENT_SOURCE_DIR}/${arg_DICTIONARY})
    endif()
    list(APPEND arguments ${found})
    if(arg_CORPUS)
        list(APPEND arguments ${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS})
    endif()
    add_test(NAME fuzz.${name} COMMAND ${target} ${arguments} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT ${torus_test_seconds} LABELS fuzz)
endfunction()

function(torus_no_leftovers leftovers)
    if(leftovers)
        message(FATAL_ERROR "torus: words without a keyword before them: ${leftovers}")
    endif()
endfunction()
