#!/usr/bin/env python3
# bench/suite_test.py: tests of the runner's arithmetic, its registry and its report.
import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import report
from macro import stage
from suite import figures, measure, peers, plots, registry, tables, verdict

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

    def test_every_peer_of_the_project_has_a_colour_of_its_own_and_every_picture_is_of_a_known_kind(self):
        known = registry.load()
        self.assertEqual(len(set(plots.COLOURS)), len(plots.COLOURS))
        self.assertGreaterEqual(len(plots.COLOURS), len(known.peers))
        self.assertLessEqual({plot.kind for plot in known.plots.values()}, set(plots.KINDS))

    def test_names_that_nothing_has_are_mistakes(self):
        for mistake, wrong in (('programs.g =', 'programs.h ='), ('title = "A picture"\ngroup = "g"', 'title = ""\ngroup = "h"'),
                               ('kind = "ratios"', 'kind = "lines"\npoints = { 1 = "z" }')):
            with self.assertRaisesRegex(registry.RegistryError, "no (group h|benchmark z)"):
                load(REGISTRY.replace(mistake, wrong, 1))

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


class Rounds(unittest.TestCase):
    def test_who_fails_is_reported_and_the_others_go_on(self):
        answer = """if [ "$0" = --list ]; then echo a; else echo '{"what": "a", "value": 7, "unit": "ns"}'; fi"""
        fails = 'if [ "$0" = --list ]; then echo a; else echo too bad >&2; exit 3; fi'
        known = load(REGISTRY)
        known.peers["torus"].programs["g"] = ["sh", "-c", answer]
        known.peers["floor"].programs["g"] = ["sh", "-c", fails]
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            collected = measure.Plan(known, ["floor", "torus"], 2, 0.1).run()
        self.assertEqual(figures.all_figures(collected)["a"]["torus"]["values"], [7, 7])
        self.assertNotIn("floor", collected.lines["a"])
        self.assertEqual([(f["who"], f["case"]) for f in collected.failures], [("floor", "a")] * 2)
        self.assertIn("too bad", collected.failures[0]["reason"])

    def test_another_one_begins_each_round(self):
        known, began = load(REGISTRY), []
        plan = measure.Plan(known, ["torus", "floor"], 2, 0.1)
        with tempfile.TemporaryDirectory() as folder:
            for who in ("torus", "floor"):
                known.peers[who].programs["g"] = ["sh", "-c", f"echo {who} >>{folder}/order; echo '{{\"what\": \"a\"}}'"]
            able = {(who, "g"): {"a"} for who in ("torus", "floor")}
            for number in range(2):
                plan.run_round(measure.Collected(2), able, number, "a", [known.benchmarks["a"]])
            began = (Path(folder) / "order").read_text().split()
        self.assertEqual(began, ["torus", "floor", "floor", "torus"])


class Peers(unittest.TestCase):
    def peer(self, **values):
        return registry.Peer("x", "X", values.pop("version", ["true"]), "", {}, **values)

    def test_who_lacks_a_command_or_a_package_is_left_out_and_told_how_to_get_it(self):
        self.assertEqual(peers.missing(self.peer(needs=["sh"])), "")
        self.assertEqual(peers.missing(self.peer(needs=["no-such-command"])), "no no-such-command on this machine")
        if shutil.which("dpkg-query"):
            self.assertIn("apt-get install no-such-package", peers.missing(self.peer(packages=["no-such-package"])))

    def test_a_step_of_a_build_that_fails_says_so(self):
        with tempfile.TemporaryFile("w+") as log:
            self.assertEqual(peers.build_one(self.peer(build=[["true"], ["sh", "-c", "exit 4"]]), log), "'sh -c exit 4' ended with 4")
            self.assertIn("no-such-command", peers.build_one(self.peer(build=[["no-such-command"]]), log))
            self.assertEqual(peers.build_one(self.peer(build=[["true"]]), log), "")

    def test_a_version_that_cannot_be_asked_for_is_unknown(self):
        self.assertEqual(peers.version_of(self.peer(version=["printf", " 1.2\n\nthree\n"])), "1.2, three")
        self.assertEqual(peers.version_of(self.peer(version=["false"])), "unknown")
        self.assertEqual(peers.version_of(self.peer(version=["no-such-command"])), "unknown")


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

    def test_a_server_that_never_says_its_port_is_ended(self):
        with mock.patch.object(stage, "START_SECONDS", 0.01), self.assertRaisesRegex(RuntimeError, "ended with -9"):
            with stage.serving(["sleep", "600"]):
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

    def test_lines_are_drawn_across_what_grows(self):
        text = REGISTRY.replace('kind = "ratios"', 'kind = "lines"\nacross = "timers"\npoints = { 1 = "a", 1000 = "c" }')
        found = {"a": {"torus": entry(10), "floor": entry(5)}, "c": {"torus": entry(100)}}
        drawn = plots.draw(result(found), load(text).plots["p"], [])
        self.assertEqual(drawn.count("<polyline"), 2)
        self.assertIn(">timers<", drawn)
        self.assertIn(">1k<", drawn)
        self.assertIsNone(plots.draw(result({}), load(text).plots["p"], []))

    def test_a_legend_takes_as_many_lines_as_it_needs(self):
        names = [f"peer {i}" for i in range(len(plots.COLOURS))]
        drawn, below = plots.legend({"peers": {name: {"title": name} for name in names}}, names)
        ends = [int(x) + 5 for x in re.findall(r'cx="(\d+)"', "".join(drawn))]
        self.assertLess(max(ends), plots.WIDTH)
        self.assertEqual(below, plots.LEGEND_TOP + plots.ROW + plots.LEGEND_BELOW)

    def test_numbers_have_three_digits_that_matter(self):
        self.assertEqual([tables.number(v) for v in (0.5, 12.345, 1234.5, 2345678, None)], ["0.5", "12.3", "1,230", "2.35 M", "–"])
        self.assertEqual([tables.number(v) for v in (999.4, 999.7, 999_999)], ["999", "1,000", "1,000,000"])


if __name__ == "__main__":
    unittest.main()
