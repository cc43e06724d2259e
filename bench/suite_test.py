#!/usr/bin/env python3
# bench/suite_test.py: tests of the runner's arithmetic, its registry and its report.
import os
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

import report
from macro import stage
from suite import figures, measure, registry, tables, verdict

REGISTRY = """
[peer.torus]
title = "torus"
version = ["true"]
flags = ""
programs.g = ["true"]
[peer.floor]
title = "floor"
version = ["true"]
flags = ""
programs.g = ["true"]
[group.g]
title = "A group"
pinned = true
[benchmark.a]
group = "g"
title = "an a"
unit = "ns"
better = "less"
ceiling = 10
floor_there = 5
[benchmark.b]
group = "g"
title = "a b"
unit = "messages/s"
better = "more"
of_floor = 0.9
[benchmark.c]
group = "g"
title = "a c"
unit = "bytes"
better = "less"
ceiling = 256
[plot.p]
kind = "ratios"
title = "A picture"
group = "g"
"""


def load(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.toml"
        path.write_text(text)
        return registry.load(path)


def entry(*values, **extra):
    return figures.summarize([None if v is None else {"what": "", "who": "", "unit": "ns", "value": v, **extra} for v in values])


def result(found):
    return {"machine": {"processor": "P", "cores": 2, "memory_gib": 1, "virtual": True, "system": "S", "kernel": "K",
                        "governor": "G"},
            "taken": "now", "load_before": 0.0, "rounds": 3, "seconds_a_case": 1, "backend": "b", "figures": found,
            "peers": {name: {"title": name, "version": "1", "flags": "f"} for name in ("torus", "floor")},
            "failures": [{"who": "floor", "case": "c", "reason": "it broke"}], "left_out": {"go": "no go on this machine"}}


class Arithmetic(unittest.TestCase):
    def test_a_round_without_a_figure_does_not_count(self):
        self.assertEqual(entry(1, None, 3)["median"], 2)
        self.assertEqual((entry(1, None, 3)["least"], entry(1, None, 3)["most"]), (1, 3))

    def test_ratios_are_taken_round_by_round(self):
        found = {"a": {"torus": entry(1, 20, 3), "floor": entry(2, 40, 3)}}
        self.assertEqual(figures.ratio(found, "a", "floor"), {"median": 0.5, "least": 0.5, "most": 1})

    def test_a_peer_of_another_round_is_compared_by_medians(self):
        found = {"a": {"torus": entry(None, 4), "floor": entry(2, None)}}
        self.assertEqual(figures.ratio(found, "a", "floor")["median"], 2)

    def test_who_is_not_there_has_no_ratio(self):
        self.assertIsNone(figures.ratio({"a": {"torus": entry(1)}}, "a", "floor"))

    def test_what_a_program_says_besides_is_kept(self):
        self.assertEqual(entry(1, 2, 3, p99=7)["extra"], {"p99": 7})


class Verdicts(unittest.TestCase):
    def setUp(self):
        self.known = load(REGISTRY)

    def missed(self, found):
        return [row.benchmark.name for row in verdict.rows(self.known, found) if row.missed]

    def test_a_ceiling_moves_with_the_floor(self):
        self.assertEqual(self.missed({"a": {"torus": entry(19), "floor": entry(10)}}), [])
        self.assertEqual(self.missed({"a": {"torus": entry(21), "floor": entry(10)}}), ["a"])

    def test_a_share_of_the_floor_is_a_least_where_more_is_better(self):
        self.assertEqual(self.missed({"b": {"torus": entry(91), "floor": entry(100)}}), [])
        self.assertEqual(self.missed({"b": {"torus": entry(89), "floor": entry(100)}}), ["b"])

    def test_a_ceiling_without_a_floor_is_the_same_everywhere(self):
        self.assertEqual(self.missed({"c": {"torus": entry(257)}}), ["c"])

    def test_the_best_of_several_floors_counts(self):
        benchmark = SimpleNamespace(floor="x+y", better="more")
        self.assertEqual(figures.floor_of({"b": {"x": entry(1), "y": entry(2)}}, benchmark, "b"), 2)

    def test_a_row_without_its_floor_is_not_passed_over(self):
        self.assertEqual(verdict.unknown(self.known, {"a": {"torus": entry(1)}}), ["a"])


class TheRegistry(unittest.TestCase):
    def test_that_of_the_project_is_in_order(self):
        known = registry.load()
        self.assertIn("torus", known.peers)
        for plot in known.plots.values():
            self.assertIn(plot.group, known.groups)

    def test_mistakes_are_named(self):
        for mistake, complaint in (('better = "less"', "better"), ('group = "g"', "group"), ("of_floor = 0.9", "not both")):
            wrong = {"better": 'better = "smaller"', "group": 'group = "h"', "not both": "of_floor = 0.9\nceiling = 1"}
            with self.assertRaisesRegex(registry.RegistryError, complaint):
                load(REGISTRY.replace(mistake, wrong[complaint], 1))


class Running(unittest.TestCase):
    def program(self, body):
        return ["sh", "-c", body, "program"]

    def test_lines_of_json_are_figures_and_others_are_not(self):
        lines = measure.run_case(self.program("""echo hello; echo '{"what": "a", "value": 1, "unit": "ns"}'"""), "a", 1, False)
        self.assertEqual(lines, [{"what": "a", "value": 1, "unit": "ns"}])

    def test_a_program_that_fails_is_an_error_with_what_it_said(self):
        with self.assertRaisesRegex(RuntimeError, "ended with 3: too bad"):
            measure.run_case(self.program("echo too bad >&2; exit 3"), "a", 1, False)

    def test_a_program_without_figures_is_an_error(self):
        with self.assertRaisesRegex(RuntimeError, "no figure"):
            measure.run_case(self.program("true"), "a", 1, False)


class QuickRuns(unittest.TestCase):
    def rounds_of(self, what, who):
        known = load(REGISTRY.replace('of_floor = 0.9', ''))
        plan = measure.Plan(known, ["torus", "floor"], 3, 0.1, quick=True)
        return [plan.takes_part(known.peers[who], number, [known.benchmarks[what]]) for number in range(3)]

    def test_what_is_judged_runs_in_every_round_with_its_floor(self):
        self.assertEqual(self.rounds_of("a", "torus"), [True, True, True])
        self.assertEqual(self.rounds_of("a", "floor"), [True, True, True])

    def test_what_nothing_is_asked_of_runs_once(self):
        self.assertEqual(self.rounds_of("b", "torus"), [True, False, False])


class Stage(unittest.TestCase):
    """A server beside a load."""
    SERVER = """
import socket, time
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print("port", listener.getsockname()[1], flush=True)
time.sleep(60)
"""

    def test_a_server_is_there_while_it_is_needed_and_no_longer(self):
        with stage.serving([sys.executable, "-c", self.SERVER]) as server:
            self.assertGreater(server.port, 0)
            self.assertGreater(server.memory(), 100_000)
            self.assertEqual(os.sched_getaffinity(server.pid), {stage.cores()[0]})
        self.assertIsNotNone(server.process.returncode)

    def test_a_server_that_ends_is_an_error_with_what_it_said(self):
        with self.assertRaisesRegex(RuntimeError, "ended with 3: too bad"):
            with stage.serving(["sh", "-c", "echo too bad >&2; exit 3"]):
                pass

    def test_a_program_stands_before_what_is_asked_of_it(self):
        self.assertEqual(stage.arguments(["server", "echo", "--seconds", "0.5", "a"], ["a"]), (["server", "echo"], 0.5, "a"))
        for wrong in (["server"], ["--seconds", "1", "a"], ["server", "--seconds", "1", "b"]):
            with self.assertRaises(SystemExit):
                stage.arguments(wrong, ["a"])


class Reports(unittest.TestCase):
    def test_the_document_has_figures_ratios_misses_and_who_is_missing(self):
        found = {"a": {"torus": entry(21, 22, 23, allocations=0), "floor": entry(10, 10, 10)}}
        with tempfile.TemporaryDirectory() as folder:
            report.write(load(REGISTRY), result(found), "x.json", Path(folder))
            text = (Path(folder) / "performance.md").read_text()
            picture = (Path(folder) / "performance" / "p.svg").read_text()
        self.assertIn("| an a | ns | 22 (0) | 10 | 20 |", text)
        self.assertIn("| an a | 2.2 (2.1 to 2.3) |", text)
        self.assertIn("Rows that miss their ceiling", text)
        self.assertIn("without go: no go on this machine", text)
        self.assertIn("no figure of floor for c: it broke", text)
        self.assertIn("<circle", picture)

    def test_numbers_have_three_digits_that_matter(self):
        self.assertEqual([tables.number(v) for v in (0.5, 12.345, 1234.5, 2345678, None)], ["0.5", "12.3", "1,230", "2.35 M", "–"])


if __name__ == "__main__":
    unittest.main()
