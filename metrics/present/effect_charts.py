"""The pictures of an evaluation: effect by years from the start, and what was seen against what would have been."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from metrics.present import charts, html, numbers
from metrics.present.charts import Spec
from metrics.present.effect import Finding, limits
from metrics.present.marks import Palette

ROLES: Mapping[str, str] = {
    "base": "basår",
    "dip": "året före starten, räknas inte",
    "split": "delat år, räknas inte",
    "effect": "år med modellen",
}
READING = (
    f"Punkterna visar skillnaden mot jämförelsen och strecken 95{numbers.HARD}% säkerhet. Grå år är basår, före starten. "
    "Året närmast före starten räknas inte."
)
NOTHING = "Ingen bild kan visas: siffrorna är dolda eller saknas."
BROKEN = "break-paths-filter-domains"
Row = Mapping[str, Any]


def events(finding: Finding) -> list[Row]:
    """The spans of years that stand in the document, in order."""
    return list(finding.told.get("events", []))


def shown(finding: Finding) -> list[Row]:
    return [each for each in events(finding) if not each["hidden"] and each["estimate"] is not None]


def has_levels(finding: Finding) -> bool:
    """Whether there are at least two years whose level may be read."""
    return len([each for each in shown(finding) if each["observed"] is not None]) > 1


def label(row: Row) -> str:
    """−5, 0, 3 till 5; a split year stands by itself."""
    if row["role"] == "split":
        return "delat år"
    ends = [f"{numbers.MINUS if end < 0 else ''}{abs(end)}" for end in (row["first"], row["last"])]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} till {ends[1]}"


def years_word(finding: Finding) -> str:
    return "Läsår" if finding.told["period_kind"] == "school_year" else "År"


def event_picture(finding: Finding, palette: Palette) -> Spec:
    """Effect with interval by years from the start; base years grey, the year before the start apart, split years hollow."""
    rows = [_point(each, finding, palette) for each in shown(finding)]
    ends = [end for each in rows for end in (each["low"], each["high"], each["value"]) if end is not None]
    low, high = _span([*ends, 0.0])
    x = _x(finding)
    y = _y("value", (low, high), _effect_title(finding))
    rule = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "color": palette.ink, "strokeWidth": 1},
        "encoding": {"y": _y("zero", (low, high), _effect_title(finding))},
    }
    colour = {"field": "colour", "type": "nominal", "scale": None}
    whiskers = {
        "data": {"values": [each for each in rows if each["low"] is not None]},
        "mark": {"type": "rule", "strokeWidth": 2.2, "opacity": 0.8},
        "encoding": {"x": x, "y": y | {"field": "low"}, "y2": {"field": "high"}, "color": colour},
    }
    hidden = _hidden([each for each in events(finding) if each["hidden"]], x, low, y, palette)
    layers = [rule, whiskers, *_points(rows, x, y, colour, palette), _words(rows, x, high, y, palette), hidden]
    return charts.frame(palette, height=320) | {"layer": [each for each in layers if each]}


def _point(row: Row, finding: Finding, palette: Palette) -> dict[str, Any]:
    colours = {"base": palette.grey, "dip": palette.worse, "split": palette.accent, "effect": palette.accent}
    sure = f" ({limits(row['low'], row['high'], finding)})" if row["low"] is not None else ""
    told = f"{years_word(finding)} {label(row)}, {ROLES[row['role']]}: {numbers.signed(row['estimate'])}{sure}"
    return {
        "label": label(row),
        "value": row["estimate"],
        "low": row["low"],
        "high": row["high"],
        "role": row["role"],
        "colour": colours[row["role"]],
        "told": told,
    }


def _points(rows: Sequence[Mapping[str, Any]], x: Spec, y: Spec, colour: Spec, palette: Palette) -> list[Spec]:
    """Filled points, and hollow ones for the split year."""
    tooltip = {"field": "told", "type": "nominal", "title": " "}
    encoding = {"x": x, "y": y, "color": colour, "tooltip": tooltip}
    whole = [each for each in rows if each["role"] != "split"]
    split = [each for each in rows if each["role"] == "split"]
    mark = {"type": "point", "size": 90, "opacity": 1}
    found = [{"data": {"values": whole}, "mark": mark | {"filled": True}, "encoding": encoding}]
    if split:
        hollow = mark | {"filled": False, "fill": palette.ground, "strokeWidth": 2}
        found.append({"data": {"values": split}, "mark": hollow, "encoding": encoding})
    return found


def _words(rows: Sequence[Mapping[str, Any]], x: Spec, high: float, y: Spec, palette: Palette) -> Spec:
    """What each kind of year is, once, over the first point of its kind."""
    seen: dict[str, dict[str, Any]] = {}
    for each in rows:
        seen.setdefault(each["role"], {"label": each["label"], "top": high, "text": ROLES[each["role"]]})
    step = {"base": 0, "dip": 1, "split": 2, "effect": 0}
    drawn = [each | {"line": step[role]} for role, each in seen.items()]
    parts = [
        {
            "data": {"values": [each]},
            "mark": {
                "type": "text", "align": "left", "dx": -4, "dy": 6 + 15 * each["line"], "fontSize": 12,
                "color": palette.quiet,
            },
            "encoding": {"x": x, "y": y | {"field": "top"}, "text": {"field": "text", "type": "nominal"}},
        }
        for each in drawn
    ]  # fmt: skip
    return {"layer": parts}


def _hidden(rows: Sequence[Row], x: Spec, low: float, y: Spec, palette: Palette) -> Spec:
    """A word at the foot of each year that may not be read."""
    if not rows:
        return {}
    return {
        "data": {"values": [{"label": label(each), "foot": low, "text": "dold"} for each in rows]},
        "mark": {"type": "text", "dy": -9, "fontSize": 12, "fontStyle": "italic", "color": palette.quiet},
        "encoding": {"x": x, "y": y | {"field": "foot"}, "text": {"field": "text", "type": "nominal"}},
    }


def level_picture(finding: Finding, palette: Palette) -> Spec:
    """The outcome as it was seen, and dashed as it would have been by the comparison."""
    rows = [each for each in shown(finding) if each["observed"] is not None]
    values = [value for each in rows for value in (each["observed"], each["counterfactual"])]
    ends = _span(values)
    x, y = _x(finding), _y("value", ends, "Procent" if finding.definition.unit in numbers.SHARES else "")
    lines = [("observed", "uppmätt", palette.accent, []), ("counterfactual", "utan modellen", palette.grey, [5, 3])]
    layers: list[Spec] = []
    last = [(rows[-1][name], words, colour) for name, words, colour, _ in lines]
    for name, words, colour, dash in lines:
        data = [_level(each, name, words, finding) for each in events(finding) if each["role"] != "split"]
        mark = {"type": "line", "color": colour, "strokeWidth": 2.5, "strokeDash": dash or [1, 0], "invalid": BROKEN}
        tooltip = {"field": "told", "type": "nominal", "title": " "}
        point = {"type": "point", "filled": True, "color": colour, "size": 45, "opacity": 1, "invalid": "filter"}
        layers.append(
            {
                "data": {"values": data},
                "layer": [
                    {"mark": mark, "encoding": {"x": x, "y": y}},
                    {"mark": point, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
                ],
            }
        )
    layers.append(_names(last, label(rows[-1]), x, y, ends))
    told = [each for each in events(finding) if each["hidden"] or each["observed"] is None]
    layers += [each for each in [_hidden(told, x, ends[0], y, palette)] if each]
    return charts.frame(palette, height=240) | {"layer": layers}


def _level(row: Row, name: str, words: str, finding: Finding) -> dict[str, Any]:
    """One point of a line; nothing where the level may not be read, so that the line breaks there."""
    value = row.get(name)
    said = "" if value is None else numbers.in_unit(value, finding.definition.unit)
    return {"label": label(row), "value": value, "told": f"{years_word(finding)} {label(row)}, {words}: {said}"}


def _names(last: list[tuple[float, str, str]], at: str, x: Spec, y: Spec, ends: tuple[float, float]) -> Spec:
    ordered = sorted(last)
    places = charts.apart([value for value, *_ in ordered], (ends[1] - ends[0]) * 16 / 240)
    values = [
        {"label": at, "value": place, "text": words, "colour": colour}
        for place, (_, words, colour) in zip(places, ordered, strict=True)
    ]
    return {
        "data": {"values": values},
        "mark": {"type": "text", "align": "left", "dx": 9, "fontSize": 12.5, "fontWeight": 600, "clip": False},
        "encoding": {
            "x": x,
            "y": y,
            "text": {"field": "text", "type": "nominal"},
            "color": {"field": "colour", "type": "nominal", "scale": None},
        },
    }


def _x(finding: Finding) -> Spec:
    domain = [label(each) for each in events(finding)]
    title = f"{years_word(finding)} från starten (0 = första hela året med modellen)"
    axis = {"title": title, "labelAngle": 0, "grid": False, "labelPadding": 6, "titlePadding": 8}
    return {"field": "label", "type": "ordinal", "scale": {"domain": domain, "padding": 0.4}, "axis": axis}


def _y(field: str, ends: tuple[float, float], title: str) -> Spec:
    axis = {
        "title": title or None,
        "tickCount": 6,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "labelExpr": "replace(replace(datum.label, '.', ','), '-', '−')",
    }
    return {"field": field, "type": "quantitative", "scale": {"domain": list(ends), "zero": False}, "axis": axis}


def _effect_title(finding: Finding) -> str:
    unit = "procentenheter" if finding.definition.unit in numbers.SHARES else "i måttets enhet"
    return f"Skillnad mot jämförelsen, {unit}"


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Whole steps around what is drawn, with room for words above."""
    low, high = min(values), max(values)
    step = 10 ** math.floor(math.log10(max(high - low, 1e-9)))
    step = step / 2 if (high - low) / step < 4 else step
    return math.floor(low / step) * step, math.ceil((high + 0.18 * (high - low)) / step) * step


HEADINGS = ("År från starten", "Slag av år", "Skillnad", f"95{numbers.HARD}% säkerhet", "Uppmätt", "Utan modellen",
            "Skolor", "Kommuner", "Elever, omkring")  # fmt: skip


def twin(finding: Finding, caption: str) -> str:
    """The table of both pictures: hidden rows say that they are."""
    rows = [_cells(each, finding) for each in events(finding)]
    return html.details(f"Tabell: {caption}", html.table(caption, list(HEADINGS), rows, text_columns=2))


def _cells(row: Row, finding: Finding) -> list[str]:
    place = [label(row), ROLES[row["role"]]]
    if row["hidden"]:
        return [*place, *["dold"] * (len(HEADINGS) - 2)]
    unit = finding.definition.unit
    level = [
        "dold" if row[name] is None else numbers.in_unit(row[name], unit) for name in ("observed", "counterfactual")
    ]
    counts = [numbers.count(row[name]) for name in ("units", "clusters", "contributors")]
    sure = "–" if row["low"] is None else limits(row["low"], row["high"], finding)
    effect = "–" if row["estimate"] is None else numbers.signed(row["estimate"])
    return [*place, effect, sure, *level, *counts]


def level_sentence(finding: Finding) -> str:
    """How the two lines are read, and why some years are missing."""
    hidden = [each for each in shown(finding) if each["observed"] is None]
    said = "Den heldragna linjen är det som mättes vid skolorna med modellen, den streckade hur det hade varit enligt jämförelsen."
    return said + (" Några år är dolda för att skydda enskilda." if hidden else "")


def picture_title(finding: Finding) -> str:
    """What files and screen readers call the pictures."""
    return f"{finding.model_title}: {finding.title}"
