"""Schools of a member on one indicator: a funnel, its sentence and its table. Never a ranking.

Everything is made of shown values: the limits are fitted on the schools of the region whose values are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metrics import stats
from metrics.present import charts, html, indicator_tables, numbers
from metrics.present.charts import Spec
from metrics.present.figures import Figure, Figures, once
from metrics.present.indicator import REGION
from metrics.present.marks import Palette
from metrics.release.read import Definition
from metrics.stats.shares import quantile
from metrics.values import STATUS_TEXT, Status

FEWEST = 10
"""With fewer shown schools in the region no limits are drawn."""
STEPS = 60
NAME_HEIGHT = 4.0
"""Points of the value axis that a name takes."""
NAMED_AT_MOST = 6
"""Schools outside the limits whose names stand in the picture; of more they are in the table."""
NOT_THERE = "Den här utgåvan visar inga värden för enskilda skolor."
NO_RANK = (
    "Skolorna står i bokstavsordning. Ett värde utanför gränserna är en fråga att ställa, inte ett betyg på en skola."
)


@dataclass(frozen=True, kw_only=True)
class SchoolsView:
    """One indicator, a member or REGION, and the school year that is asked for."""

    definition: Definition
    area: str
    school_year: str


@dataclass(frozen=True, kw_only=True)
class School:
    """One school's value of an indicator in a period."""

    name: str
    code: str
    member: str
    figure: Figure


@once
def _periods(figures: Figures) -> dict[str, dict[str, str]]:
    """Per indicator with values per school: the last day of every period, and its school year."""
    rows = figures.release.schools[["indicator", "period_to", "school_year"]].drop_duplicates()
    found: dict[str, dict[str, str]] = {}
    for indicator, ends, year in sorted(rows.astype(str).itertuples(index=False, name=None)):
        found.setdefault(indicator, {})[ends] = year
    return found


def there_are(figures: Figures, indicator: str) -> bool:
    """Whether the release as it is served has values per school of an indicator."""
    return indicator in _periods(figures)


def period(figures: Figures, view: SchoolsView) -> str:
    """The last day of the period that is shown: of the chosen school year, or the newest there is."""
    own = _periods(figures)[view.definition.name]
    return ([ends for ends, year in own.items() if year == view.school_year] or list(own))[-1]


def schools(figures: Figures, view: SchoolsView, *, whole_region: bool = False) -> list[School]:
    """The schools of the area in alphabetical order, hidden ones among them."""
    found = _of_period(figures, view.definition.name, period(figures, view))
    return [each for each in found if whole_region or view.area in (REGION, each.member)]


@once
def _of_period(figures: Figures, indicator: str, ends: str) -> list[School]:
    """Every school of the region, in alphabetical order."""
    rows = figures.release.schools
    rows = rows[(rows["indicator"] == indicator) & (rows["period_to"] == ends)]
    return sorted(map(_school, rows.to_dict("records")), key=lambda each: (each.name.casefold(), each.code))


def of_school(figures: Figures, code: str) -> list[School]:
    """Every indicator's newest value of one school; Figure.mark is the indicator."""
    rows = figures.release.schools
    own = rows[rows["school_unit"] == code].sort_values("period_to", kind="stable")
    newest = own.drop_duplicates("indicator", keep="last")
    return [_school(row, mark=str(row["indicator"])) for row in newest.to_dict("records")]


def _school(row: dict[str, object] | dict[object, object], mark: str = "") -> School:
    said = {str(name): value for name, value in row.items()}
    number = {
        name: None if pd.isna(said[name]) else float(str(said[name]))  # type: ignore[call-overload]
        for name in ("value", "low", "high", "numerator", "denominator")
    }
    area, code = str(said["area"]), str(said["school_unit"])
    figure = Figure(
        area=area,
        area_type="school_unit",
        school_year=str(said["school_year"]),
        label=str(said["school_year"]),
        status=str(said["status"]),
        mark=mark,
        period_to=str(said["period_to"]),
        value=number["value"],
        low=number["low"],
        high=number["high"],
        numerator=number["numerator"],
        denominator=number["denominator"],
    )
    return School(name=area.removesuffix(f" ({code})"), code=code, member=str(said["municipality"]), figure=figure)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits by number of pupils: columns size, low and high in percent, with over-dispersion and without."""

    target: float
    adjusted: pd.DataFrame
    plain: pd.DataFrame
    outside: frozenset[str]
    """Codes of shown schools outside the adjusted limits of 99,8 percent."""


def limits(figures: Figures, view: SchoolsView) -> Limits | None:
    """The region's funnel, fitted on shown schools only; None where they are too few."""
    return _limits(figures, view.definition.name, period(figures, view))


@once
def _limits(figures: Figures, indicator: str, ends: str) -> Limits | None:
    seen = [each for each in _of_period(figures, indicator, ends) if each.figure.shown]
    if len(seen) < FEWEST:
        return None
    top, size = (
        np.array([getattr(each.figure, name) for each in seen], float) for name in ("numerator", "denominator")
    )
    funnel = stats.funnel_limits(top, size)
    outside = frozenset(each.code for each, out in zip(seen, funnel.outliers(), strict=True) if out)
    sizes = np.linspace(size.min(), size.max(), STEPS)
    error = 0.5 / np.sqrt(sizes)
    return Limits(
        target=100 * funnel.target,
        adjusted=_curve(sizes, funnel.target, np.sqrt(error**2 + funnel.tau2)),
        plain=_curve(sizes, funnel.target, error),
        outside=outside,
    )


def _curve(sizes: np.ndarray, target: float, error: np.ndarray) -> pd.DataFrame:
    """The limits of 99,8 percent on the arcsine scale, as `stats.funnel_limits` has them, for any number of pupils."""
    centre, z = np.arcsin(np.sqrt(target)), quantile(stats.CLEAR)
    ends = {
        name: 100 * np.sin(np.clip(centre + sign * z * error, 0, np.pi / 2)) ** 2
        for name, sign in (("low", -1), ("high", 1))
    }
    return pd.DataFrame({"size": sizes, **ends})


def sentence(figures: Figures, view: SchoolsView) -> str:
    """How many schools are shown, and whether any lies outside what chance and ordinary differences give."""
    found = schools(figures, view)
    where = figures.region_name if view.area == REGION else view.area
    if not found:
        return f"Utgåvan har inga skolor i {where} för det här måttet."
    seen = [each for each in found if each.figure.shown]
    start = _shown_of(len(seen), len(found), where)
    if not seen:
        return start
    band = limits(figures, view)
    if band is None:
        return f"{start} De är för få i {figures.region_name} för att gränser ska kunna räknas ut."
    out = sum(each.code in band.outside for each in seen)
    word = _outside(out, len(seen))
    return f"{start} {word} utanför vad slump och vanliga skillnader mellan skolor ger. {NO_RANK}"


def _shown_of(shown: int, whole: int, where: str) -> str:
    """How many of the schools are shown, and that the others are hidden."""
    if whole == 1:
        said = "**visas**" if shown else "är **dold för att skydda enskilda**"
        return f"Den enda skolan i {where} {said}."
    counted = numbers.counted(whole, "skola", "skolor")
    if not shown:
        return f"Alla {counted} i {where} är **dolda för att skydda enskilda**."
    if shown == whole:
        return f"Alla {counted} i {where} **visas**."
    hidden = whole - shown
    rest = f"{numbers.word(hidden)} är {'dold' if hidden == 1 else 'dolda'} för att skydda enskilda"
    return f"Av {counted} i {where} visas **{numbers.word(shown)}**; {rest}."


def _outside(out: int, shown: int) -> str:
    """The schools that lie outside the limits, of those shown."""
    if shown == 1:
        return "Den som visas ligger" if out else "Den som visas ligger inte"
    word = "Ingen" if not out else numbers.capital(numbers.word(out))
    return f"{word} av dem som visas ligger"


def picture(figures: Figures, view: SchoolsView, palette: Palette) -> Spec:
    """The funnel: a point per shown school by its number of pupils, limits with and without over-dispersion."""
    seen = [each for each in schools(figures, view) if each.figure.shown]
    band = limits(figures, view)
    y: Spec = {
        "field": "value",
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": charts.value_axis(view.definition),
    }
    x: Spec = {
        "field": "size",
        "type": "quantitative",
        "scale": {"zero": False} | ({"nice": False, "domain": _sizes(band)} if band else {}),
        "axis": {"title": "Antal elever", "grid": False, "tickCount": 6},
    }
    layers: list[Spec] = []
    if band:
        for curve, dash in ((band.adjusted, []), (band.plain, [3, 3])):
            layers += [_limit(curve, end, dash, x, y, palette) for end in ("low", "high")]
        layers.append(
            {
                "data": {"values": [{"value": band.target}]},
                "mark": {"type": "rule", "color": palette.quiet, "strokeWidth": 1},
                "encoding": {"y": y},
            }
        )
        layers += [_names_of_limits(band, x, y, palette), _names_outside(seen, band, x, y, palette)]
    rows = [
        {
            "size": each.figure.denominator,
            "value": each.figure.value,
            "told": f"{each.name}: {numbers.in_unit(each.figure.value or 0.0, view.definition.unit, view.definition.decimals)},"
            f" n {numbers.count(each.figure.denominator or 0.0)}",
        }
        for each in seen
    ]
    layers.append(
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 60, "opacity": 0.85, "color": palette.ink},
            "encoding": {"x": x, "y": y, "tooltip": {"field": "told", "type": "nominal", "title": " "}},
        }
    )
    return charts.frame(palette) | {"layer": layers}


def _sizes(band: Limits) -> list[float]:
    """Of the limits, which are the region's also where one member's schools are seen: from none, or a little below the
    smallest school where all are large, to the largest. The limits' names stand behind it."""
    smallest, largest = float(band.plain["size"].iloc[0]), float(band.plain["size"].iloc[-1])
    return [0.0 if smallest < 0.4 * largest else 0.9 * smallest, largest]


def _names_of_limits(band: Limits, x: Spec, y: Spec, palette: Palette) -> Spec:
    """What each line is, at its right end."""
    ends = ((band.adjusted, "high", "vanliga skillnader"), (band.plain, "high", "bara slump"))
    rows = [
        {"size": float(curve["size"].iloc[-1]), "value": round(float(curve[end].iloc[-1]), 3), "text": text}
        for curve, end, text in ends
    ]
    rows.append({"size": float(band.plain["size"].iloc[-1]), "value": round(band.target, 3), "text": "mitten"})
    return _texts(rows, x, y, {"align": "left", "dx": 10, "color": palette.quiet, "fontSize": 12})


def _in_the_way(row: Mapping[str, Any], other: Mapping[str, Any], widest: float) -> bool:
    """Whether two names would be written over each other: a name is a quarter of the picture wide."""
    return abs(row["value"] - other["value"]) < NAME_HEIGHT and abs(row["size"] - other["size"]) < widest / 4


def _names_outside(seen: Sequence[School], band: Limits, x: Spec, y: Spec, palette: Palette) -> Spec:
    """The names of the shown schools outside the limits, where they are few enough to be read and have room."""
    outside = [each for each in seen if each.code in band.outside]
    rows: list[dict[str, Any]] = [
        {"size": each.figure.denominator or 0.0, "value": each.figure.value or 0.0, "text": each.name}
        for each in outside
    ]
    widest = float(band.plain["size"].iloc[-1])
    roomy = [
        row
        for row in rows
        if row["size"] <= widest / 2 and not any(_in_the_way(row, other, widest) for other in rows if other is not row)
    ]
    named = roomy if len(outside) <= NAMED_AT_MOST else []
    return _texts(named, x, y, {"align": "left", "dx": 9, "color": palette.ink, "fontSize": 12})


def _texts(rows: Sequence[Mapping[str, object]], x: Spec, y: Spec, mark: Spec) -> Spec:
    return {
        "data": {"values": rows},
        "mark": {"type": "text", "baseline": "middle"} | mark,
        "encoding": {"x": x, "y": y, "text": {"field": "text", "type": "nominal"}},
    }


def _limit(curve: pd.DataFrame, end: str, dash: list[int], x: Spec, y: Spec, palette: Palette) -> Spec:
    rows = [
        {"size": round(size, 1), "value": round(value, 3)}
        for size, value in zip(curve["size"], curve[end], strict=True)
    ]
    return {
        "data": {"values": rows},
        "mark": {"type": "line", "color": palette.quiet, "strokeWidth": 1.2, **({"strokeDash": dash} if dash else {})},
        "encoding": {"x": x, "y": y},
    }


def twin(figures: Figures, view: SchoolsView) -> str:
    """The table behind the funnel, in alphabetical order."""
    band = limits(figures, view)
    head = ["Skola", "Skolenhetskod", "Värde", "95 % säkerhet", "Täljare", "Nämnare", "Mot gränserna"]
    rows = []
    for each in schools(figures, view):
        place = ""
        if band and each.figure.shown:
            place = "utanför" if each.code in band.outside else "innanför"
        rows.append([each.name, each.code, *indicator_tables.figure_cells(each.figure, view.definition), place])
    note = (
        "Heldragna gränser (99,8 %) räknar med att skolor skiljer sig åt av vanliga skäl; prickade räknar med slump enbart. "
        f"De är anpassade till de skolor i {figures.region_name} som visas. De är inte alla: en skola där få saknar utfallet kan inte visas, så mitten kan ligga vid sidan av regionens värde. {STATUS_TEXT[Status.HIDDEN].capitalize()}: "
        "färre än tio elever i skolan kan annars räknas fram."
    )
    table = html.listing("Skolorna", head, rows, text_columns=2)
    return html.details("Tabell: skolorna", html.paragraphs(note) + table)
