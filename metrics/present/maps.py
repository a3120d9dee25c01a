"""The map: real municipality shapes with name and value written on them; no tiles, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.present import shapes
from metrics.present.charts import Spec, frame
from metrics.present.marks import Palette


@dataclass(frozen=True, kw_only=True)
class Place:
    """One municipality on the map."""

    code: str
    name: str
    short: str
    told: str
    fill: str
    ink: str


LETTER = 7.0
"""Room for one letter of a map label, in pixels."""


def _unit(features: Sequence[Spec], height: int) -> float:
    """How much of the map's plane one pixel covers."""
    ys = [y for each in features for polygon in each["geometry"]["coordinates"] for _, y in polygon[0]]
    return (max(ys) - min(ys)) / height if ys else 1.0


def _labels(places: Sequence[Place], unit: float) -> list[Spec]:
    """Name and value at the middle of each shape, moved sideways where they would overlap."""
    widths = [unit * LETTER * max(len(place.name), len(place.short)) for place in places]
    middles = shapes.spread([shapes.middle(place.code) for place in places], widths, unit * 28)
    return [
        {"x": x, "y": y, "text": [place.name, place.short], "ink": place.ink, "told": place.told}
        for place, (x, y) in zip(places, middles, strict=True)
    ]


def region_map(places: Sequence[Place], palette: Palette, height: int = 430, *, named: bool = True) -> Spec:
    """The members' real shapes, filled by verdict; `named`: with name and value written on them."""
    features = [(place, shapes.feature(place.code, {"told": place.told, "fill": place.fill})) for place in places]
    drawn = [found for _, found in features if found]
    projection = {"type": "identity"}
    land = {
        "data": {"values": drawn},
        "projection": projection,
        "mark": {"type": "geoshape", "stroke": palette.ground, "strokeWidth": 1.5 if named else 0.4},
        "encoding": {
            "fill": {"field": "properties.fill", "type": "nominal", "scale": None},
            "tooltip": {"field": "properties.told", "type": "nominal", "title": " "},
        },
    }
    if not named:
        return frame(palette, height=height) | {"layer": [land]}
    labels = _labels([place for place, found in features if found], _unit(drawn, height))
    names = {
        "data": {"values": labels},
        "projection": projection,
        "mark": {"type": "text", "fontSize": 11, "lineHeight": 13, "fontWeight": 600},
        "encoding": {
            "longitude": {"field": "x", "type": "quantitative"},
            "latitude": {"field": "y", "type": "quantitative"},
            "text": {"field": "text", "type": "nominal"},
            "color": {"field": "ink", "type": "nominal", "scale": None},
            "tooltip": {"field": "told", "type": "nominal", "title": " "},
        },
    }
    return frame(palette, height=height) | {"layer": [land, names]}
