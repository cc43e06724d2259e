// torus/sql/sql.hpp: values, rows and errors: all of sql in one include.
#pragma once

#include <torus/sql/error.hpp>
#include <torus/sql/parameters.hpp>
#include <torus/sql/row.hpp>
#include <torus/sql/value.hpp>
