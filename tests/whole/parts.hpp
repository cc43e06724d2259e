// tests/whole/parts.hpp: a use of everything, part by part; what each leaves behind is looked at by main.
#pragma once

#include <source_location>

#include <torus/core/async.hpp>

/// @throws std::logic_error  with this place, unless `holds`
void require(bool holds, std::source_location where = std::source_location::current());

torus::async<> use_tasks();
torus::async<> use_times();
torus::async<> use_callbacks();
torus::async<> use_generators();
torus::async<> use_threads();
torus::async<> use_sync();
torus::async<> use_files();
torus::async<> use_processes();
torus::async<> use_sockets();
torus::async<> use_tls();
torus::async<> use_http();
torus::async<> use_sqlite();
