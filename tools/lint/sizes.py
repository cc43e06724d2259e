#!/usr/bin/env python3
# tools/lint/sizes.py: no file and no function longer than one purpose needs, but for those in sizes-allowed.txt.
import re
from pathlib import Path

from project import ROOT, blank, functions, line_at, name_of, report, sources

HEADER, SOURCE, FUNCTION = 200, 400, 40


def allowances():
    """{file or file:function: lines}, and the problems of the list itself."""
    found, problems = {}, []
    path = Path(__file__).parent / "sizes-allowed.txt"
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\S+)\s+(\d+)\s+(\S.*)", line)
        if match:
            found[match.group(1)] = int(match.group(2))
        else:
            problems.append(f"{name_of(path)}:{number}: not '<file>[:<function>] <lines> <reason>'")
    return found, problems


def lengths(path):
    """(key, line, lines, limit) for a file and its functions; a lambda counts with what it is in."""
    text = path.read_text()
    yield name_of(path), 1, len(text.splitlines()), HEADER if path.suffix == ".hpp" else SOURCE
    blanked = blank(text)
    for function in functions(blanked):
        if not function.is_lambda:
            first, last = line_at(blanked, function.start), line_at(blanked, function.end - 1)
            yield f"{name_of(path)}:{function.name}", first, last - first + 1, FUNCTION


def main():
    allowed, problems = allowances()
    used = set()
    for path in sources():
        for key, line, lines, limit in lengths(path):
            if lines <= limit:
                continue
            used.add(key)
            if lines > allowed.get(key, limit):
                what = key.split(":", 1)[1] + " is" if ":" in key else "is"
                problems.append(f"{name_of(path)}:{line}: {what} {lines} lines long, the limit is {allowed.get(key, limit)}")
    problems += [f"tools/lint/sizes-allowed.txt:1: {key} is not too long any more" for key in allowed if key not in used]
    report("sizes", problems)


if __name__ == "__main__":
    main()
