# bench/suite/figures.py: medians, spreads and ratios of what was collected.
from statistics import median

from suite.measure import FIXED


def spread(values):
    """Median, least and most; values that are not there don't count."""
    there = [value for value in values if value is not None]
    return {"median": median(there), "least": min(there), "most": max(there)} if there else None


def summarize(lines):
    """One who's lines for one benchmark, one for each round or None."""
    values = [line and line["value"] for line in lines]
    there = [line for line in lines if line]
    names = sorted({name for line in there for name in line if name not in FIXED})
    extra = {name: median(line[name] for line in there if name in line) for name in names}
    return {"values": values, **spread(values), "unit": there[0]["unit"], "extra": extra}


def all_figures(collected):
    return {what: {who: summarize(lines) for who, lines in by_who.items()} for what, by_who in collected.lines.items()}


def ratio(figures, what, other):
    """torus divided by another, round by round: the two ran back to back. Where they share no round, of the medians."""
    mine, theirs = figures.get(what, {}).get("torus"), figures.get(what, {}).get(other)
    if not mine or not theirs:
        return None
    pairs = [(a, b) for a, b in zip(mine["values"], theirs["values"]) if a is not None and b]
    if pairs:
        return spread([a / b for a, b in pairs])
    return spread([mine["median"] / theirs["median"]]) if theirs["median"] else None


def floor_of(figures, benchmark, what):
    """The median of the benchmark's floor, the best of several."""
    there = figures.get(what, {})
    found = [there[name]["median"] for name in benchmark.floor.split("+") if name in there]
    if not found:
        return None
    return min(found) if benchmark.better == "less" else max(found)
