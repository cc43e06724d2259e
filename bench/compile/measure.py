#!/usr/bin/env python3
# bench/compile/measure.py: what a "hello, after a sleep" costs to compile: processor seconds, lines, bytes of a static
# binary.
#
#   measure.py WHO --list
#   measure.py WHO --seconds S compile
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
CPP = ROOT / "build/bench/cpp"
CXX = ["clang++-19", "-std=c++20", "-O2", "-DNDEBUG"]
CC = ["clang-19", "-O2", "-DNDEBUG"]
ASIO = ["-DASIO_HAS_CO_AWAIT", "-DASIO_HAS_STD_COROUTINE"]

# {who: (source, compiler, flags, libraries)}
COMPILED = {
    "torus": ("torus.cpp", CXX, [f"-I{ROOT / 'include'}"],
              [CPP / "src/sync/libtorus_sync.a", CPP / "src/core/libtorus_core.a", "-luring"]),
    "floor": ("floor.cpp", CXX, [], []),
    "asio": ("asio.cpp", CXX, ASIO, []),
    "asio_fine": ("asio_fine.cpp", CXX, ASIO, []),
    "libuv": ("libuv.c", CC, [], ["-l:libuv_a.a", "-ldl", "-lrt"]),
}


def run(command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def processor_seconds(command, **options):
    """What a command and its children use; the wall clock would also count what else the machine does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(command, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def lines_of(command):
    """Lines that the compiler sees: without blank ones and the preprocessor's own."""
    text = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    return sum(1 for line in text.splitlines() if line.strip() and not line.startswith("#"))


def check(binary):
    said = subprocess.run([binary], check=True, capture_output=True, text=True).stdout
    if said != "hello\n":
        raise RuntimeError(f"{binary} said {said!r}")


def report(what, who, value, unit):
    print(json.dumps({"what": what, "who": who, "value": value, "unit": unit}))


def compiled(who, folder):
    source, compiler, flags, libraries = COMPILED[who]
    command = [*compiler, *flags, HERE / source]
    seconds = processor_seconds([*command, "-c", "-o", folder / "hello.o"])
    linker = [word for word in compiler if not word.startswith("-std")]
    run([*linker, "-static", "-s", folder / "hello.o", *libraries, "-pthread", "-o", folder / "hello"])
    return seconds, lines_of([*command, "-E"]), folder / "hello"


def go(folder):
    """Its own package anew, those of the standard library from the cache."""
    text = (ROOT / "bench/peers/go/hello/hello.go").read_text()
    (folder / "go.mod").write_text("module hello\n")
    build = ["go", "build", "-ldflags", "-s -w", "-o", folder / "hello", "."]
    environment = {**os.environ, "CGO_ENABLED": "0"}
    (folder / "hello.go").write_text(text)
    run(build, cwd=folder, env=environment)
    (folder / "hello.go").write_text(text + f"\n// {os.urandom(8).hex()}\n")
    return processor_seconds(build, cwd=folder, env=environment), None, folder / "hello"


def tokio(_folder):
    """Its own crate anew, the others as they are."""
    project, target = ROOT / "bench/peers/tokio", ROOT / "build/bench/tokio"
    facts = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    host = re.search(r"^host: (.+)$", facts, re.M).group(1)  # named, or its own macros would have to be static too
    build = ["cargo", "build", "--quiet", "--locked", "--profile", "hello", "--bin", "hello", "--manifest-path",
             project / "Cargo.toml", "--target-dir", target, "--target", host]
    environment = {**os.environ, "RUSTFLAGS": "-C target-feature=+crt-static"}
    run(build, env=environment)
    for old in (target / host / "hello/.fingerprint").glob("bench-*"):
        shutil.rmtree(old)
    return processor_seconds(build, env=environment), None, target / host / "hello/hello"


def main():
    who, words = sys.argv[1], sys.argv[2:]
    if words == ["--list"]:
        print("compile")
        return
    if not re.fullmatch(r"--seconds [\d.]+ compile", " ".join(words)):
        sys.exit("usage: measure.py WHO --list | measure.py WHO --seconds S compile")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds, lines, binary = {"go": go, "tokio": tokio}.get(who, lambda f: compiled(who, f))(folder)
        check(binary)
        report("compile_time", who, seconds, "s")
        if lines is not None:
            report("compile_lines", who, lines, "lines")
        report("binary_size", who, binary.stat().st_size / 1024, "KiB")


if __name__ == "__main__":
    main()
