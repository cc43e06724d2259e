# bench/suite/registry.py: registry.toml as objects, checked.
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"


class RegistryError(Exception):
    """The registry says something that makes no sense."""


@dataclass
class Peer:
    """Somebody who takes part: torus, a floor, another library or server."""
    name: str
    title: str
    version: list
    flags: str
    programs: dict                                # {group: command}
    packages: list = field(default_factory=list)  # of Debian
    needs: list = field(default_factory=list)     # commands that must be there
    targets: list = field(default_factory=list)   # of the CMake build
    build: list = field(default_factory=list)     # commands


@dataclass
class Group:
    """Benchmarks that one program of each peer measures, and one table shows."""
    name: str
    title: str
    note: str = ""
    pinned: bool = False


@dataclass
class Benchmark:
    """One row: what is measured, and where torus is to arrive."""
    name: str
    group: str
    title: str
    unit: str
    better: str                 # less or more
    case: str = ""              # what the program calls it
    ceiling: float = None       # for torus, where the floor of `scaled_by` took floor_there
    floor_there: float = None
    scaled_by: str = ""
    of_floor: float = None      # instead of a ceiling: a share of the floor
    floor: str = "floor"        # which peer is the floor; several with a + mean the best of them
    pinned: bool = None


@dataclass
class Plot:
    """One picture."""
    name: str
    kind: str                   # ratios or lines
    title: str
    group: str
    across: str = ""
    points: dict = field(default_factory=dict)


@dataclass
class Registry:
    peers: dict
    groups: dict
    benchmarks: dict
    plots: dict

    def of_group(self, group):
        return [b for b in self.benchmarks.values() if b.group == group]

    def cases(self, group):
        """{case: its benchmarks}, in order."""
        found = {}
        for benchmark in self.of_group(group):
            found.setdefault(benchmark.case, []).append(benchmark)
        return found


def objects(kind, entries):
    try:
        return {name: kind(name=name, **values) for name, values in entries.items()}
    except TypeError as error:
        raise RegistryError(f"registry.toml: {kind.__name__}: {error}") from None


def load(path=ROOT / "bench" / "registry.toml"):
    with open(path, "rb") as file:
        data = tomllib.load(file)
    registry = Registry(objects(Peer, data["peer"]), objects(Group, data["group"]), objects(Benchmark, data["benchmark"]),
                        objects(Plot, data.get("plot", {})))
    for benchmark in registry.benchmarks.values():
        check(benchmark, registry)
    for peer in registry.peers.values():
        exist("group", peer.name, peer.programs, registry.groups)
    for plot in registry.plots.values():
        exist("group", plot.name, [plot.group], registry.groups)
        exist("benchmark", plot.name, plot.points.values(), registry.benchmarks)
    return registry


def exist(what, whose, names, known):
    for name in names:
        if name not in known:
            raise RegistryError(f"registry.toml: {whose}: no {what} {name}")


def check(benchmark, registry):
    problem = None
    benchmark.case = benchmark.case or benchmark.name
    benchmark.scaled_by = benchmark.scaled_by or benchmark.name
    if benchmark.group not in registry.groups:
        problem = f"no group {benchmark.group}"
    elif benchmark.better not in ("less", "more"):
        problem = "better is less or more"
    elif benchmark.scaled_by not in registry.benchmarks:
        problem = f"no benchmark {benchmark.scaled_by} to be scaled by"
    elif benchmark.ceiling is not None and benchmark.of_floor is not None:
        problem = "a ceiling, or a share of the floor, not both"
    elif any(floor not in registry.peers for floor in benchmark.floor.split("+")):
        problem = f"no peer {benchmark.floor} to be the floor"
    if problem:
        raise RegistryError(f"registry.toml: {benchmark.name}: {problem}")
    if benchmark.pinned is None:
        benchmark.pinned = registry.groups[benchmark.group].pinned
