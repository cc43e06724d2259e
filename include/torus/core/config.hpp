// torus/core/config.hpp: the few facts about the compiler that the other headers depend on.
#pragma once

/// Marks a thread-local variable as living in the program's own TLS block, where one load reaches it.
/// (Not usable from a library that is opened with dlopen into a full TLS block.)
#define TORUS_FAST_TLS [[gnu::tls_model("initial-exec")]]

namespace torus::inline v0 {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool address_sanitizer = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif
#else
inline constexpr bool address_sanitizer = false;
#endif

/// Coroutine frames are recycled per thread, except where a sanitizer wants to see each of them die.
inline constexpr bool recycle_frames = !address_sanitizer;

}  // namespace torus::inline v0
