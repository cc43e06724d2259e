#!/usr/bin/env python3
# tools/lint/first_line.py: every file begins with its name and one sentence about what it is.
import re

from project import ROOT, name_of, report, sources


def expected(path):
    """How the file calls itself: a public header as it is included, everything else as it lies."""
    base = ROOT / "include" if path.is_relative_to(ROOT / "include") else ROOT
    return str(path.relative_to(base))


def others():
    """Scripts and build files, which have the same first line behind a # (the second, where the first says #!)."""
    found = [*ROOT.glob("**/CMakeLists.txt"), *(ROOT / "cmake").glob("*.cmake*"), *(ROOT / "tools").rglob("*.py"),
             *(ROOT / "tools").rglob("*.sh")]
    return sorted(p for p in found if not p.is_relative_to(ROOT / "build") and len(p.relative_to(ROOT).parts) > 1
                  and p.relative_to(ROOT).parts[0] not in ("src", "tests", "cli", "examples", "fuzz", "bench"))


def main():
    problems = []
    for path in sources():
        lines = path.read_text().splitlines() or [""]
        if not re.fullmatch(rf"// {re.escape(expected(path))}: \S.*[.!?]", lines[0]):
            problems.append(f"{name_of(path)}:1: the first line is not '// {expected(path)}: <what it is>.'")
        if path.suffix == ".hpp" and "#pragma once" not in lines[:40]:
            problems.append(f"{name_of(path)}:2: no #pragma once")
    for path in others():
        lines = path.read_text().splitlines() or [""]
        first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
        if path.name != "CMakeLists.txt" and not first.startswith(f"# {expected(path)}: ") \
                and not first.startswith(f"# {path.name.removesuffix('.in')}: "):
            problems.append(f"{name_of(path)}:1: the first line is not '# {expected(path)}: <what it is>.'")
    report("first_line", problems)


if __name__ == "__main__":
    main()
