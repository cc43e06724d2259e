# cmake/torus-install.cmake: the headers, libraries, CMake package and pkg-config files a user links with.
include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

set(torus_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/torus)
set(torus_pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
get_property(torus_components GLOBAL PROPERTY torus_components)

# The pkg-config modules that stand for targets, as Requires: takes them; -pthread is a flag instead.
function(torus_modules_of modules)
    set(names)
    foreach(target IN LISTS ARGN)
        torus_module_of(${target} name)
        list(APPEND names ${name})
    endforeach()
    list(JOIN names ", " names)
    set(${modules} "${names}" PARENT_SCOPE)
endfunction()

# An archive needs what its sources need; a shared library has that already.
function(torus_install_pkgconfig name public private)
    get_target_property(type torus_${name} TYPE)
    if(type STREQUAL SHARED_LIBRARY)
        torus_modules_of(public_modules ${public})
        torus_modules_of(private_modules ${private})
    else()
        torus_modules_of(public_modules ${public} ${private})
        set(private_modules)
    endif()
    set(flags)
    if(Threads::Threads IN_LIST public OR Threads::Threads IN_LIST private)
        set(flags " -pthread")
    endif()
    file(RELATIVE_PATH prefix /${torus_pkgconfig_folder} /)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/torus.pc.in ${PROJECT_BINARY_DIR}/pkgconfig/torus-${name}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/pkgconfig/torus-${name}.pc DESTINATION ${torus_pkgconfig_folder})
endfunction()

set(torus_links)
foreach(name IN LISTS torus_components)
    get_property(public GLOBAL PROPERTY torus_public_links_of_${name})
    get_property(private GLOBAL PROPERTY torus_private_links_of_${name})
    list(REMOVE_ITEM private torus_llhttp)
    string(APPEND torus_links "set(torus_links_of_${name} ${public} ${private})\n")
    torus_install_pkgconfig(${name} "${public}" "${private}")

    set_target_properties(torus_${name} PROPERTIES INSTALL_RPATH "$ORIGIN")
    install(TARGETS torus_${name} EXPORT torus-${name})
    install(EXPORT torus-${name} NAMESPACE torus:: FILE torus-${name}-targets.cmake DESTINATION ${torus_package_folder})
    if(EXISTS ${PROJECT_SOURCE_DIR}/include/torus/${name})
        install(DIRECTORY include/torus/${name} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/torus)
    endif()
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/torusConfig.cmake.in
    ${PROJECT_BINARY_DIR}/package/torusConfig.cmake INSTALL_DESTINATION ${torus_package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/torusConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/torusConfig.cmake ${PROJECT_BINARY_DIR}/package/torusConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/torus-dependencies.cmake DESTINATION ${torus_package_folder})

file(GLOB torus_umbrellas ${PROJECT_SOURCE_DIR}/include/torus/*.hpp)
install(FILES ${torus_umbrellas} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/torus)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(TARGET torus)
    file(RELATIVE_PATH torus_libraries_from_program ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(torus PROPERTIES INSTALL_RPATH "$ORIGIN/${torus_libraries_from_program}")
    install(TARGETS torus RUNTIME)
endif()
