#!/usr/bin/env python3
# bench/instructions.py: guards the hot paths of the core by counting instructions, which no busy machine falsifies.
#
#   instructions.py [--program FILE] [CASE…]    compares with instructions.txt; exit 1 if a case takes more
#   instructions.py --write                     writes down what they take now
#
# Each case runs under callgrind with few repetitions and with more; the difference is what a repetition takes. The
# figures are those of clang++-19 -O3, on epoll, where they come out the same each time.
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "bench" / "instructions.txt"
PROGRAM = ROOT / "build/release/bin/bench/micro_torus"
TOLERANCE = 1.03  # another minor release of the compiler or the C library moves a figure by a per cent or two
FEW, MORE = 1, 3  # times the repetitions of the list


def instructions(program, case, repetitions):
    """What the whole run takes."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "--operations", str(repetitions), case]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TORUS_BACKEND": "epoll"})
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"instructions: {case}: callgrind ended with {done.returncode}: {done.stderr[-500:]}")
    return int(found.group(1).replace(",", ""))


def of_repetition(program, case, repetitions):
    few, more = (instructions(program, case, repetitions * times) for times in (FEW, MORE))
    return (more - few) / (repetitions * (MORE - FEW))


def entries():
    """{case: (repetitions, instructions)}"""
    lines = (line.split("#", 1)[0].split() for line in LIST.read_text().splitlines())
    return {words[0]: (int(words[1]), float(words[2])) for words in lines if words}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    known, failed, text = entries(), 0, LIST.read_text()
    for case in options.cases or known:
        repetitions, before = known[case]
        now = of_repetition(options.program, case, repetitions)
        text = re.sub(rf"^{case} .*$", f"{case:14} {repetitions:11} {now:16.1f}", text, flags=re.M)
        verdict = "too many" if now > before * TOLERANCE else "fewer: --write it down" if now < before / TOLERANCE else "as before"
        failed += verdict == "too many"
        print(f"{case:14} {now:16.1f} instructions, {before:.1f} written down: {verdict}")
    if options.write:
        LIST.write_text(text)
    elif failed:
        sys.exit("instructions: more than 3 % above what is written down. If it is worth it: bench/instructions.py --write")


if __name__ == "__main__":
    main()
