#!/usr/bin/env python3
# tools/lint/preprocessed.py: what users include stays quick to compile: no more than a tenth above preprocessed.txt.
#
# Counted are the lines that the compiler sees: after the preprocessor, without blank ones and line markers. After a
# change that is worth it, `tools/lint/preprocessed.py --write` writes the new numbers down; say why in the commit.
import re
import subprocess
import sys
from pathlib import Path

from project import ROOT, entries, report

LIST = Path(__file__).parent / "preprocessed.txt"
GROWTH = 1.1  # a tenth: what includes gain by themselves, with a library's update, is far less


def lines_of(header):
    """How many lines `#include <header>` is, or the compiler's first complaint."""
    command = ["clang++-19", "-std=c++20", "-E", "-P", f"-I{ROOT / 'include'}", "-x", "c++", "-"]
    done = subprocess.run(command, input=f"#include <{header}>\n", capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.splitlines()[0]
    return sum(1 for line in done.stdout.splitlines() if line.strip())


def written():
    """{header: lines}"""
    return {header: int(lines) for header, lines in (line.split() for line in entries(LIST))}


def write(found):
    text = LIST.read_text()
    for header, lines in found.items():
        text = re.sub(rf"^{re.escape(header)} +\d+$", f"{header:28} {lines}", text, flags=re.M)
    LIST.write_text(text)


def main():
    allowed = written()
    found = {header: lines_of(header) for header in allowed}
    problems = [f"include/{header}:1: does not compile: {lines}" for header, lines in found.items() if isinstance(lines, str)]
    if sys.argv[1:] == ["--write"] and not problems:
        write(found)
        return
    for header, lines in found.items():
        if isinstance(lines, int) and lines > GROWTH * allowed[header]:
            problems.append(f"include/{header}:1: is {lines:,} lines to the compiler, more than a tenth above {allowed[header]:,}")
    report("preprocessed", problems)


if __name__ == "__main__":
    main()
