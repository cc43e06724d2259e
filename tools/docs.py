#!/usr/bin/env python3
# tools/docs.py: keeps the code in the documents equal to the regions of the examples it quotes.
#
#   ```cpp file=examples/breakfast.cpp region=gather
#   … what stands between `// [gather]` and `// [/gather]` there; without region=, the file after its first line …
#   ```
#
# Alone it rewrites the documents; with --check it only says what differs, and which C++ quotes nothing, so that no code
# in the documents is uncompiled.
import argparse
import re
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```cpp(?P<tags>[^\n]*)\n(?P<code>.*?)^```", re.S | re.M)


def documents():
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def quoted(tags):
    """The code that a block with these tags must show; ValueError says why there is none."""
    known = dict(tag.split("=", 1) for tag in tags.split() if "=" in tag)
    if "file" not in known:
        raise ValueError("C++ that quotes no example: name one with file=, so that it is compiled")
    path = ROOT / known["file"]
    if not path.is_file():
        raise ValueError(f"there is no {known['file']}")
    lines = path.read_text().splitlines()
    if "region" not in known:
        return "\n".join(lines[1:]).strip("\n") + "\n"
    begin, end = f"// [{known['region']}]", f"// [/{known['region']}]"
    stripped = [line.strip() for line in lines]
    if stripped.count(begin) != 1 or stripped.count(end) != 1:
        raise ValueError(f"{known['file']} has not exactly one '{begin}' and one '{end}'")
    region = lines[stripped.index(begin) + 1:stripped.index(end)]
    # A region inside a region: its own marks are not part of the picture.
    region = [line for line in region if not re.fullmatch(r"\s*// \[/?[\w-]+\]", line)]
    return textwrap.dedent("\n".join(region)).strip("\n") + "\n"


def main():
    arguments = argparse.ArgumentParser(description="Copies the quoted regions of the examples into the documents.")
    arguments.add_argument("--check", action="store_true", help="change nothing, fail if something differs")
    check = arguments.parse_args().check
    problems, rewritten = [], []
    for path in documents():
        text = path.read_text()

        def replace(block):
            line = text.count("\n", 0, block.start()) + 1
            try:
                code = quoted(block["tags"])
            except ValueError as problem:
                problems.append(f"{path.relative_to(ROOT)}:{line}: {problem}")
                return block.group()
            if check and code != block["code"]:
                problems.append(f"{path.relative_to(ROOT)}:{line}: differs from what it quotes; ./dev docs copies it")
            return f"```cpp{block['tags']}\n{code}```"

        new = BLOCK.sub(replace, text)
        if not check and new != text:
            path.write_text(new)
            rewritten.append(str(path.relative_to(ROOT)))
    for line in problems + [f"rewrote {name}" for name in rewritten]:
        print(line)
    if check or problems:
        print(f"docs: {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
