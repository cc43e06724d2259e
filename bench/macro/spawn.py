#!/usr/bin/env python3
# bench/macro/spawn.py: what it takes to run a small program, read what it says, and wait for its end.
#
# A program is given COUNT AT_ONCE MEBIBYTES: it touches so much memory, runs /bin/echo so often, so many at once, and prints
# the seconds that took. What a start costs may depend on the memory of who starts.
import subprocess

import stage

CASES = {"process_1": (1, 0), "process_8": (8, 0), "process_large": (1, 512)}
FEW = 50  # to learn how many fit into a round
PATIENCE_SECONDS = 60


def seconds_of(program, count, at_once, mebibytes):
    words = [*program, str(count), str(at_once), str(mebibytes)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"{program[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return float(done.stdout)


def measure(program, seconds, case):
    at_once, mebibytes = CASES[case]
    each = seconds_of(program, FEW, at_once, mebibytes) / FEW
    count = max(FEW, int(seconds / each))
    stage.report(case, seconds_of(program, count, at_once, mebibytes) / count * 1e6, "us")


stage.main(CASES, measure)
