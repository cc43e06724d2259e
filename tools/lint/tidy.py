#!/usr/bin/env python3
# tools/lint/tidy.py: clang-tidy over everything the release build compiles, or over the files named.
#
# Nearly all of its time goes to the headers, the standard library's among them; so a component's sources are looked at
# as one. What was clean is not looked at again before it, something it includes, or .clang-tidy changes.
import json
import shlex
import sys
from pathlib import Path

from project import ROOT, name_of, report, run_cached

BUILD = ROOT / "build" / "release"
# The tests are compiled with all warnings and run under the sanitizers; tidying GoogleTest's macros finds nothing more.
FOLDERS = ("src", "cli", "examples")
# Left out: what only comes of looking at several sources as one.
WARNINGS_TOGETHER = ["-Wno-shadow"]
CHECKS_TOGETHER = ["--checks=-bugprone-suspicious-include"]


def commands():
    """{source: the words of its compilation} of the release build."""
    database = BUILD / "compile_commands.json"
    if not database.is_file():
        sys.exit("tidy: there is no build/release/compile_commands.json; ./dev build writes it")
    return {Path(entry["file"]).resolve(): shlex.split(entry["command"]) for entry in json.loads(database.read_text())}


def flags(words):
    """Of a compilation, what says how: neither the compiler, nor what is read, nor what is written."""
    kept = words[1:]
    for option in ("-o", "-c"):
        at = kept.index(option)
        del kept[at:at + 2]
    return kept


def group_of(path):
    """What a source is looked at together with. An example is a program, with a main of its own, as is the command's."""
    folder = path.relative_to(ROOT).parts[:2]
    if folder[0] == "examples" or path.name == "main.cpp":
        return None
    return "-".join(folder) if folder[0] == "src" else folder[0]


def together(group, sources):
    """The file that stands for a group's sources."""
    unit = BUILD / "tidy" / f"{group}.cpp"
    unit.parent.mkdir(exist_ok=True)
    unit.write_text("".join(f'#include "{source}"\n' for source in sources))
    return unit


def main():
    compiled = commands()
    named = [Path(name).resolve() for name in sys.argv[1:]]
    wanted = sorted(path for path in compiled if path.suffix == ".cpp"
                    and (path in named if named else any(path.is_relative_to(ROOT / folder) for folder in FOLDERS)))
    groups, alone = {}, []
    for path in wanted:
        group = None if named else group_of(path)
        if group:
            groups.setdefault(group, []).append(path)
        else:
            alone.append((path, [], flags(compiled[path])))
    units = [(together(group, sources), CHECKS_TOGETHER, [*flags(compiled[sources[0]]), *WARNINGS_TOGETHER])
             for group, sources in groups.items()]

    rules = (ROOT / ".clang-tidy").read_text()
    jobs = [(path, ["clang-tidy-19", f"--config-file={ROOT}/.clang-tidy", "--quiet", *checks, str(path), "--", *how], rules)
            for path, checks, how in units + alone]
    problems = []
    for path, output in sorted(run_cached("tidy", jobs).items()):
        found = [line.replace(f"{ROOT}/", "") for line in output.splitlines() if ": error:" in line or ": warning:" in line]
        problems += found or [f"{name_of(path)}:1: {output.strip()[:300]}"]
    report(f"tidy ({len(wanted)} files)", sorted(set(problems)))


if __name__ == "__main__":
    main()
