#!/usr/bin/env python3
# tools/lint/from_asyncio.py: docs/from-asyncio.md has every name of asyncio's beside ours, and ours exist.
#
# Of a table whose first column is headed `asyncio`, that column has names of asyncio-names.txt, each in backticks, and
# the second one says what torus has: names in backticks, of its public headers and without `torus::`; or, after a dash,
# why there is nothing and what to use, unless torus has that very name by now. Python code in the document has to be
# Python, at least.
import ast
import asyncio
import asyncio.subprocess
import inspect
import re
import sys

from declared import declares, public_names
from project import ROOT, entries, report

DOCUMENT = ROOT / "docs/from-asyncio.md"
NAMES = ROOT / "tools/lint/asyncio-names.txt"
# Of a newer Python, what this one lacks is no mistake of the document's.
NEWEST_PYTHON = (3, 13)

SPAN = re.compile(r"`([^`]+)`")
# Whose methods are asyncio.loop's, as everybody calls it, and who repeats what a base of it has.
LOOPS = ("AbstractEventLoop", "BaseEventLoop", "SelectorEventLoop", "EventLoop")
WHOLE = ("Server", "Task")


def listed():
    """The names of asyncio in the list: `gather`, `Task.cancel`, `loop.call_soon`."""
    found = []
    for line in entries(NAMES):
        owner, colon, members = line.partition(":")
        found += [f"{owner}.{member}" for member in members.split()] if colon else line.split()
    return found


def of_this_python():
    """The same of the Python that runs this: what is public, and where."""
    found = set()
    dull = set().union(*(dir(base) for base in (BaseException, OSError, EOFError, RuntimeError)))
    places = {name: getattr(asyncio, name) for name in asyncio.__all__}
    places["Process"] = asyncio.subprocess.Process
    for name, thing in places.items():
        found.add(name)
        if not inspect.isclass(thing):
            continue
        bases = [base for base in thing.__mro__[1:] if base.__name__ in places and name not in WHOLE]
        inherited = set().union(*(dir(base) for base in bases)) if name not in LOOPS else set()
        members = {m for m in dir(thing) if not m.startswith("_")} - dull - inherited
        found |= {f"{'loop' if name in LOOPS else name}.{member}" for member in members}
    return found | {f"subprocess.{name}" for name in ("PIPE", "STDOUT", "DEVNULL")}


def rows(text):
    """(line number, first cell, second cell) of the tables headed `asyncio`."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == "asyncio":
            inside = True
        elif inside and not set(cells[0]) <= set("-:"):
            yield number, cells[0], cells[1]


def name_in(span):
    """What a piece of code is about: `wait(tasks, …)` is about wait."""
    return re.match(r"(?:co_await )?([\w:.]*)", span).group(1).removeprefix("torus::")


def spelt_here(name):
    """How torus would spell a name of Python's: `Task.get_stack` as `task::get_stack`."""
    owner, _, member = name.rpartition(".")
    words = ("event_loop" if owner == "loop" else owner, member)
    return "::".join(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower() for word in words if word)


def exists(name, torus, words):
    """Whether torus has it; a word in capitals is a macro, or a variable of the environment."""
    return name in words if name.isupper() else name.startswith("std::") or declares(torus, name)


def check(text, names, torus, words):
    """What is wrong with the document, as (line number, problem)."""
    seen = {}
    for number, theirs, ours in rows(text):
        for span in SPAN.findall(theirs):
            name = name_in(span)
            if name not in names:
                yield number, f"asyncio has no {name}, says {NAMES.name}"
            if name in seen:
                yield number, f"{name} is in line {seen[name]} already"
            seen[name] = number
            if ours.startswith("–") and declares(torus, spelt_here(name)):
                yield number, f"torus has {spelt_here(name)}"
        for span in SPAN.findall(ours):
            name = name_in(span)
            if not exists(name, torus, words):
                yield number, f"torus has no {name or span}"
        if not SPAN.search(ours) and not re.match(r"– \w", ours):
            yield number, "says neither what torus has, nor after a dash why there is nothing"
    for name in names:
        if name not in seen:
            yield 1, f"{name} is missing"
    for block in re.finditer(r"^```python\n(.*?)^```", text, re.S | re.M):
        try:
            compile(block.group(1), "", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as problem:
            yield text.count("\n", 0, block.start()) + 1 + (problem.lineno or 0), f"this is no Python: {problem.msg}"


def main():
    names = listed()
    problems = [f"{NAMES.name}: {name} is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if sys.version_info[:2] <= NEWEST_PYTHON:
        problems += [f"{NAMES.name}: {name} of Python's is missing" for name in sorted(of_this_python() - set(names))]
    words = set()
    for folder in ("include", "src"):
        for path in (ROOT / folder).rglob("*.[ch]pp"):
            words |= set(re.findall(r"\bTORUS_\w+", path.read_text()))
    found = check(DOCUMENT.read_text(), names, public_names().scopes["torus"], words)
    problems += [f"{DOCUMENT.relative_to(ROOT)}:{number}: {problem}" for number, problem in found]
    report("from_asyncio", problems)


if __name__ == "__main__":
    main()
