// torus/process/process.hpp: child processes: all of process in one include.
#pragma once

#include <torus/process/environment.hpp>
#include <torus/process/options.hpp>
#include <torus/process/subprocess.hpp>
