"""Starts and ends of the models as a picture: one bar per instance, and what is not known exactly drawn as such."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from metrics.present import numbers
from metrics.present.charts import Spec, frame
from metrics.present.marks import Palette
from metrics.present.models import SHORT, Instance, start_words

ROW = 20
FIRST_YEAR = 2014
"""Bars that began earlier start at the picture's left edge, with the year written in the row's text."""
MOST_ROWS = 45
UNSURE = {"term": 0.25, "school_year": 0.5, "gradual": 0.75, "unknown": 1.0}
"""How many years on each side of an inexact start are drawn hollow."""


def picture(found: Sequence[Instance], today: str, palette: Palette) -> Spec:
    """The newest MOST_ROWS starts of the chosen instances, in the order given."""
    kept = sorted(sorted(found, key=lambda each: each.started)[-MOST_ROWS:], key=list(found).index)
    rows = [_row(each, today) for each in kept]
    last = _years(today)
    spec = frame(palette, height=max(len(rows), 3) * ROW)
    order = [row["name"] for row in rows]
    spec |= {
        "encoding": {
            "y": {
                "field": "name",
                "type": "nominal",
                "sort": order,
                "axis": {"title": None, "labelLimit": 300, "ticks": False, "domain": False, "labelColor": palette.ink},
            }
        },
        "layer": [
            {"data": {"values": rows}, **layer}
            for layer in (
                _bars("sure", palette, filled=True, last=last),
                _bars("unsure", palette, filled=False, last=last),
                _text(palette),
            )
        ],
    }
    return spec


def _bars(part: str, palette: Palette, *, filled: bool, last: float) -> Spec:
    look: dict[str, Any] = {"color": palette.accent} if filled else {"fill": palette.ground, "stroke": palette.accent}
    if not filled:
        look |= {"strokeDash": [3, 2], "strokeWidth": 1.2}
    return {
        "transform": [{"filter": f"datum.{part}_to > datum.{part}_from"}],
        "mark": {"type": "bar", "height": 11, **look},
        "encoding": {
            "x": {
                "field": f"{part}_from",
                "type": "quantitative",
                "scale": {"domain": [FIRST_YEAR, last + 0.3], "zero": False},
                "axis": {"title": None, "format": "d", "tickMinStep": 1},
            },
            "x2": {"field": f"{part}_to"},
        },
    }


def _text(palette: Palette) -> Spec:
    return {
        "transform": [{"filter": "datum.text != ''"}],
        "mark": {"type": "text", "align": "left", "dx": 5, "color": palette.ground, "fontSize": 10.5},
        "encoding": {
            "x": {"field": "text_at", "type": "quantitative"},
            "text": {"field": "text", "type": "nominal"},
        },
    }


def _row(each: Instance, today: str) -> dict[str, Any]:
    start, end = _years(each.started), _years(each.ended or today)
    half = UNSURE.get(each.precision, 0.0)
    sure = max(start + half, FIRST_YEAR)
    early = start < FIRST_YEAR
    return {
        "name": each.key.removesuffix(" (Exempeldata)"),
        "sure_from": sure,
        "sure_to": max(end, sure),
        "unsure_from": max(start - half, FIRST_YEAR),
        "unsure_to": sure if half else FIRST_YEAR - 1,
        "text": f"sedan {each.started[:4]}" if early else "",
        "text_at": sure,
    }


def _years(day: str) -> float:
    found = date.fromisoformat(day[:10])
    return round(found.year + (found.timetuple().tm_yday - 1) / 365.25, 3)


def legend(found: Sequence[Instance]) -> str:
    """What a hollow part means, only when there is one, and who is left out."""
    said = []
    if any(each.precision in UNSURE for each in found):
        said.append("Streckad del: starten är inte känd till dagen.")
    if len(found) > MOST_ROWS:
        said.append(f"Bilden visar de {MOST_ROWS} senaste starterna; tabellen har alla.")
    return " ".join(said)


def alternative(found: Sequence[Instance]) -> str:
    """The picture in words."""
    return "; ".join(
        f"{SHORT.get(each.model, each.model)} {each.municipality} {start_words(each)}" for each in found[:10]
    )


def counted(found: Sequence[Instance]) -> str:
    return numbers.counted(len(found), "team", "team", neuter=True)
