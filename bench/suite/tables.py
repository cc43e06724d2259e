# bench/suite/tables.py: the tables of docs/performance.md.
from suite.figures import ratio
from suite.verdict import limit

DASH = "–"


def number(value):
    """Three digits that matter, with thousands separated."""
    if value is None:
        return DASH
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g} M"
    if abs(value) >= 999.5:  # rounded, it has four digits
        return f"{round(value, -(len(str(int(abs(value)))) - 3)):,.0f}"
    return f"{value:.3g}"


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def figure_cell(entry):
    """The median, with the allocations of an operation where they were counted."""
    if entry is None:
        return DASH
    text = number(entry["median"])
    allocations = entry["extra"].get("allocations")
    if allocations is None:
        return text
    return f"{text} ({allocations:.1f})" if allocations >= 0.05 else f"{text} (0)"


def present(result, benchmarks):
    """Those who have a figure for any of them, in the registry's order."""
    with_figures = {who for b in benchmarks for who in result["figures"].get(b.name, {})}
    return [who for who in result["peers"] if who in with_figures]


def figures_table(result, benchmarks):
    who = present(result, benchmarks)
    head = ["what", "unit", *(result["peers"][name]["title"] for name in who), "torus may take"]
    rows = []
    for b in benchmarks:
        there = result["figures"].get(b.name)
        if there:
            allowed, _ = limit(result["figures"], b)
            rows.append([b.title, b.unit, *(figure_cell(there.get(name)) for name in who), number(allowed)])
    return table(head, rows)


def ratios_table(result, benchmarks):
    """torus divided by each other, with the least and the most of the rounds."""
    others = [name for name in present(result, benchmarks) if name != "torus"]
    head = ["torus divided by", *(result["peers"][name]["title"] for name in others)]
    rows = []
    for b in benchmarks:
        found = [ratio(result["figures"], b.name, name) for name in others]
        if any(found):
            rows.append([b.title + (" (more is better)" if b.better == "more" else ""),
                         *(DASH if r is None else f"{r['median']:.3g} ({r['least']:.3g} to {r['most']:.3g})" for r in found)])
    return table(head, rows)


def spread_table(result, benchmarks):
    """How far torus' rounds lie apart, and what else its programs say."""
    rows = []
    for b in benchmarks:
        entry = result["figures"].get(b.name, {}).get("torus")
        if entry:
            extra = ", ".join(f"{name} {number(value)}" for name, value in entry["extra"].items()
                              if name not in ("allocations", "least", "most"))
            rows.append([b.title, number(entry["least"]), number(entry["median"]), number(entry["most"]), extra or DASH])
    return table(["torus, rounds", "least", "median", "most", "besides"], rows)


def peers_table(result):
    return table(["who", "version", "how"], [[p["title"], p["version"], p["flags"]] for p in result["peers"].values()])
