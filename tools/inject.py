#!/usr/bin/env python3
# tools/inject.py: puts one bug after the other into the library, and sees whether the tests find it, and how soon.
#
#   tools/inject.py [NAME…]
#   tools/inject.py --check        sees whether the places for the bugs are still there
#
# Works in this checkout, whose sources must be as they were committed; each is put back afterwards. Writes the table of
# docs/simulation.md to standard output. A bug that nobody finds ends it with 1.
import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PRESET = "release"
FAILURE = re.compile(r"\*\*\*(Failed|Timeout|Exception)")


@dataclass
class Bug:
    name: str
    file: str
    good: str
    bad: str


BUGS = [
    Bug("a lost wake-up", "src/sync/waiting_line.cpp",
        "    while (!list_.empty()) serve_first();\n",
        "    if (!list_.empty()) serve_first();\n"),
    Bug("a dropped cancel", "src/core/operation.cpp",
        "    waiting_task()->loop().world().cancel(*this);\n",
        ""),
    Bug("a double completion", "src/sim/backend.cpp",
        "            line.erase(*op);\n            finish(*op, result);\n",
        "            finish(*op, result);\n            finish(*op, result);\n"),
    Bug("a stolen queue item", "src/sync/queue.cpp",
        "        static_cast<getting*>(getters_.first())->received_ = &e;\n        getters_.serve_first();\n    } else {",
        "        insert(e);\n        getters_.serve_first();\n    } else {"),
    Bug("a leaked connection", "src/http/pool.cpp",
        "    --leased_;\n",
        ""),
    Bug("a missed timeout", "src/core/time.cpp",
        "    alarm_.set(when);\n    arm();\n",
        "    alarm_.set(when);\n"),
    Bug("an unflushed write", "src/io/output.cpp",
        "    if (!queue_.empty()) {\n        co_await send_front(of);",
        "    if (!queue_.empty() && !of.is_closing()) {\n        co_await send_front(of);"),
    Bug("a misordered timer", "src/core/timer_wheel.cpp",
        "        soonest = std::min(soonest, static_cast<const timer*>(w)->deadline_.time_since_epoch().count());\n",
        "        soonest = static_cast<const timer*>(w)->deadline_.time_since_epoch().count();\n"),
    Bug("a swallowed error", "src/core/task_group.cpp",
        "        error_ = std::move(error);\n        return cancel();\n",
        "        return cancel();\n"),
    Bug("a use after cancel", "src/core/operation.cpp",
        "    waiting_task()->loop().world().cancel(*this);\n",
        "    make_cancelled();\n"),
]


def run(*command):
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def build():
    done = run("./dev", "build", PRESET)
    if done.returncode != 0:
        sys.exit(f"inject: it does not build:\n{done.stdout[-4000:]}")


def first_failure():
    """What failed first, and after how many seconds; None if nothing did."""
    begin = time.monotonic()
    tests = subprocess.Popen(["ctest", "--preset", PRESET, "-j4", "--timeout", "60", "--stop-on-failure"], cwd=ROOT,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = None
    for line in tests.stdout:
        if found is None and FAILURE.search(line):
            found = (line.split()[3], time.monotonic() - begin)
    tests.wait()
    return found


def main():
    arguments = argparse.ArgumentParser(description="Do the tests find bugs that are put in on purpose?")
    arguments.add_argument("--check", action="store_true", help="see whether each bug has its place, and stop")
    arguments.add_argument("names", nargs="*", help="of the bugs; all if there are none")
    options = arguments.parse_args()
    homeless = [bug for bug in BUGS if (ROOT / bug.file).read_text().count(bug.good) != 1]
    for bug in homeless:
        print(f"{bug.file}:1: has no place for {bug.name} any more: see tools/inject.py")
    if homeless or options.check:
        return 1 if homeless else 0
    wanted = options.names
    missed = 0
    print("| bug | where | found by | after |\n|---|---|---|---|", flush=True)
    for bug in BUGS:
        if wanted and bug.name not in wanted:
            continue
        path = ROOT / bug.file
        text = path.read_text()
        try:
            path.write_text(text.replace(bug.good, bug.bad))
            build()
            found = first_failure()
        finally:
            path.write_text(text)
        missed += found is None
        by, seconds = (f"`{found[0]}`", f"{found[1]:.0f} s") if found else ("nobody", "–")
        print(f"| {bug.name} | {bug.file} | {by} | {seconds} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
