# cmake/torus-install.cmake: the headers, libraries, CMake package and pkg-config files a user links with.
include_guard(GLOBAL)
