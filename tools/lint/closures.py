#!/usr/bin/env python3
# tools/lint/closures.py: finds tasks made of a lambda with captures that is called on the spot.
#
# The coroutine refers to the captures, which die at the end of the expression: before the task begins. No compiler says
# so, and what `create_task([x]() -> async<> {…}())` returns does not show it. Give create_task the lambda itself, and
# its arguments: the task keeps both.
import re
import sys

from project import ROOT, blank, line_at, name_of, report, sources

_STARTS = re.compile(r"\b(create_task|spawn|submit|run_coroutine_threadsafe)\s*\(\s*\[\s*([^\[\]\s][^\[\]]*)\]")
_PAIRS = {"(": ")", "{": "}", "[": "]"}


def after(text, opening):
    """The position after the bracket that closes the one at `opening`."""
    depth = 0
    for i in range(opening, len(text)):
        depth += (text[i] == text[opening]) - (text[i] == _PAIRS[text[opening]])
        if depth == 0:
            return i + 1
    return len(text)


def check(text):
    """The lines on which a task is made so."""
    blanked = blank(text)
    for match in _STARTS.finditer(blanked):
        body = blanked.find("{", match.end())
        if body >= 0 and blanked[after(blanked, body):].lstrip().startswith("("):
            yield line_at(text, match.start())


def main():
    texts = [(path, path.read_text()) for path in sources()]
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]):
        texts.append((path, path.read_text()))
    report("closures", [f"{name_of(path)}:{line}: the lambda's captures die before the task begins: give the lambda itself, "
                        "and its arguments" for path, text in texts for line in check(text)])


if __name__ == "__main__":
    sys.exit(main())
