#!/usr/bin/env python3
# bench/run.py: builds the benchmarks, runs them in interleaved rounds, writes what was found.
import argparse
import json
import os
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import report
from suite import figures, machine, peers, registry, verdict
from suite.measure import Plan

QUICK_ROUNDS, QUICK_SECONDS = 3, 0.05
FULL_ROUNDS, FULL_SECONDS = 5, 0.5
QUIET_LOAD = 0.5  # more processes than this at the start, and the figures are not worth keeping


def parse():
    parser = argparse.ArgumentParser(prog="./dev bench", description="builds, measures and reports; see bench/README.md")
    parser.add_argument("--quick", action="store_true", help="short rounds; closes with the rows that miss their ceiling")
    parser.add_argument("--only", default="", metavar="WHAT,…", help="benchmarks, cases or groups")
    parser.add_argument("--peers", default="", metavar="WHO,…", help="these beside torus and its floors")
    parser.add_argument("--rounds", type=int, help=f"{FULL_ROUNDS}, quick {QUICK_ROUNDS}")
    parser.add_argument("--seconds", type=float, help=f"for a case in a round: {FULL_SECONDS}, quick {QUICK_SECONDS}")
    parser.add_argument("--machine", help="the name of the file of results; made of the processor's if not given")
    parser.add_argument("--output", help="the file of results itself")
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    return parser.parse_args()


def step(name):
    print(f"== {name}", flush=True)
    return time.monotonic()


def participants(known, wanted):
    """torus, every floor, and the peers asked for."""
    floors = {floor for b in known.benchmarks.values() for floor in b.floor.split("+")}
    names = set(filter(None, wanted.split(",")))
    if strangers := names - set(known.peers):
        sys.exit(f"bench: no peer {', '.join(sorted(strangers))}; there are: {', '.join(known.peers)}")
    return [name for name in known.peers if not names or name in names or name == "torus" or name in floors]


def prepare(known, options):
    """Builds. (who takes part, {who does not: why})"""
    peers.extend_path()
    wanted = participants(known, options.peers)
    begin = step("build")
    if options.no_build:
        left_out = {name: reason for name in wanted if (reason := peers.missing(known.peers[name]))}
    else:
        left_out = peers.build(known, wanted)
    for name, reason in left_out.items():
        print(f"without {known.peers[name].title}: {reason}")
    if "torus" in left_out:
        sys.exit("bench: torus itself cannot be measured")
    print(f"== build: {time.monotonic() - begin:.0f} s")
    return [name for name in wanted if name not in left_out], left_out


def measure(known, who, options):
    quick = options.quick
    rounds = options.rounds or (QUICK_ROUNDS if quick else FULL_ROUNDS)
    seconds = options.seconds or (QUICK_SECONDS if quick else FULL_SECONDS)
    load, begin = machine.load(), step(f"measure: {rounds} rounds of {seconds:g} s a case")
    only = set(filter(None, options.only.split(",")))
    collected = Plan(known, who, rounds, seconds, only, quick).run()
    print(f"== measure: {time.monotonic() - begin:.0f} s")
    return {
        "machine": machine.describe(), "taken": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "backend": os.environ.get("TORUS_BACKEND", "as torus chooses"), "load_before": load, "rounds": rounds, "seconds_a_case": seconds,
        "peers": {name: {"title": known.peers[name].title, "version": peers.version_of(known.peers[name]),
                         "flags": known.peers[name].flags} for name in who},
        "figures": figures.all_figures(collected), "failures": collected.failures,
    }


def destination(options, result):
    if options.output:
        return Path(options.output)
    if options.quick or options.only or options.peers:
        return registry.BUILD / "last.json"  # not the whole: not to be kept
    name = options.machine or machine.name_of(result["machine"])
    return registry.ROOT / "bench" / "results" / f"{name}.json"


def keep(known, result, path):
    """Writes the results and, from those that are for keeping, the document."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(f"written: {path}")
    if path.is_relative_to(registry.ROOT / "bench" / "results"):
        report.write(known, result, path.relative_to(registry.ROOT), registry.ROOT / "docs")
        print("written: docs/performance.md")


def close(known, result):
    """Prints the rows that miss their ceiling. How many there are, and rows of which nothing can be said."""
    judged = verdict.rows(known, result["figures"])
    missed = [row for row in judged if row.missed]
    nothing = verdict.unknown(known, result["figures"])
    for row in missed:
        print(f"missed: {row.benchmark.name:24} {row.value:10.4g} {row.benchmark.unit:8} allowed {row.allowed:.4g} ({row.why})")
    for name in nothing:
        print(f"not judged: {name}: torus or its floor gave no figure")
    print(f"{len(judged) - len(missed)} passed, {len(missed) + len(nothing)} failed")
    return len(missed) + len(nothing)


def main():
    options = parse()
    known = registry.load()
    who, left_out = prepare(known, options)
    result = measure(known, who, options)
    result["left_out"] = left_out
    path = destination(options, result)
    keep(known, result, path)
    if result["load_before"] > QUIET_LOAD:
        print(f"note: {result['load_before']:.1f} processes wanted to run when this began; on a quiet machine figures differ")
    broken = [failure for failure in result["failures"] if failure["who"] in ("torus", "floor")]
    failed = close(known, result)
    sys.exit(1 if broken or (options.quick and failed) else 0)


if __name__ == "__main__":
    main()
