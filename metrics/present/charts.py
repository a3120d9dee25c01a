"""Vega-Lite specifications of the pictures: direct labels, intervals, and hidden values drawn as such.

Built once per release and palette, then only sent. Marks carry ready Swedish texts, so no number is formatted by the
browser. Screen readers get the sentence and the table twin; the picture itself carries no ARIA of Vega's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from metrics.present import numbers
from metrics.present.figures import Figure
from metrics.present.marks import STATUSES, Palette
from metrics.release.read import Definition

Spec = dict[str, Any]
FONT = '"Source Sans", "Source Sans Pro", "Source Sans 3", "Liberation Sans", sans-serif'
HEIGHT = 300
NEAR_THE_END = 4
"""Periods before the last of a picture whose lines still have their names at its end."""
NAME_WIDTH = 0.17
"""The share of a picture's width that the name of a line takes."""
LABELS_AT_MOST = 10
COLOUR: Spec = {"field": "colour", "type": "nominal", "scale": None}
"""A mark in the colour that its row carries."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One series of a trend picture: its name at the end of the line, its figures and its colour."""

    name: str
    figures: Sequence[Figure]
    colour: str
    main: bool = False
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened at a school year: a model's start, or a break in the series."""

    school_year: str
    text: str
    is_break: bool = False


def frame(palette: Palette, *, height: int | str = HEIGHT) -> Spec:
    """What every picture has in common."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "background": "transparent",
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 4, "right": 8, "top": 8, "bottom": 4},
        "config": {
            "aria": False,
            "mark": {"aria": False},
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "aria": False,
                "labelColor": palette.quiet,
                "titleColor": palette.quiet,
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "gridColor": palette.line,
                "gridWidth": 0.7,
                "domainColor": palette.line,
                "tickColor": palette.line,
                "labelFont": FONT,
                "titleFont": FONT,
            },
            "text": {"font": FONT, "fontSize": 12, "color": palette.ink},
            "locale": {"number": {"decimal": ",", "thousands": numbers.HARD, "grouping": [3], "currency": ["", " kr"]}},
        },
    }


def span(figures: Sequence[Figure], definition: Definition) -> tuple[float, float]:
    """Where the value axis starts and ends: whole steps around what is drawn, shares within 0-100."""
    ends = [end for each in figures if each.shown for end in (each.low, each.high, each.value) if end is not None]
    if not ends:
        return (0.0, 100.0) if definition.unit in numbers.SHARES else (0.0, 1.0)
    width = max(ends) - min(ends) or (10.0 if definition.unit in numbers.SHARES else abs(ends[0]) / 10 or 1.0)
    step = 10 ** math.floor(math.log10(width))
    low, high = math.floor((min(ends) - 0.15 * width) / step) * step, math.ceil((max(ends) + 0.1 * width) / step) * step
    low = max(low, 0.0) if min(ends) >= 0 else low
    return (low, min(high, 100.0)) if definition.unit in numbers.SHARES else (low, high)


def _told(figure: Figure, name: str, definition: Definition) -> str:
    """The words of a point: name, year, value, interval and n."""
    said = f"{name} {figure.label}: {numbers.in_unit(figure.value or 0.0, definition.unit, definition.decimals)}"
    if figure.low is not None and figure.high is not None:
        said += f" ({numbers.interval(figure.low, figure.high, definition.decimals)})"
    return said + (f", n {numbers.count(figure.denominator)}" if figure.denominator is not None else "")


def trend(
    lines: Sequence[Line],
    definition: Definition,
    palette: Palette,
    events: Sequence[Event] = (),
    *,
    from_zero: bool = False,
) -> Spec:
    """Lines over time with the main one's interval as a band; what is not shown stands as a word at the foot."""
    low, high = span([figure for line in lines for figure in line.figures], definition)
    low = 0.0 if from_zero else low
    domain = [label for _, label in sorted({(f.period_to, f.label) for line in lines for f in line.figures})]
    years = {f.school_year: f.label for line in lines for f in sorted(line.figures, key=lambda each: each.period_to)}
    x = {"field": "label", "type": "ordinal", "scale": {"domain": domain, "padding": 0.3}, "axis": _year_axis(domain)}
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [low, high], "zero": False},
        "axis": value_axis(definition),
    }
    layers: list[Spec] = [_events(events, years, x, (low, high), palette)] if events else []
    for line in lines:
        layers += _line(line, definition, x, y, palette)
    layers.append(_end_labels(lines, x, y, (low, high)))
    main = next((line for line in lines if line.main), None)
    if main:
        layers.append(_silent(main, x, low, palette))
    return frame(palette) | {"layer": [layer for layer in layers if layer], "encoding": {}}


def value_axis(definition: Definition) -> Spec:
    suffix = f" + '{numbers.HARD}%'" if definition.unit in numbers.SHARES else ""
    return {
        "title": None,
        "tickCount": 5,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "labelExpr": f"replace(datum.label, '.', ','){suffix}",
    }


def _year_axis(domain: Sequence[str]) -> Spec:
    """Every period while they fit, otherwise every other, third ... back from the newest."""
    step = max(1, math.ceil(len(domain) / LABELS_AT_MOST))
    return {
        "title": None,
        "labelAngle": 0,
        "grid": False,
        "labelPadding": 6,
        "labelOverlap": False,
        "values": list(domain[::-1][::step]),
    }


def _line(line: Line, definition: Definition, x: Spec, y: Spec, palette: Palette) -> list[Spec]:
    rows = [
        {
            "label": figure.label,
            "value": figure.value if figure.shown else None,
            "low": figure.low if figure.shown else None,
            "high": figure.high if figure.shown else None,
            "told": _told(figure, line.name, definition) if figure.shown else "",
        }
        for figure in line.figures
    ]
    if not any(figure.shown for figure in line.figures):
        return []
    broken = "break-paths-filter-domains"
    dash = {"strokeDash": [5, 3]} if line.dashed else {}
    drawn = {"type": "line", "color": line.colour, "strokeWidth": 2.5 if line.main else 1.5, "invalid": broken, **dash}
    point = {
        "type": "point",
        "invalid": "filter",
        "filled": True,
        "color": line.colour,
        "size": 60 if line.main else 30,
        "opacity": 1,
    }
    tooltip = {"field": "told", "type": "nominal", "title": " "}
    band = {
        "mark": {"type": "area", "color": line.colour, "opacity": 0.16, "invalid": broken},
        "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}},
    }
    layers = [
        {"mark": drawn, "encoding": {"x": x, "y": y}},
        {"mark": point, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
    ]
    parts = ([band] if line.main else []) + layers
    return [{"data": {"values": rows}, "layer": parts}]


def _end_labels(lines: Sequence[Line], x: Spec, y: Spec, ends: tuple[float, float]) -> Spec:
    """Names at the ends of the lines, moved apart where they would overlap."""
    ending = [(line, [figure for figure in line.figures if figure.shown]) for line in lines]
    last = sorted(((shown[-1].value or 0.0, line) for line, shown in ending if shown), key=lambda each: each[0])
    domain = x["scale"]["domain"]
    ends_at = {line.name: shown[-1].label for line, shown in ending if shown}
    room = (ends[1] - ends[0]) * 16 / HEIGHT
    places = apart([value for value, _ in last], room)
    rows = []
    for place, (_, line) in zip(places, last, strict=True):
        where = _beside(ends_at[line.name], domain)
        others = [each for each in lines if each is not line]
        free = place if where == domain[-1] else _free(place, others, domain.index(where), domain, room)
        rows.append({"label": where, "value": free, "name": line.name, "colour": line.colour})
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "dx": 9, "fontSize": 12.5, "fontWeight": 600, "clip": False},
        "encoding": {
            "x": x,
            "y": y,
            "text": {"field": "name", "type": "nominal"},
            "color": {"field": "colour", "type": "nominal", "scale": None},
        },
    }


def _free(value: float, others: Sequence[Line], start: int, domain: Sequence[str], room: float) -> float:
    """The place nearest to a line's end, above or below it, where no other line runs through a name that begins there."""
    steps, taken = np.linspace(start, min(start + NAME_WIDTH * len(domain), len(domain) - 1), 9), list[float]()
    for line in others:
        shown = [(domain.index(each.label), each.value) for each in line.figures if each.shown and each.label in domain]
        if shown:
            at, values = zip(*sorted(shown), strict=True)
            inside = steps[(steps >= at[0]) & (steps <= at[-1])]
            taken += np.interp(inside, at, np.array(values, float)).tolist()
    places = (value + sign * step * room / 2 for step in range(12) for sign in (-1, 1))
    return next((each for each in places if all(abs(each - other) >= 0.75 * room for other in taken)), value)


def _beside(last: str, domain: Sequence[str]) -> str:
    """Where a line's name stands: at the end of the picture, or at the line's own where that is far from it."""
    return last if domain.index(last) < len(domain) - NEAR_THE_END else domain[-1]


def apart(values: Sequence[float], room: float) -> list[float]:
    """Places in rising order at least `room` from each other, each as near its value as that allows."""
    places = sorted(values)
    for _ in range(50):
        moved = False
        for lower in range(len(places) - 1):
            lack = room - (places[lower + 1] - places[lower])
            if lack > 1e-9:
                places[lower] -= lack / 2
                places[lower + 1] += lack / 2
                moved = True
        if not moved:
            break
    return places


def _silent(line: Line, x: Spec, low: float, palette: Palette) -> Spec:
    """Words at the foot of the years whose value is hidden, missing or not yet there."""
    rows = [
        {"label": figure.label, "word": STATUSES[figure.status].word, "foot": low}
        for figure in line.figures
        if not figure.shown and figure.status in STATUSES
    ]
    if not rows:
        return {}
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "color": palette.quiet, "dy": -9, "fontSize": 12, "fontStyle": "italic"},
        "encoding": {
            "x": x,
            "y": {"field": "foot", "type": "quantitative"},
            "text": {"field": "word", "type": "nominal"},
        },
    }


def _events(
    events: Sequence[Event], labels: dict[str, str], x: Spec, ends: tuple[float, float], palette: Palette
) -> Spec:
    """Dotted lines with words at the top, each a line lower than the one before so that none overlap."""
    inside = sorted((event for event in events if event.school_year in labels), key=lambda each: each.school_year)
    line = (ends[1] - ends[0]) * 15 / HEIGHT
    rows = [
        {"label": labels[event.school_year], "text": event.text, "top": ends[1] - place % 5 * line}
        for place, event in enumerate(inside)
    ]
    if not rows:
        return {}
    late = list(labels.values())[len(labels) // 2 :]
    text = {"type": "text", "dy": 4, "fontSize": 11.5, "color": palette.quiet}
    encoding = {"x": x, "y": {"field": "top", "type": "quantitative"}, "text": {"field": "text", "type": "nominal"}}
    sides = (
        ([row for row in rows if row["label"] not in late], {"align": "left", "dx": 5}),
        ([row for row in rows if row["label"] in late], {"align": "right", "dx": -5}),
    )
    rule = {"mark": {"type": "rule", "color": palette.grey, "strokeDash": [2, 3]}, "encoding": {"x": x}}
    written = [{"data": {"values": part}, "mark": text | side, "encoding": encoding} for part, side in sides if part]
    return {"data": {"values": rows}, "layer": [rule, *written]}
