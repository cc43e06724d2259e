#!/usr/bin/env python3
# tools/lint/tidy.py: clang-tidy over everything the release build compiles, or over the files named.
#
# A file that was clean is not looked at again before it, something it includes, or .clang-tidy changes.
import json
import sys
from pathlib import Path

from project import ROOT, name_of, report, run_cached

BUILD = ROOT / "build" / "release"
# The tests are compiled with all warnings and run under the sanitizers; tidying GoogleTest's macros finds nothing more.
FOLDERS = ("src", "cli", "examples")


def main():
    database = BUILD / "compile_commands.json"
    if not database.is_file():
        sys.exit("tidy: there is no build/release/compile_commands.json; ./dev build writes it")
    compiled = {Path(entry["file"]).resolve() for entry in json.loads(database.read_text())}
    wanted = {Path(name).resolve() for name in sys.argv[1:]} or {
        path for path in compiled if any(path.is_relative_to(ROOT / folder) for folder in FOLDERS)}
    rules = (ROOT / ".clang-tidy").read_text()
    jobs = [(path, ["clang-tidy-19", "-p", str(BUILD), "--quiet", str(path)], rules)
            for path in sorted(wanted & compiled) if path.suffix == ".cpp"]
    problems = []
    for path, output in sorted(run_cached("tidy", jobs).items()):
        found = [line.replace(f"{ROOT}/", "") for line in output.splitlines() if ": error:" in line or ": warning:" in line]
        problems += found or [f"{name_of(path)}:1: {output.strip()[:300]}"]
    report(f"tidy ({len(jobs)} files)", sorted(set(problems)))


if __name__ == "__main__":
    main()
