"""Values and differences under each other, one row each: a dot with its interval, and its words at the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from metrics.present import charts, numbers
from metrics.present.charts import Spec
from metrics.present.figures import Figure
from metrics.present.marks import Palette
from metrics.release.read import Definition

LONG_NAMES = 480
"""The room for names of differences, in pixels: as files measure them they are wider than as a browser draws them."""


@dataclass(frozen=True, kw_only=True)
class Dot:
    """One row of a comparison: a value with its interval, a colour and the words beside it."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    colour: str
    text: str
    words: str = ""
    strong: bool = False


def comparison(
    dots: Sequence[Dot], definition: Definition, palette: Palette, *, benchmark: float | None = None, name: str = ""
) -> Spec:
    """Areas under each other, value with interval; the benchmark as a line; words where nothing is shown."""
    low, high = _dot_span(dots, benchmark, definition)
    order = [dot.name for dot in dots]
    y = {"field": "name", "type": "nominal", "sort": order, "scale": {"domain": order}, "axis": _name_axis(palette)}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [low, high], "zero": False},
        "axis": charts.value_axis(definition),
    }
    layers: list[Spec] = []
    if benchmark is not None:
        layers.append(_benchmark(benchmark, name, definition, x, palette))
    layers += [_whiskers(dots, x, y), _dots(dots, x, y), _dot_words(dots, x, y, high, palette)]
    return charts.frame(palette, height=max(26 * len(dots) + 40, 90)) | {"layer": layers}


def _dot_span(dots: Sequence[Dot], benchmark: float | None, definition: Definition) -> tuple[float, float]:
    figures = [
        Figure(
            area=dot.name,
            area_type="",
            school_year="",
            label="",
            value=dot.value,
            low=dot.low,
            high=dot.high,
            numerator=None,
            denominator=None,
            status="shown",
            mark="",
        )
        for dot in dots
    ]
    low, high = charts.span(figures, definition)
    return (min(low, benchmark), max(high, benchmark)) if benchmark is not None else (low, high)


def _name_axis(palette: Palette) -> Spec:
    return {
        "title": None,
        "domain": False,
        "ticks": False,
        "grid": False,
        "labelPadding": 8,
        "labelColor": palette.ink,
        "labelFontSize": 13,
        "labelLimit": 340,
    }


def _rows(dots: Sequence[Dot]) -> list[Spec]:
    return [
        {
            "name": dot.name,
            "value": dot.value,
            "low": dot.low if dot.low is not None else dot.value,
            "high": dot.high if dot.high is not None else dot.value,
            "colour": dot.colour,
            "told": f"{dot.name}: {dot.text}" + (f", {dot.words}" if dot.words else ""),
            "size": 110 if dot.strong else 70,
        }
        for dot in dots
        if dot.value is not None
    ]


def _whiskers(dots: Sequence[Dot], x: Spec, y: Spec) -> Spec:
    return {
        "data": {"values": _rows(dots)},
        "mark": {"type": "rule", "strokeWidth": 2.5, "opacity": 0.65},
        "encoding": {"y": y, "x": x | {"field": "low"}, "x2": {"field": "high"}, "color": charts.COLOUR},
    }


def _dots(dots: Sequence[Dot], x: Spec, y: Spec) -> Spec:
    return {
        "data": {"values": _rows(dots)},
        "mark": {"type": "point", "filled": True, "opacity": 1},
        "encoding": {
            "y": y,
            "x": x,
            "color": charts.COLOUR,
            "size": {"field": "size", "type": "quantitative", "scale": None},
            "tooltip": {"field": "told", "type": "nominal", "title": " "},
        },
    }


def _dot_words(dots: Sequence[Dot], x: Spec, y: Spec, high: float, palette: Palette) -> Spec:
    """The value in figures at the right edge, or the word that says why there is none."""
    rows = [{"name": dot.name, "text": dot.text, "value": high, "strong": dot.strong} for dot in dots]
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "align": "left", "dx": 12, "color": palette.ink, "clip": False},
        "encoding": {"y": y, "x": x, "text": {"field": "text", "type": "nominal"}},
    }


def _benchmark(value: float, name: str, definition: Definition, x: Spec, palette: Palette) -> Spec:
    text = f"{name}: {numbers.in_unit(value, definition.unit, definition.decimals)}"
    return {
        "data": {"values": [{"value": value, "text": text}]},
        "layer": [
            {
                "mark": {"type": "rule", "color": palette.ink, "strokeDash": [4, 3], "strokeWidth": 1.2},
                "encoding": {"x": x},
            },
            {
                "mark": {"type": "text", "dy": -6, "baseline": "bottom", "color": palette.quiet, "fontSize": 12},
                "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def strips(
    rows: Sequence[str],
    dots: Sequence[tuple[str, Dot]],
    definition: Definition,
    palette: Palette,
    *,
    benchmark: float | None = None,
    name: str = "",
) -> Spec:
    """Many values as dots on the rows they belong to (row, dot), without words; the benchmark as a line."""
    shown = [(row, dot) for row, dot in dots if dot.value is not None]
    bare = [replace(dot, low=None, high=None) for _, dot in shown]
    low, high = _dot_span(bare, benchmark, definition)
    names = [row for row, _ in shown]
    values = [each | {"row": row} for row, each in zip(names, _rows(bare), strict=True)]
    y = {"field": "row", "type": "nominal", "scale": {"domain": list(rows)}, "axis": _name_axis(palette)}
    x = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": [low, high], "zero": False},
        "axis": charts.value_axis(definition),
    }
    layers = [_benchmark(benchmark, name, definition, x, palette)] if benchmark is not None else []
    layers.append(
        {
            "data": {"values": values},
            "mark": {"type": "point", "filled": True, "opacity": 0.75, "size": 60},
            "encoding": {
                "y": y,
                "x": x,
                "color": charts.COLOUR,
                "tooltip": {"field": "told", "type": "nominal", "title": " "},
            },
        }
    )
    return charts.frame(palette, height=max(22 * len(rows) + 40, 90)) | {"layer": layers}


def gaps(dots: Sequence[Dot], definition: Definition, palette: Palette) -> Spec:
    """Differences with intervals around a line at no difference."""
    ends = [end for dot in dots for end in (dot.low, dot.high, dot.value) if end is not None] or [-1.0, 1.0]
    reach = max(abs(min(ends)), abs(max(ends)), 1.0) * 1.1
    order = [dot.name for dot in dots]
    names = _name_axis(palette) | {"labelLimit": LONG_NAMES}
    y = {"field": "name", "type": "nominal", "sort": order, "scale": {"domain": order}, "axis": names}
    axis = charts.value_axis(definition) | {"labelExpr": "replace(replace(datum.label, '.', ','), '-', '\u2212')"}
    x = {"field": "value", "type": "quantitative", "scale": {"domain": [-reach, reach], "nice": False}, "axis": axis}
    zero = {
        "data": {"values": [{"value": 0}]},
        "mark": {"type": "rule", "color": palette.ink, "strokeWidth": 1},
        "encoding": {"x": x},
    }
    layers = [zero, _whiskers(dots, x, y), _dots(dots, x, y), _dot_words(dots, x, y, reach, palette)]
    return charts.frame(palette, height=max(26 * len(dots) + 36, 80)) | {"layer": layers}
