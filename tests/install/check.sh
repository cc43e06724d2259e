#!/usr/bin/env bash
# tests/install/check.sh: torus as a stranger gets it: inside another project, installed for CMake, and for pkg-config.
#
# Needs build/release (clang-19) and build/release-gcc, and leaves nothing behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
stranger=$PWD/tests/install
launcher=$(command -v ccache || true)

say() { printf -- '-- %s\n' "$*"; }

# Runs a command quietly, with its output if it fails.
quietly() {
    "$@" >"$scratch/log" 2>&1 || {
        cat "$scratch/log"
        echo "failed: $*" >&2
        exit 1
    }
}

build_and_run() {
    local folder=$1
    shift
    quietly cmake -S "$stranger" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_C_COMPILER_LAUNCHER="$launcher" -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" "$@"
    quietly cmake --build "$folder" --target stranger
    quietly "$folder/stranger"
}

refuses() {
    local why=$1
    shift
    if cmake -S "$stranger" -B "$scratch/refused" -G Ninja "$@" >"$scratch/log" 2>&1; then
        echo "was accepted: $*" >&2
        exit 1
    fi
    grep -q "$why" "$scratch/log" || { cat "$scratch/log"; echo "does not say '$why'" >&2; exit 1; }
    rm -rf "$scratch/refused"
}

for lane in "release clang++-19" "release-gcc g++-12"; do
    read -r preset compiler <<<"$lane"
    prefix=$scratch/$preset
    quietly cmake --install "build/$preset" --prefix "$prefix"

    say "$compiler: find_package"
    build_and_run "$scratch/installed-$preset" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix"

    say "$compiler: find_package refuses another version and an unknown component"
    refuses "0.2" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" -DSTRANGER_VERSION=0.2
    refuses "no component carrots" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" -DSTRANGER_WANTS=carrots

    say "$compiler: pkg-config"
    files=$(dirname "$(find "$prefix" -name torus-core.pc)")
    read -ra flags < <(PKG_CONFIG_PATH=$files pkg-config --cflags --libs torus-core torus-http torus-sqlite)
    quietly "$compiler" -std=c++20 -O1 "$stranger/main.cpp" -o "$scratch/plain" "${flags[@]}"
    quietly "$scratch/plain"

    say "$compiler: the installed command"
    quietly "$prefix/bin/torus" --version
done

say "clang++-19: add_subdirectory"
build_and_run "$scratch/inside" -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DTORUS_SOURCE="$PWD"
say "g++-12: add_subdirectory, shared libraries"
build_and_run "$scratch/inside-shared" -DCMAKE_C_COMPILER=gcc-12 -DCMAKE_CXX_COMPILER=g++-12 -DTORUS_SOURCE="$PWD" \
    -DBUILD_SHARED_LIBS=ON
