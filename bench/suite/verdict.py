# bench/suite/verdict.py: which rows miss their ceiling, scaled by the floor measured in the same run.
from dataclasses import dataclass

from suite.figures import floor_of


@dataclass
class Row:
    benchmark: object
    value: float
    allowed: float
    why: str         # how the limit came about

    @property
    def missed(self):
        if self.benchmark.better == "less":
            return self.value > self.allowed
        return self.value < self.allowed


def limit(figures, benchmark):
    """(what torus may take here, how that came about), or (None, why it cannot be said)."""
    if benchmark.of_floor is not None:
        floor = floor_of(figures, benchmark, benchmark.name)
        if floor is None:
            return None, "no floor was measured"
        return benchmark.of_floor * floor, f"{benchmark.of_floor:g} of the floor's {floor:.4g}"
    if benchmark.ceiling is None:
        return None, ""
    if benchmark.floor_there is None:
        return benchmark.ceiling, "the same on every machine"
    floor = floor_of(figures, benchmark, benchmark.scaled_by)
    if floor is None:
        return None, "no floor was measured"
    scale = floor / benchmark.floor_there
    of = "" if benchmark.scaled_by == benchmark.name else f" of {benchmark.scaled_by}"
    return benchmark.ceiling * scale, f"{benchmark.ceiling:g} x {scale:.2f}, the floor{of}"


def rows(registry, figures):
    """A row for each benchmark with a ceiling that was measured."""
    found = []
    for benchmark in registry.benchmarks.values():
        mine = figures.get(benchmark.name, {}).get("torus")
        allowed, why = limit(figures, benchmark)
        if mine and allowed is not None:
            found.append(Row(benchmark, mine["median"], allowed, why))
    return found


def unknown(registry, figures):
    """Benchmarks with a ceiling of which nothing can be said: torus or the floor gave no figure."""
    return [b.name for b in registry.benchmarks.values() if (b.ceiling is not None or b.of_floor is not None)
            and b.name in figures and (limit(figures, b)[0] is None or "torus" not in figures[b.name])]
