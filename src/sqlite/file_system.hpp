// src/sqlite/file_system.hpp: where SQLite has its files.
#pragma once

namespace torus::inline v0::sqlite {

/// What `sqlite3_open_v2` calls a VFS: that of the simulated world that this thread is in; null, SQLite's own one, elsewhere.
/// @throws std::bad_alloc
const char* file_system();

}  // namespace torus::inline v0::sqlite
