#!/usr/bin/env python3
# tools/statements.py: the table in docs/semantics.md of all statements and the tests that carry their numbers.
#
# Alone it rewrites the table, and says which statements have no test yet. With --check it fails where the table is not
# current, and where a test carries the number of no statement.
import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs/semantics.md"
BEGIN, END = "<!-- the tests of each statement, written by `./dev docs` -->", "<!-- end of the tests -->"
STATEMENT = re.compile(r"^\*\*(S\d+[a-z]?)\.\*\*(?P<text>.*)$", re.M)
TEST = re.compile(r"^(?:[A-Z_]*TEST[A-Z_]*|STREAM_CONTRACT)\((?:\s*(?P<suite>\w+),)?\s*(?P<name>\w+)\s*[,)]", re.M)
NUMBER = re.compile(r"(?:^|[._])(S\d+[a-z]?)(?=_|$)")
# Statements about speed are shown by benchmarks, not asserted: where it is done stands in their text.
BENCH = re.compile(r"`(bench/[\w/.]+)`")


def order(number):
    digits, letter = re.fullmatch(r"S(\d+)([a-z]?)", number).groups()
    return int(digits), letter


def names_in(path):
    """The tests in a file, as suite.name. What must not compile is one whole file."""
    if path.parent.name == "compile_fail":
        return [f"compile_fail.{path.stem}"]
    return [".".join(filter(None, (test["suite"], test["name"]))) for test in TEST.finditer(path.read_text())]


def tests():
    """{number: [(suite.name, file)]} of everything under tests/."""
    found = {}
    for path in sorted((ROOT / "tests").rglob("*.[ch]pp")):
        for name in names_in(path):
            for number in NUMBER.findall(name):
                found.setdefault(number, []).append((name, path.relative_to(ROOT)))
    return found


def table(statements, found):
    lines = ["| Statement | Tests |", "|---|---|"]
    for number in sorted(statements, key=order):
        shown = [f"`{name}` ({path.as_posix()})" for name, path in found.get(number, [])]
        if not shown:
            shown = [f"`{place}`" for place in BENCH.findall(statements[number])]
        lines.append(f"| {number} | {'<br>'.join(shown) or '**none**'} |")
    return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description="Writes the table of the statements and their tests.")
    arguments.add_argument("--check", action="store_true", help="change nothing, fail if something is missing")
    check = arguments.parse_args().check
    text = DOCUMENT.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"{DOCUMENT.name}: has no place for the table, between '{BEGIN}' and '{END}'")
    head, rest = text.split(BEGIN)
    old, tail = rest.split(END)
    statements = {match[1]: match["text"] for match in STATEMENT.finditer(head)}
    found = tests()
    new = f"\n\n{table(statements, found)}\n\n"
    untested = [number for number in sorted(statements, key=order)
                if number not in found and not BENCH.search(statements[number])]
    problems = [f"{path}: {name} carries the number of no statement" for number in sorted(found, key=order)
                if number not in statements for name, path in found[number]]
    if new != old and check:
        problems.append("docs/semantics.md: the table of tests is not current; ./dev docs writes it")
    elif new != old:
        DOCUMENT.write_text(head + BEGIN + new + END + tail)
    if untested and not check:
        print("without a test:", *untested)
    print("\n".join(problems + [f"statements: {len(statements)}, {len(problems) or 'no'} problems"]))
    sys.exit(1 if problems else 0)


main()
