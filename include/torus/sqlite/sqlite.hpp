// torus/sqlite/sqlite.hpp: SQLite databases, with the values and errors of sql: all of sqlite in one include.
#pragma once

#include <torus/sql/sql.hpp>
#include <torus/sqlite/connection.hpp>
#include <torus/sqlite/options.hpp>
#include <torus/sqlite/row_stream.hpp>
