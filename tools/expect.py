#!/usr/bin/env python3
# tools/expect.py: runs a program and compares what it prints with a file, in which … stands for anything on its line.
import re
import subprocess
import sys
from pathlib import Path


def main():
    expected = Path(sys.argv[1]).read_text().splitlines()
    done = subprocess.run(sys.argv[2:], stdout=subprocess.PIPE, text=True)
    printed = done.stdout.splitlines()
    if done.returncode != 0:
        sys.exit(f"{done.stdout}{sys.argv[2]} ended with {done.returncode}")
    for number, pattern in enumerate(expected, 1):
        line = printed[number - 1] if number <= len(printed) else None
        if line is None or not re.fullmatch(".*".join(re.escape(part) for part in pattern.split("…")), line):
            sys.exit(f"{done.stdout}line {number} should be: {pattern}")
    if len(printed) > len(expected):
        sys.exit(f"{done.stdout}line {len(expected) + 1} is more than was expected")


if __name__ == "__main__":
    main()
