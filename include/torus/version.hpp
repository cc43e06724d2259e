// torus/version.hpp: which torus this is.
#pragma once

namespace torus::inline v0 {

/// The version of the headers a program was compiled with, by the rules of semantic versioning:
/// before 1.0 a new minor version may change what existing code means.
///
/// The build reads the three numbers from here, so they are written down once.
inline constexpr int version_major = 0;
inline constexpr int version_minor = 1;
inline constexpr int version_patch = 0;

/// The same as text, for `--version` and User-Agent lines.
inline constexpr char version_text[] = "0.1.0";

}  // namespace torus::inline v0
