# bench/suite/plots.py: pictures in SVG: ratios as points on a logarithmic axis, and lines across a growing number.
import math
from html import escape

from suite.figures import ratio

WIDTH, LEFT, RIGHT, ROW = 900, 370, 30, 24
LEGEND_LEFT, LEGEND_TOP, LEGEND_BELOW = 12, 48, 22
# As many as there are peers: each has the same one in every picture.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f3c8d", "#888888", "#80ba5a", "#bf5b17",
           "#444444", "#f97b72", "#a50026", "#35978f", "#1b2a6b", "#b3b300", "#ff9da7", "#00441b",
           "#6b4c2b", "#8c2d04", "#5e4fa2")
STYLE = ("text{font:13px system-ui,sans-serif;fill:#333}.title{font-size:16px;font-weight:600}.grid{stroke:#ddd}"
         ".one{stroke:#333}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.one{stroke:#ccc}}")


def text(x, y, words, anchor="start", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def picture(height, title, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
            f"<style>{STYLE}</style>{text(12, 24, title, kind='title')}{''.join(parts)}</svg>\n")


def decades(low, high):
    """Powers of ten from below low to above high."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0 ** exponent for exponent in range(first, max(last, first + 1) + 1)]


def short(value):
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def legend(result, who):
    """Who has which colour, in as many lines as that takes; and where what is below it begins."""
    parts, x, y = [], LEGEND_LEFT, LEGEND_TOP
    for name in who:
        title = result["peers"][name]["title"]
        width = 32 + 8 * len(title)
        if x > LEGEND_LEFT and x + width > WIDTH:
            x, y = LEGEND_LEFT, y + ROW
        parts.append(f'<circle cx="{x + 5}" cy="{y - 4}" r="5" fill="{colours_of(result)[name]}"/>{text(x + 14, y, title)}')
        x += width
    return parts, y + LEGEND_BELOW


def colours_of(result):
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(result["peers"])}


def times(result, benchmark, who):
    """How many times what torus takes another takes: above 1 torus is ahead, whichever is better. Median, least, most."""
    found = ratio(result["figures"], benchmark.name, who)
    if not found or min(found.values()) <= 0:
        return None
    if benchmark.better == "more":
        return found["median"], found["least"], found["most"]
    return 1 / found["median"], 1 / found["most"], 1 / found["least"]


def ratios(result, plot, benchmarks):
    others = [name for name in result["peers"] if name != "torus"]
    rows = [(b, {name: t for name in others if (t := times(result, b, name))}) for b in benchmarks]
    rows = [(b, points) for b, points in rows if points]
    if not rows:
        return None
    values = [t for _, points in rows for triple in points.values() for t in triple]
    marks = decades(min([*values, 1]), max([*values, 1]))
    x_of = lambda v: LEFT + (WIDTH - LEFT - RIGHT) * math.log(v / marks[0]) / math.log(marks[-1] / marks[0])
    parts, top = legend(result, [name for name in others if any(name in points for _, points in rows)])
    bottom = top + ROW * len(rows)
    for mark in marks:
        parts.append(line(x_of(mark), top, x_of(mark), bottom, "one" if mark == 1 else "grid"))
        parts.append(text(x_of(mark), bottom + 18, f"{mark:g}", "middle"))
    for i, (benchmark, points) in enumerate(rows):
        y = top + ROW * (i + 0.5)
        parts.append(text(LEFT - 12, y + 4, benchmark.title, "end"))
        for name, (middle, least, most) in points.items():
            colour = colours_of(result)[name]
            parts.append(f'<path d="M{x_of(least):.1f} {y}H{x_of(most):.1f}" stroke="{colour}" stroke-width="2"/>'
                         f'<circle cx="{x_of(middle):.1f}" cy="{y}" r="5" fill="{colour}"/>')
    return picture(bottom + 30, plot.title, parts)


def lines(result, plot, _benchmarks):
    figures = result["figures"]
    series = {}
    for who in result["peers"]:
        found = [(float(x), figures[name][who]["median"]) for x, name in plot.points.items() if who in figures.get(name, {})]
        if found := [(x, y) for x, y in found if y > 0]:
            series[who] = found
    if not series:
        return None
    xs = decades(min(x for s in series.values() for x, _ in s), max(x for s in series.values() for x, _ in s))
    ys = decades(min(y for s in series.values() for _, y in s), max(y for s in series.values() for _, y in s))
    left, height = 70, 320
    parts, top = legend(result, series)
    bottom = top + height
    x_of = lambda v: left + (WIDTH - left - RIGHT) * math.log(v / xs[0]) / math.log(xs[-1] / xs[0])
    y_of = lambda v: bottom - height * math.log(v / ys[0]) / math.log(ys[-1] / ys[0])
    for x in xs:
        parts += [line(x_of(x), top, x_of(x), bottom, "grid"), text(x_of(x), bottom + 18, short(x), "middle")]
    for y in ys:
        parts += [line(left, y_of(y), WIDTH - RIGHT, y_of(y), "grid"), text(left - 8, y_of(y) + 4, short(y), "end")]
    parts.append(text((left + WIDTH - RIGHT) / 2, bottom + 38, plot.across, "middle"))
    for who, points in series.items():
        colour = colours_of(result)[who]
        path = " ".join(f"{x_of(x):.1f},{y_of(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="4" fill="{colour}"/>' for x, y in points]
    return picture(bottom + 50, plot.title, parts)


KINDS = {"ratios": ratios, "lines": lines}


def draw(result, plot, benchmarks):
    """The picture, or None if there are no figures for it."""
    return KINDS[plot.kind](result, plot, benchmarks)
