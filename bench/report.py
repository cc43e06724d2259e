#!/usr/bin/env python3
# bench/report.py: writes docs/performance.md and its pictures from a file of results. Nothing in them is typed by hand.
import argparse
import json
import sys
from pathlib import Path

from suite import machine, plots, registry, tables, verdict

INTRODUCTION = """# Performance

<!-- Written by bench/report.py from {source}. Don't edit: run ./dev bench. -->

Medians of {rounds} interleaved rounds, {seconds:g} s a case and round. Machine: {processor}, {cores} cores, {memory} GiB{virtual};
{system}, kernel {kernel}, frequency governor: {governor}; torus' backend: {backend}.
Taken {taken}, when {load:.1f} processes wanted to run. In parentheses: allocations of an operation.
`./dev bench` repeats all of it; [bench/README.md](../bench/README.md) says how it measures, and what is fair about it.
"""


def introduction(result, source):
    m = result["machine"]
    return INTRODUCTION.format(source=source, rounds=result["rounds"], seconds=result["seconds_a_case"],
                               processor=m["processor"], cores=m["cores"], memory=m["memory_gib"],
                               virtual=" (a virtual machine)" if m["virtual"] else "", system=m["system"],
                               kernel=m["kernel"], governor=m["governor"], backend=result["backend"], taken=result["taken"], load=result["load_before"])


def section(known, result, group, pictures):
    """One group: its figures, ratios, spreads and pictures; nothing if nothing was measured."""
    benchmarks = [b for b in known.of_group(group.name) if b.name in result["figures"]]
    if not benchmarks:
        return ""
    parts = [f"## {group.title}", group.note.strip(), tables.figures_table(result, benchmarks)]
    for plot in known.plots.values():
        if plot.group == group.name and (drawn := plots.draw(result, plot, benchmarks)):
            pictures[f"{plot.name}.svg"] = drawn
            parts.append(f"![{plot.title}](performance/{plot.name}.svg)")
    parts += [tables.ratios_table(result, benchmarks), tables.spread_table(result, benchmarks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def misses(known, result):
    missed = [row for row in verdict.rows(known, result["figures"]) if row.missed]
    if not missed:
        return ""
    rows = [[r.benchmark.title, tables.number(r.value), tables.number(r.allowed), r.why] for r in missed]
    return "## Rows that miss their ceiling\n\n" + tables.table(["what", "torus", "ceiling", "of which"], rows) + "\n"


def who(result):
    parts = ["## Who took part", tables.peers_table(result)]
    out = [f"- without {name}: {reason}" for name, reason in result.get("left_out", {}).items()]
    out += [f"- no figure of {f['who']} for {f['case']}: {f['reason']}" for f in result["failures"]]
    return "\n\n".join(parts + (["\n".join(out)] if out else [])) + "\n"


def write(known, result, source, folder):
    pictures = {}
    sections = [section(known, result, group, pictures) for group in known.groups.values()]
    text = "\n".join(filter(None, [introduction(result, source), *sections, misses(known, result), who(result)]))
    (folder / "performance").mkdir(parents=True, exist_ok=True)
    for old in (folder / "performance").glob("*.svg"):
        old.unlink()
    (folder / "performance.md").write_text(text)
    for name, drawn in pictures.items():
        (folder / "performance" / name).write_text(drawn)


def main():
    parser = argparse.ArgumentParser(description="writes docs/performance.md from a file of results")
    parser.add_argument("results", nargs="?", type=Path, help="this machine's in bench/results if not given")
    parser.add_argument("--docs", type=Path, default=registry.ROOT / "docs", help="where the document goes")
    options = parser.parse_args()
    path = options.results or registry.ROOT / "bench" / "results" / f"{machine.name_of(machine.describe())}.json"
    if not path.is_file():
        sys.exit(f"report: there is no {path}; ./dev bench writes it")
    source = path.resolve()
    source = source.relative_to(registry.ROOT) if source.is_relative_to(registry.ROOT) else source.name
    write(registry.load(), json.loads(path.read_text()), source, options.docs)
    print(f"written: {options.docs}/performance.md")


if __name__ == "__main__":
    main()
