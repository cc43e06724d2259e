#!/usr/bin/env python3
# tests/compile_fail/check.py: compiles a file that must not compile, and compares what the compiler says.
#
#   check.py COMPILER INCLUDE FILE
#
# The file says what is expected, in lines of its own:
#
#   // error: TEXT        one error and no other, with that text in it or in its notes; warnings don't matter then
#   // warning: TEXT      so many warnings as there are such lines, each with its text
#
# With CORRECT defined it must compile without a word: else it would fail for another reason than the one that is meant.
import re
import subprocess
import sys
from pathlib import Path


def compile_with(compiler, include, file, *more):
    command = [compiler, "-std=c++20", "-Wall", "-Wextra", "-fsyntax-only", "-fno-diagnostics-color",
               "-I", include, *more, file]
    done = subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    return done.returncode, done.stderr


def main():
    compiler, include, file = sys.argv[1:]
    text = Path(file).read_text()
    errors = re.findall(r"^// error: (.*)$", text, re.M)
    warnings = re.findall(r"^// warning: (.*)$", text, re.M)
    if not errors and not warnings:
        sys.exit(f"{file} does not say what is expected")

    status, said = compile_with(compiler, include, file)
    found_errors = re.findall(r"\berror: .*", said)
    found_warnings = re.findall(r"\bwarning: .*", said)
    problems = []
    if (status != 0) != bool(errors):
        problems.append(f"the compiler ended with {status}")
    if len(found_errors) != bool(errors) or (not errors and len(found_warnings) != len(warnings)):
        problems.append(f"there are {len(found_errors)} errors and {len(found_warnings)} warnings")
    problems += [f"it does not say: {expected}" for expected in errors if expected not in said]
    for expected in warnings:
        matching = [w for w in found_warnings if expected in w]
        if not matching:
            problems.append(f"no warning says: {expected}")
        else:
            found_warnings.remove(matching[0])

    correct, said_of_correct = compile_with(compiler, include, file, "-DCORRECT")
    if correct != 0 or said_of_correct:
        problems.append("the correct variant does not compile without a word:\n" + said_of_correct)
    if problems:
        sys.exit("\n".join([f"{file}:", *problems, "The compiler said:", said]))


if __name__ == "__main__":
    main()
