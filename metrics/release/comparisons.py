"""A release's comparisons: what background leads one to expect of each model type, combinations, and similar schools."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.compared.schools import has, pupils_by_school, similar
from metrics.declare import Indicator
from metrics.layout import COMPARED, REGION_BY_MODEL, Layout
from metrics.protect import comparisons as gate
from metrics.protect.known import KnownSum
from metrics.protect.thresholds import Thresholds
from metrics.release.read import TABLES
from metrics.release.slices import SET, Flags, Floats, Slice, slices
from metrics.values import Counts, Published, Status
from metrics.vocabulary import ALL, Region, parse_period

Row = dict[str, Any]
Key = tuple[str, ...]

KEYS = ("indicator", "kind", "model", "provider", "stage", "period")
NUMBERS = ("value", "value_step", "expected", "expected_step", "dispersion", "pupils", "schools", "municipalities")
EXPECTED = ("expected", "expected_step", "dispersion")
NEAREST_TEN = 5.0
"""How far a number of pupils to the nearest ten can be from the true one."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """How comparisons are made. earlier: the table of the release before, whatever became of that release."""

    region: Region
    thresholds: Thresholds
    earlier: pd.DataFrame
    _found: dict[Key, Mapping[str, Any]] = field(default_factory=dict)

    def before(self, row: Mapping[str, Any], column: str) -> float | None:
        """What the release before told of the same row."""
        if not self._found and len(self.earlier):
            rows = [{str(name): value for name, value in each.items()} for each in self.earlier.to_dict("records")]
            self._found.update({tuple(str(each[key]) for key in KEYS): each for each in rows})
        value = self._found.get(tuple(str(row[key]) for key in KEYS), {}).get(column)
        return None if value is None or pd.isna(value) else float(value)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """The comparisons of a family before its counts are protected, and what they tell of those counts."""

    rows: Sequence[Row] = ()
    known: Sequence[KnownSum] = ()
    indicators: Sequence[str] = ()
    period_kind: str = ""


def prepare(
    source: Source,
    connection: engine.Connection,
    catalogue: Catalogue,
    counts: Counts,
    layout: Layout,
    *,
    periods: Collection[str],
) -> Prepared:
    """The comparisons of a family in these periods, with its pupils by school read from the vault.

    Nothing where it is not cut by model. Of other periods what the release before told stands.
    """
    family = catalogue.family(counts.population)
    asked = [each for each in family if each.name in COMPARED and f"{each.name}__numerator" in counts.inner]
    if not asked or REGION_BY_MODEL not in layout.tables:
        return Prepared()
    names = [each.name for each in asked]
    if not periods:
        return Prepared(indicators=names, period_kind=counts.period_kind)
    own = counts.inner["period"].isin(set(periods))
    some = replace(counts, inner=counts.inner[own].reset_index(drop=True))
    return compared(source, some, asked, layout, pupils_by_school(connection, catalogue, asked, periods))


def compared(
    source: Source, counts: Counts, indicators: Sequence[Indicator], layout: Layout, schools: pd.DataFrame
) -> Prepared:
    """The comparisons of these indicators of one family; `schools` as compared.schools.pupils_by_school makes them."""
    rows: list[Row] = []
    known: list[KnownSum] = []
    for part in slices(counts, indicators, layout, source.region, schools):
        combined = [row for models in part.combinations for row in _combination(source, part, models)]
        known += [each for row in combined for each in _known(part, row)]
        rows += [row for model in part.types for row in (*_model(source, part, model), *_similar(source, part, model))]
        rows += combined
    names = [each.name for each in indicators]
    return Prepared(rows=rows, known=known, indicators=names, period_kind=counts.period_kind)


def told(source: Source, prepared: Prepared, published: Published, report: Mapping[str, Any]) -> pd.DataFrame:
    """The comparisons that may be read: of periods solved now, and of the others what the release before told.

    report: the gate's. An expected value is told only where the value beside it, and the whole region's, are shown; a
    combination's only where it may be told beside the tables.
    """
    now, beside = set(report["solved"]), set(report["beside"])
    shown = _shown(published)
    rows = [_with_status(row, prepared.period_kind, shown, beside) for row in prepared.rows if row["period"] in now]
    made = pd.DataFrame(rows, columns=list(TABLES["comparisons"]))
    before = source.earlier
    standing = before[before["indicator"].isin(prepared.indicators) & ~before["period"].isin(now)]
    return joined([made, standing])


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The tables under each other, in a fixed order."""
    columns = list(TABLES["comparisons"])
    rows = [row for part in parts for row in part.reindex(columns=columns).astype(object).to_dict("records")]
    made = pd.DataFrame(rows, columns=columns)
    for name in NUMBERS:
        made[name] = pd.to_numeric(made[name], errors="coerce").astype(float)
    return made.sort_values(list(KEYS), kind="stable").reset_index(drop=True)


def _shown(published: Published) -> set[Key]:
    """The region's values by model that are shown: indicator, model, provider, stage and the period's last day."""
    values = published.values
    own = values[
        (values["status"] == Status.SHOWN)
        & (values["area_type"] == "region")
        & (values["sex"] == ALL)
        & (values["background"] == ALL)
        & (values["period_kind"] != "pooled")
        & (values["series"] == "own")
    ]
    return set(own[["indicator", "model", "provider", "stage", "period_to"]].itertuples(index=False, name=None))


def _with_status(row: Row, period_kind: str, shown: set[Key], beside: set[Key]) -> Row:
    """A row as it may be told: nothing where the region's value is not shown, or a combination may not be told."""
    ends = parse_period(row["period"], period_kind).end.isoformat()
    about = {model: (row["indicator"], model, row["provider"], row["stage"], ends) for model in (row["model"], ALL)}
    apart = row["kind"] == "combination" and (row["period"], row["stage"], SET + row["model"]) not in beside
    if apart or about[ALL] not in shown:
        return row | dict.fromkeys(NUMBERS) | {"status": Status.HIDDEN.value}
    if row["kind"] == "model" and about[row["model"]] not in shown:
        return row | dict.fromkeys(EXPECTED) | {"status": Status.HIDDEN.value}
    return row


def _row(part: Slice, indicator: Indicator, kind: str, model: str) -> Row:
    blank = dict.fromkeys(TABLES["comparisons"])
    said = {"indicator": indicator.name, "kind": kind, "model": model, "provider": part.whole.provider}
    when = {"stage": part.stage, "period": part.period, "adjusted_for": "", "status": Status.HIDDEN.value}
    return blank | said | when


def _model(source: Source, part: Slice, model: str) -> list[Row]:
    """A model type beside its expected value; its own value is a cell of the tables."""
    rows = [_row(part, each, "model", model) for each in part.indicators]
    behind = part.behind(lambda models: has(models, model))
    for row in rows:
        row |= {"schools": len(behind), "municipalities": int(behind["municipality"].nunique())}
    if gate.spread_out(behind["pupils"].tolist()):
        _expect(source, part, rows, _of_kinds(part, part.groups[model].inner))
        for row in rows:
            row["status"] = (Status.HIDDEN if row["expected"] is None else Status.SHOWN).value
    return rows


def _combination(source: Source, part: Slice, models: str) -> list[Row]:
    """The schools with exactly these models, as rounded shares."""
    rows = [_row(part, each, "combination", models) for each in part.indicators]
    behind = part.behind(lambda found: found == models)
    group, sums = part.groups[SET + models].inner, part.sums()
    for row in rows:
        _tell_value(source, row, part.of(row["indicator"]), group, sums, behind)
    _expect(source, part, [row for row in rows if row["value"] is not None], _of_kinds(part, group))
    return rows


def _similar(source: Source, part: Slice, model: str) -> list[Row]:
    """The schools without the model that resemble those with it, chosen once for all indicators by the first."""
    rows = [_row(part, each, "similar", model) for each in part.indicators]
    first = next((each.name for each in part.indicators if each.name in part.models), "")
    if not first:
        return rows
    schools = part.tables[first]
    chosen = similar(schools.assign(expected=schools["expected"] / schools["pupils"]), model)
    for row in rows if chosen else ():
        table = part.tables[row["indicator"]]
        group = table["school_unit"].isin(chosen).to_numpy()
        numbers = (table["observed"].to_numpy(float), table["pupils"].to_numpy(float))
        _tell_value(source, row, numbers, group, part.school_sums(table["models"]), table[group])
    _expect(source, part, [row for row in rows if row["value"] is not None], _of_schools(part, chosen))
    return rows


def _tell_value(
    source: Source, row: Row, numbers: tuple[Floats, Floats], group: Flags, sums: Sequence[Flags], behind: pd.DataFrame
) -> None:
    """Fill in a group's rounded share and what stands behind it, where it may be told."""
    numerator, denominator = numbers
    n, pupils = float(numerator[group].sum()), float(denominator[group].sum())
    step = gate.step_of(pupils, 1.0, source.thresholds)
    if step is None or not gate.spread_out(behind["pupils"].tolist()):
        return
    if not gate.many_enough(n, pupils, source.thresholds):
        return
    if not gate.apart_from(group, sums, numerator, denominator, source.thresholds):
        return
    row |= {
        "value": gate.at_step(100 * n / pupils, step, source.before(row, "value")),
        "value_step": step,
        "pupils": round(pupils / 10) * 10,
        "schools": len(behind),
        "municipalities": int(behind["municipality"].nunique()),
        "status": Status.SHOWN.value,
    }


Expected = Mapping[str, tuple[float, float]]
"""Per indicator with a fitted model: how many of a group's pupils are expected to have the outcome, and how many they are."""


def _of_kinds(part: Slice, group: Flags) -> Expected:
    pupils = {name: part.of(name)[1] * group for name in part.models}
    return {name: (float((each * part.chances[name]).sum()), float(each.sum())) for name, each in pupils.items()}


def _of_schools(part: Slice, chosen: Sequence[str]) -> Expected:
    own = {name: part.tables[name][part.tables[name]["school_unit"].isin(chosen)] for name in part.models}
    return {name: (float(found["expected"].sum()), float(found["pupils"].sum())) for name, found in own.items()}


def _expect(source: Source, part: Slice, rows: Sequence[Row], expected: Expected) -> None:
    """Fill in the expected values of one group, one row per indicator, as far as they may be told together."""
    asked = [row for row in rows if expected.get(row["indicator"], (0.0, 0.0))[1] > 0]
    if not asked:
        return
    found = [expected[row["indicator"]] for row in asked]
    made = gate.expected_values(
        [outcome / pupils for outcome, pupils in found],
        part.kinds([row["indicator"] for row in asked]),
        min(pupils for _, pupils in found),
        source.thresholds,
        [source.before(row, "expected") for row in asked],
    )
    for row, (value, step) in zip(asked, made or (), strict=False):
        row |= {
            "expected": value,
            "expected_step": step,
            "dispersion": part.dispersions[row["indicator"]],
            "adjusted_for": "|".join(part.models[row["indicator"]].fields),
        }


def _known(part: Slice, row: Row) -> Iterator[KnownSum]:
    """What a reader knows of a combination's counts, as the gate of the tables takes it; the share as of the exact number of pupils."""
    if row["value"] is None:
        return
    group = part.groups[SET + row["model"]]
    numerator, denominator = (float(each[group.inner].sum()) for each in part.of(row["indicator"]))
    half = max(row["value_step"] / 2, abs(100 * numerator / denominator - row["value"]))
    low, high = ((row["value"] + sign * half) / 100 * denominator for sign in (-1, 1))
    about = {
        "period": part.period, "indicator": row["indicator"], "area": group.area, "sex": ALL,
        "provider": group.provider, "stage": part.stage, "model": group.model,
    }  # fmt: skip
    yield KnownSum(**about, part="denominator", low=row["pupils"] - NEAREST_TEN, high=row["pupils"] + NEAREST_TEN)
    yield KnownSum(**about, part="numerator", low=max(low, 0.0), high=min(high, denominator))
