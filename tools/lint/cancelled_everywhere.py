#!/usr/bin/env python3
# tools/lint/cancelled_everywhere.py: every awaitable of a public header is cancelled everywhere by a test, or listed.
#
# What returns an awaitable has `@cancel` in its docstring. Its name must be a word of the component's
# tests/<component>/cancel_everywhere_test.cpp, or stand in tools/lint/not-cancelled-everywhere.txt, which wants to be
# empty; what stands there without need is a mistake, too.
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTED = ROOT / "tools/lint/not-cancelled-everywhere.txt"
NAME = re.compile(r"\b(?:class|struct)\s+(?:\[\[[^\]]*\]\]\s*)?(\w+)|(~?\w+|operator\s*\S+?)\s*\(")
NOT_A_NAME = {"requires", "decltype", "noexcept", "explicit", "nodiscard", "alignas", "__attribute__", "operator", "static_assert"}


def declared_name(lines):
    """The name of the function or class that begins here."""
    kept = (line for line in lines if not line.lstrip().startswith("requires "))
    text = re.sub(r"template\s*<[^()]*?>\s+(?=\w|\[)|\[\[.*?\]\]", " ", " ".join(kept))
    for found in NAME.finditer(text):
        name = found[1] or found[2]
        if name not in NOT_A_NAME:
            return name
    return None


def awaitables(header):
    """The names behind docstrings with @cancel, with the numbers of their lines."""
    lines = header.read_text().splitlines()
    inside = has_cancel = False
    for number, line in enumerate(lines):
        is_doc = line.lstrip().startswith("///")
        if is_doc:
            has_cancel = (inside and has_cancel) or "@cancel" in line
        elif inside and has_cancel:
            name = declared_name(lines[number:number + 6])
            if name:
                yield number + 1, name
        inside = is_doc


def listed():
    return {line.split("#")[0].strip() for line in LISTED.read_text().splitlines() if line.split("#")[0].strip()}


def main():
    allowed, missing, found = listed(), set(), set()
    for header in sorted((ROOT / "include/torus").rglob("*.hpp")):
        component = header.relative_to(ROOT / "include/torus").parts[0]
        test = ROOT / "tests" / component / "cancel_everywhere_test.cpp"
        text = test.read_text() if test.is_file() else ""
        for line, name in awaitables(header):
            found.add(entry := f"{component} {name}")
            if re.search(rf"\b{re.escape(name)}\b", text):
                continue
            missing.add(entry)
            if entry not in allowed:
                print(f"{header.relative_to(ROOT)}:{line}: {name} is not cancelled everywhere in "
                      f"tests/{component}/cancel_everywhere_test.cpp")
    if "--list" in sys.argv:
        print("\n".join(sorted(missing)))
        return
    for entry in sorted(allowed - missing):
        print(f"{LISTED.relative_to(ROOT)}: '{entry}' is {'tested' if entry in found else 'not an awaitable'}")
    if missing - allowed or allowed - missing:
        sys.exit(1)
    print(f"cancelled_everywhere: {len(found)} awaitables, {len(missing)} of them listed as not tried yet")


if __name__ == "__main__":
    main()
