"""From a layout to groups of pupils: which inner rows every published row of a period sums, and which it implies.

A group that is not published (pupils of unknown sex, the set of models behind overlapping sums, a member without a
model) can still follow from those that are, so it is protected with them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.layout import Layout, Table
from metrics.protect.unfold import FAMILY, family_of
from metrics.vocabulary import ALL, BACKGROUND_FIELDS, NO_MODEL, PROVIDERS, SEXES, STAGES, Region

Flags = NDArray[np.bool_]

CUT_WEIGHT = {"sex": 8.0, "model": 1.0, "provider": 1.0}
AREA_WEIGHT = {"members": 1.5, "region": 1.2, "rest_of_region": 0.8, "school_units": 1.0}
TOTAL_WEIGHT = 40.0
EVEN_SEX, EVEN_REGION, EVEN_MODEL = 16.0, 2.0, 6.0
"""The same of sex, of the region and of its models where totals and numbers by sex weigh alike whatever they count."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """One row of a layout for one period: its keys, its inner rows, and what hiding it costs."""

    area_type: str
    area: str
    codes: frozenset[str]
    provider: str
    stage: str
    model: str
    sex: str
    background: str
    inner: Flags
    published: bool
    complete: bool
    weight: float
    of_main_provider: bool
    """Whether its provider is the counts' main one: then it is no cut."""
    schools: int = 1
    """It is told where every provider of its area has at least so many school units."""
    even: bool = False
    """Whether its numbers weigh alike, whatever they count."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """One value of one dimension, the inner rows that have it, and whether it is a row of its own."""

    dimension: str
    value: str
    inner: Flags
    published: bool = True


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose rows a table is about in one period."""

    region: Region
    column: str
    main_provider: str
    missing: Collection[tuple[str, str]]
    """(municipality code, provider) that should have been delivered and were not."""

    def absent(self, code: str, provider: str) -> bool:
        """Whether a member's figures for this provider are incomplete."""
        parts = set(PROVIDERS) if provider == ALL else {ALL, provider}
        return any((code, part) in self.missing for part in parts)


def groups_of(inner: pd.DataFrame, layout: Layout, place: Place) -> list[Group]:
    """Every group of the layout that has a contributor in these inner rows of one period.

    Of unfolded inner rows a table sees those of its own family.
    """
    stages = sorted(set(inner["stage"]) - {""}) if layout.by_stage else [ALL]
    some = inner["contributors"].to_numpy() > 0
    made: list[Group] = []
    for table, stage in product((table for table in layout.tables if table.pooled == 1), stages):
        family = family_of(table.by)
        own = (inner[FAMILY] == family).to_numpy() if FAMILY in inner.columns else np.ones(len(inner), bool)
        of_stage = own if stage == ALL else own & (inner["stage"] == stage).to_numpy()
        made.extend(_table_groups(inner, table, place, stage, of_stage, some, layout))
    return made


def _table_groups(
    inner: pd.DataFrame, table: Table, place: Place, stage: str, of_stage: Flags, some: Flags, layout: Layout
) -> Iterator[Group]:
    pupils = inner["contributors"].to_numpy(dtype=float)
    for cuts in product(*(_cuts(inner, dimension, table, place) for dimension in ("provider", *_by(table)))):
        chosen = {cut.dimension: cut.value for cut in cuts}
        mask = np.logical_and.reduce([of_stage, *(cut.inner for cut in cuts)])
        everyone = max(float(pupils[mask].sum()), 1.0)
        for area_type, area, codes, complete, of_area in _areas(inner, table.areas, place, chosen["provider"]):
            if (mask & of_area & some).any():
                yield Group(
                    area_type=area_type,
                    area=area,
                    codes=codes,
                    provider=chosen["provider"],
                    stage=chosen.get("stage", stage),
                    model=chosen.get("model", ALL),
                    sex=chosen.get("sex", ALL),
                    background=next((chosen[name] for name in BACKGROUND_FIELDS if name in chosen), ALL),
                    inner=mask & of_area,
                    published=all(cut.published for cut in cuts),
                    complete=complete,
                    weight=_weight(table, layout, float(pupils[mask & of_area].sum()) / everyone),
                    of_main_provider=chosen["provider"] == place.main_provider,
                    schools=table.schools,
                    even=layout.even and set(table.by) <= {"sex"},
                )


def _by(table: Table) -> tuple[str, ...]:
    return tuple(name for name in table.by if name != "provider")


def _weight(table: Table, layout: Layout, part: float) -> float:
    """What it costs to hide a row of this table. part: of everyone in its cut, the part that is in its area (0-1)."""
    even, more = layout.even, 0.0 if table.by else layout.by_share * part
    dear = {"sex": EVEN_SEX} | ({"model": EVEN_MODEL} if table.areas == "region" else {})
    cuts = CUT_WEIGHT | dear if even else CUT_WEIGHT
    areas = AREA_WEIGHT | {"region": EVEN_REGION} if even else AREA_WEIGHT
    return (1.0 + more) * areas[table.areas] * max((cuts.get(name, 1.0) for name in table.by), default=TOTAL_WEIGHT)


Area = tuple[str, str, frozenset[str], bool, Flags]


def _areas(inner: pd.DataFrame, areas: str, place: Place, provider: str) -> Iterator[Area]:
    """Type, name, member codes, whether all are in, and inner rows of every area of a table."""
    codes = inner[place.column].to_numpy()
    present = [code for code in place.region.codes if not place.absent(code, provider)]
    whole = len(present) == len(place.region.codes)
    if areas == "members":
        for member in place.region.members:
            yield "municipality", member.name, frozenset([member.code]), member.code in present, codes == member.code
    elif areas == "region":
        name = place.region.name if whole else f"{place.region.name}, {len(present)} av {len(place.region.codes)}"
        yield "region", name, frozenset(present), True, np.isin(codes, present)
    elif areas == "rest_of_region":
        for member in place.region.members if len(place.region.members) > 1 else ():
            others = [code for code in place.region.codes if code != member.code]
            yield "rest_of_region", member.name, frozenset(others), whole, np.isin(codes, others)
    else:
        yield from _schools(inner)


def _schools(inner: pd.DataFrame) -> Iterator[Area]:
    first, last = inner["school_first"].to_numpy(), inner["school_last"].to_numpy()
    for unit in sorted(set(first[first == last])):
        yield "school_unit", str(unit), frozenset(), True, (first == unit) & (last == unit)


def _cuts(inner: pd.DataFrame, dimension: str, table: Table, place: Place) -> list[Cut]:
    if dimension == "provider":
        return _provider_cuts(inner, table, place)
    if dimension == "model":
        return _model_cuts(inner, table)
    listed = {"sex": SEXES, "stage": STAGES, **BACKGROUND_FIELDS}[dimension]
    values = inner[dimension].to_numpy()
    shown = [value for value in sorted(set(values)) if value in (table.only or listed)]
    cuts = [Cut(dimension=dimension, value=str(value), inner=values == value) for value in shown]
    rest = ~np.isin(values, shown)
    if rest.any():
        cuts.append(Cut(dimension=dimension, value=f"other:{dimension}", inner=rest, published=False))
    return cuts


def _provider_cuts(inner: pd.DataFrame, table: Table, place: Place) -> list[Cut]:
    values = inner["provider"].to_numpy()
    only_main = place.main_provider != ALL and set(values) <= {place.main_provider, ""}
    wanted = [] if only_main else [code for code in PROVIDERS if code != place.main_provider]
    chosen = wanted if "provider" in table.by else [place.main_provider]
    return [
        Cut(dimension="provider", value=code, inner=np.ones(len(inner), bool) if code == ALL else values == code)
        for code in chosen
    ]


def _model_cuts(inner: pd.DataFrame, table: Table) -> list[Cut]:
    """A row per type and one for none; the sets behind them and the schools without a type only where they follow."""
    sets = inner["models"].to_numpy()
    split = {value: frozenset(filter(None, value.split("|"))) for value in set(sets)}
    types = sorted(set().union(*split.values()))
    benchmark = table.areas == "region" and table.by == ("model",)
    cuts = [("none", NO_MODEL, np.array([not split[value] for value in sets], bool), True)]
    for name in types:
        has = np.array([name in split[value] for value in sets], bool)
        cuts += [(name, name, has, True), (name, f"without:{name}", ~has, benchmark)]
    cuts += [("set", f"set:{value}", sets == value, False) for value in sorted(split) if len(split[value]) > 1]
    return [Cut(dimension="model", value=value, inner=mask, published=shown) for _, value, mask, shown in cuts]
