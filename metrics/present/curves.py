"""How a fixed group gets there with time: a curve per group, and a hatched field for years that cannot be seen yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from metrics.present import charts, html, indicator_tables, numbers
from metrics.present.charts import Spec
from metrics.present.figures import Figure
from metrics.present.marks import STATUSES, Palette
from metrics.present.parts import hatched
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status

NOT_YET = STATUS_TEXT[Status.NOT_YET_OBSERVABLE]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One point of a curve: where it stands, its words (tre år) and its figure."""

    at: int
    words: str
    definition: Definition
    figure: Figure | None

    @property
    def shown(self) -> bool:
        return self.figure is not None and self.figure.shown

    @property
    def late(self) -> bool:
        return self.figure is not None and self.figure.status == Status.NOT_YET_OBSERVABLE


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One group followed over time."""

    name: str
    steps: tuple[Step, ...]

    def at(self, at: int) -> Step | None:
        return next((each for each in self.steps if each.at == at), None)


def places(curves: Sequence[Curve]) -> list[int]:
    return sorted({step.at for curve in curves for step in curve.steps})


def late(curves: Sequence[Curve]) -> list[int]:
    """The places that no curve can be seen at yet."""
    there = [(at, [step for curve in curves if (step := curve.at(at))]) for at in places(curves)]
    return [at for at, steps in there if steps and all(step.late for step in steps)]


def latest(curves: Sequence[Curve]) -> int | None:
    """The last place where the first curve is shown, otherwise where any is."""
    for among in (curves[:1], curves):
        shown = [step.at for curve in among for step in curve.steps if step.shown]
        if shown:
            return max(shown)
    return None


def words_at(curves: Sequence[Curve], at: int) -> str:
    return next((step.words for curve in curves for step in curve.steps if step.at == at), "")


def late_sentence(curves: Sequence[Curve]) -> str:
    """Which times cannot be seen yet; "" where all can."""
    found = _joined([words_at(curves, at) for at in late(curves)])
    return f"Hur det är efter {found} **{NOT_YET}**." if found else ""


def _joined(words: Sequence[str]) -> str:
    """tre, fyra och fem år: the unit once where it is the same."""
    split = [each.rpartition(" ") for each in words]
    if len({unit for *_, unit in split}) != 1:
        return numbers.listed(words)
    return f"{numbers.listed([first for first, *_ in split])} {split[0][2]}"


def reading_sentence(curves: Sequence[Curve]) -> str:
    """How the picture is read."""
    waiting = f" Det streckade fältet {NOT_YET}." if late(curves) else ""
    return f"Strecken visar 95{numbers.HARD}% säkerhet.{waiting}"


def silent_sentence(curves: Sequence[Curve], at: int) -> str:
    """Which curves are hidden at the time that is told."""
    steps = [(curve.name, curve.at(at)) for curve in curves]
    found = [name for name, step in steps if step and step.figure and step.figure.status == Status.HIDDEN]
    return f"{numbers.capital(numbers.listed(found))}: {STATUS_TEXT[Status.HIDDEN]}." if found else ""


def colours(palette: Palette) -> tuple[str, ...]:
    return palette.accent, palette.neutral, palette.grey


def picture(curves: Sequence[Curve], palette: Palette) -> Spec:
    """The curves from the first time to the last on a scale from nought to a hundred."""
    there = places(curves)
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": [there[0] - 0.5, there[-1] + 0.5], "nice": False, "zero": False},
        "axis": _time_axis(there, [words_at(curves, at) for at in there]),
    }
    y = {"field": "y", "type": "quantitative", "scale": {"domain": [0, 100]}, "axis": _share_axis()}
    layers = _waiting(curves, palette, x, y)
    for curve, colour in zip(curves, colours(palette), strict=False):
        layers += _curve(curve, colour, x, y)
    layers += [*_names(curves, palette, x, y), *_silent(curves, palette, x, y)]
    return charts.frame(palette) | {"layer": [each for each in layers if each]}


def _time_axis(there: Sequence[int], words: Sequence[str]) -> Spec:
    named = json.dumps({str(at): text for at, text in zip(there, words, strict=True)}, ensure_ascii=False)
    return {
        "title": None,
        "values": list(there),
        "grid": False,
        "labelAngle": 0,
        "labelPadding": 6,
        "labelExpr": f"{named}[datum.value]",
    }


def _share_axis() -> Spec:
    suffix = f"datum.label + '{numbers.HARD}%'"
    return {"title": None, "tickCount": 5, "domain": False, "ticks": False, "labelPadding": 6, "labelExpr": suffix}


def _waiting(curves: Sequence[Curve], palette: Palette, x: Spec, y: Spec) -> list[Spec]:
    """A hatched field over each time that cannot be seen yet."""
    found = [
        {
            "x": at - 0.5,
            "x2": at + 0.5,
            "y": 0,
            "y2": 100,
            "told": f"{numbers.capital(words_at(curves, at))}: {NOT_YET}",
        }
        for at in late(curves)
    ]
    wide = x["scale"]["domain"][1] - x["scale"]["domain"][0]
    return hatched(found, palette, x, y, wide * 0.25, wide * 0.012)


def _curve(curve: Curve, colour: str, x: Spec, y: Spec) -> list[Spec]:
    """The line with its points, broken where nothing is shown, and how sure each point is."""
    if not any(step.shown for step in curve.steps):
        return []
    values = _values(curve)
    sure = [row for row in values if row["low"] is not None and row["high"] is not None]
    broken = "break-paths-filter-domains"
    line = {"type": "line", "color": colour, "strokeWidth": 2.5, "invalid": broken}
    point = {"type": "point", "filled": True, "color": colour, "size": 70, "opacity": 1, "invalid": "filter"}
    tooltip = {"tooltip": {"field": "told", "type": "nominal", "title": " "}}
    drawn = [
        {"mark": line, "encoding": {"x": x, "y": y}},
        {"mark": point, "encoding": {"x": x, "y": y} | tooltip},
    ]
    whiskers = {
        "data": {"values": sure},
        "mark": {"type": "rule", "color": colour, "strokeWidth": 5, "opacity": 0.3},
        "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
    }
    return [whiskers, {"data": {"values": values}, "layer": drawn}]


def _values(curve: Curve) -> list[Spec]:
    return [
        {"x": step.at, "y": figure.value, "low": figure.low, "high": figure.high, "told": _told(curve.name, step)}
        if (figure := step.figure) and figure.shown
        else {"x": step.at, "y": None, "low": None, "high": None, "told": ""}
        for step in curve.steps
    ]


def _told(name: str, step: Step) -> str:
    value, about, top, below = indicator_tables.figure_cells(step.figure, step.definition)
    counted = f", {top} av {below}" if top and below else ""
    return f"{numbers.capital(name)}, {step.words}: {value}" + (f" ({about}{counted})" if about else "")


def _names(curves: Sequence[Curve], palette: Palette, x: Spec, y: Spec) -> list[Spec]:
    """Name and value beside the last shown point of each curve, moved apart where they would overlap and up from the axis;
    with its time where another curve is shown later."""
    ends = []
    for curve, colour in zip(curves, colours(palette), strict=False):
        shown = [step for step in curve.steps if step.figure and step.figure.shown]
        if shown and shown[-1].figure:
            ends.append((shown[-1].figure.value or 0.0, curve.name, shown[-1], colour))
    if not ends:
        return []
    ends.sort(key=lambda each: each[0])
    line, newest = 100 * 17 / charts.HEIGHT, max(step.at for _, _, step, _ in ends)
    tops = charts.apart([max(value, line * 0.7) for value, *_ in ends], line)
    values = [
        {"x": step.at, "y": top, "text": _end(name, value, step, newest), "colour": colour}
        for top, (value, name, step, colour) in zip(tops, ends, strict=True)
    ]
    mark = {"type": "text", "align": "left", "dx": 10, "fontSize": 12.5, "fontWeight": 600, "clip": False}
    text = {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}
    halo = {"color": palette.ground, "stroke": palette.ground, "strokeWidth": 6, "strokeJoin": "round"}
    looks: list[tuple[Spec, Spec]] = [(halo, {}), ({}, {"color": charts.COLOUR})]
    return [{"data": {"values": values}, "mark": mark | how, "encoding": text | more} for how, more in looks]


def _end(name: str, value: float, step: Step, newest: int) -> str:
    when = f" efter {step.words}" if step.at < newest else ""
    return f"{numbers.capital(name)} {numbers.in_unit(value, 'share')}{when}"


def _silent(curves: Sequence[Curve], palette: Palette, x: Spec, y: Spec) -> list[Spec]:
    """Words at the foot: what cannot be seen yet, and which curve is hidden or missing where."""
    values: list[Spec] = []
    for at in (each for each in places(curves) if each not in late(curves)):
        steps = [(curve.name, step) for curve in curves if (step := curve.at(at)) and not step.shown]
        for line, (name, step) in enumerate(steps):
            word = STATUSES[step.figure.status].word if step.figure else "–"
            text = word if len(curves) == 1 else f"{name}: {word}"
            values.append({"x": at, "y": 2 + 6 * line, "text": text})
    waiting: list[Spec] = [{"x": at, "y": 50, "text": "ännu ej"} for at in late(curves)]
    mark = {"type": "text", "fontSize": 12, "fontStyle": "italic"}
    encoding = {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}}
    halo = {"color": palette.faint, "stroke": palette.faint, "strokeWidth": 9, "strokeJoin": "round"}
    layers: list[tuple[list[Spec], Spec]] = [
        (values, {"color": palette.quiet, "baseline": "bottom"}),
        (waiting, halo),
        (waiting, {"color": palette.ink}),
    ]
    return [{"data": {"values": rows}, "mark": mark | how, "encoding": encoding} for rows, how in layers if rows]


def table(curves: Sequence[Curve], caption: str) -> str:
    """The twin: a row per group and time."""
    head = ["Grupp", "Tid", "Andel", f"95{numbers.HARD}% säkerhet", "Täljare", "Nämnare"]
    found = [
        [numbers.capital(curve.name), step.words, *indicator_tables.figure_cells(step.figure, step.definition)]
        for curve in curves
        for step in curve.steps
    ]
    return html.table(caption, head, found, text_columns=2)


def twin(curves: Sequence[Curve], caption: str) -> str:
    return html.details(f"Tabell: {caption}", table(curves, caption))
