// torus/torus.hpp: core, sync and io in one include.
#pragma once

#include <torus/core/core.hpp>
#include <torus/io/io.hpp>
#include <torus/sync/sync.hpp>
