# bench/suite/measure.py: running the programs in interleaved rounds, and collecting what they print.
import json
import os
import subprocess
import sys
from collections import defaultdict

from suite.peers import command_of
from suite.registry import ROOT

CASE_SECONDS = 300  # a case that takes longer hangs
FIXED = {"what", "who", "value", "unit"}


class Collected:
    """Every figure of a run: {what: {who: [one line of JSON or None for each round]}}, and what failed."""

    def __init__(self, rounds):
        self.rounds = rounds
        self.lines = defaultdict(lambda: defaultdict(lambda: [None] * rounds))
        self.failures = []

    def add(self, line, number):
        self.lines[line["what"]][line["who"]][number] = line

    def fail(self, who, case, reason):
        self.failures.append({"who": who, "case": case, "reason": reason})
        print(f"  {who} {case}: {reason}", file=sys.stderr)


def pin():
    """To the last core: the first one has most of the interrupts."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def cases_of(command):
    """What a program can measure."""
    done = subprocess.run([*command, "--list"], cwd=ROOT, capture_output=True, text=True, timeout=CASE_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"--list ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return set(done.stdout.split())


def run_case(command, case, seconds, pinned):
    """The lines of JSON that a program prints for a case."""
    done = subprocess.run([*command, "--seconds", str(seconds), case], cwd=ROOT, capture_output=True, text=True,
                          timeout=CASE_SECONDS, preexec_fn=pin if pinned else None)
    if done.returncode != 0:
        raise RuntimeError(f"ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError("printed no figure")
    return lines


class Plan:
    """Which programs measure which cases, how often and how long."""

    def __init__(self, registry, who, rounds, seconds, only=(), quick=False):
        self.registry, self.rounds, self.seconds, self.only, self.quick = registry, rounds, seconds, only, quick
        self.peers = [registry.peers[name] for name in who]

    def wanted(self, benchmarks):
        return not self.only or any(b.name in self.only or b.case in self.only or b.group in self.only for b in benchmarks)

    def takes_part(self, peer, number, benchmarks):
        """In a quick run peers, and rows without a ceiling, are there to be seen: one round is enough. The verdict needs
        torus and the floors, where there is one."""
        if not self.quick or number == 0:
            return True
        asked = any(b.ceiling is not None or b.of_floor is not None for b in self.judged_by(benchmarks))
        floors = {floor for b in benchmarks for floor in b.floor.split("+")}
        return asked and (peer.name == "torus" or peer.name in floors)

    def judged_by(self, benchmarks):
        """These, and those that are scaled by their floor."""
        names = {b.name for b in benchmarks}
        return [b for b in self.registry.benchmarks.values() if b.name in names or b.scaled_by in names]

    def run(self):
        collected = Collected(self.rounds)
        able = self.ask_all(collected)
        for number in range(self.rounds):
            print(f"round {number + 1} of {self.rounds}", flush=True)
            for group in self.registry.groups:
                for case, benchmarks in self.registry.cases(group).items():
                    if self.wanted(benchmarks):
                        self.run_round(collected, able, number, case, benchmarks)
        return collected

    def ask_all(self, collected):
        """{(peer, group): cases}"""
        able = {}
        for peer in self.peers:
            for group, command in peer.programs.items():
                try:
                    able[peer.name, group] = cases_of(command_of(command))
                except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
                    collected.fail(peer.name, group, str(error))
        return able

    def run_round(self, collected, able, number, case, benchmarks):
        """Everybody once, back to back; another one begins each time, so that no one always profits from its place."""
        group = benchmarks[0].group
        turn = number % len(self.peers)
        for peer in self.peers[turn:] + self.peers[:turn]:
            if case not in able.get((peer.name, group), ()) or not self.takes_part(peer, number, benchmarks):
                continue
            try:
                command = command_of(peer.programs[group])
                for line in run_case(command, case, self.seconds, benchmarks[0].pinned):
                    collected.add({**line, "who": peer.name}, number)
            except (OSError, RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
                collected.fail(peer.name, case, str(error))
