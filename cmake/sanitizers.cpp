// cmake/sanitizers.cpp: what the sanitizers are asked for, in every executable of a sanitized build.
//
// Here and not in the environment, so that a test run by hand, or a child of a test, is watched in the same way.
// A suppression names the library it is for and why that is none of ours; there are none.

#if defined(__clang__)
#define TORUS_UNWATCHED extern "C" __attribute__((visibility("default"), used, disable_sanitizer_instrumentation))
#else
#define TORUS_UNWATCHED \
    extern "C" __attribute__((visibility("default"), used, no_sanitize("address", "thread", "undefined")))
#endif

// Debian calls it llvm-symbolizer-19, which the run-time does not look for.
#ifdef TORUS_SYMBOLIZER
#define TORUS_WITH_NAMES ":external_symbolizer_path=" TORUS_SYMBOLIZER
#else
#define TORUS_WITH_NAMES ""
#endif

TORUS_UNWATCHED const char* __asan_default_options() {
    return "detect_leaks=1:strict_string_checks=1:check_initialization_order=1:strict_init_order=1:"
           "detect_stack_use_after_return=1" TORUS_WITH_NAMES;
}

TORUS_UNWATCHED const char* __ubsan_default_options() { return "print_stacktrace=1:halt_on_error=1" TORUS_WITH_NAMES; }

TORUS_UNWATCHED const char* __lsan_default_suppressions() { return ""; }

TORUS_UNWATCHED const char* __tsan_default_options() {
    return "halt_on_error=1:second_deadlock_stack=1" TORUS_WITH_NAMES;
}

TORUS_UNWATCHED const char* __tsan_default_suppressions() { return ""; }
