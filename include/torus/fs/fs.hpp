// torus/fs/fs.hpp: files, names and directories: all of fs in one include.
#pragma once

#include <torus/fs/directory.hpp>
#include <torus/fs/error.hpp>
#include <torus/fs/file.hpp>
#include <torus/fs/lines.hpp>
#include <torus/fs/names.hpp>
#include <torus/fs/status.hpp>
#include <torus/fs/temporary.hpp>
#include <torus/fs/watcher.hpp>
#include <torus/fs/whole.hpp>
