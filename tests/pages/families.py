"""A synthetic release with indicators of every kind: terms and calendar years, stages, every unit and every status."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from metrics import catalogue, stats
from metrics.declare import Indicator
from metrics.judgement import judge
from metrics.layout import layout_of
from metrics.present.lines import LEADING
from metrics.release.read import TABLES, Definition
from metrics.values import LONG_COLUMNS, NUMBER_COLUMNS, Published, Status
from metrics.vocabulary import GR, Period, parse_period, school_year_label
from tests.unit import evaluated_region

SPRINGS = range(2020, 2026)
STAGES = ("F-3", "4-6", "7-9")
WITHOUT_INTERVAL = ("mean", "per_1000")
ABSENT = {"Närvaro": ("Tjörn", "Öckerö")}
"""Members that have not delivered the newest period of a theme."""


def write_families(folder: Path) -> Path:
    """A release folder with indicators of every kind at `folder`."""
    (folder / "open").mkdir(parents=True, exist_ok=True)
    declared = chosen(list(catalogue.default().indicators.values()))
    random = np.random.default_rng(4)
    values = pd.concat([_indicator(each, random) for each in declared], ignore_index=True)
    values = values.assign(release="families-3", definition_version=1).reindex(columns=list(LONG_COLUMNS))
    values[list(NUMBER_COLUMNS)] = values[list(NUMBER_COLUMNS)].astype(float)
    tables = {name: pd.DataFrame(columns=list(columns)) for name, columns in TABLES.items()}
    definitions = {each.name: definition_of(each) for each in declared}
    tables["values"] = values
    tables["verdicts"], tables["trends"] = judge(Published(values=values), definitions)
    tables["evaluations"], tables["register"] = evaluated_region.table(), evaluated_region.register()
    tables["reached_pupils"] = evaluated_region.reached_pupils()
    for name, table in tables.items():
        table.to_parquet(folder / "open" / f"{name}.parquet")
    text = json.dumps([dataclasses.asdict(each) for each in definitions.values()], ensure_ascii=False)
    (folder / "open" / "definitions.json").write_text(text, encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(_manifest(folder), ensure_ascii=False), encoding="utf-8")
    return folder


def definition_of(indicator: Indicator) -> Definition:
    """The declaration as a release carries it."""
    said = dataclasses.asdict(indicator) | {"version": 1}
    names = {field.name for field in dataclasses.fields(Definition)}
    plain = json.loads(json.dumps({name: said[name] for name in names if name in said}, default=str))
    return Definition(**(plain | {"dimensions": tuple(plain["dimensions"])}))


def _manifest(folder: Path) -> dict[str, object]:
    members = [{"code": member.code, "name": member.name} for member in GR.members]
    files = sorted((folder / "open").iterdir())
    return {
        "id": "families-3",
        "number": 3,
        "created": "2026-11-22T09:00:00+00:00",
        "note": "Påhittade elever för att prova sidorna",
        "example": True,
        "main_provider": "municipal",
        "region": {"name": GR.name, "title": GR.title, "members": members},
        "checksums": {f"open/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
    }


def _periods(kind: str) -> list[Period]:
    if kind == "term":
        return [parse_period(f"{term} {spring - (term == 'HT')}", kind) for spring in SPRINGS for term in ("HT", "VT")]
    if kind == "calendar_year":
        return [parse_period(str(year), kind) for year in SPRINGS]
    return [parse_period(school_year_label(spring), "school_year") for spring in SPRINGS]


def _indicator(indicator: Indicator, random: np.random.Generator) -> pd.DataFrame:
    """Own totals of members, region and the region without each member, girls and boys, by stage where declared."""
    layout = layout_of(indicator.population)
    cut = any("stage" in table.by for table in layout.tables)
    stages = STAGES if layout.by_stage else ("all", *STAGES) if cut else ("all",)
    levels = random.normal(0.6, 0.15, len(GR.members))
    frames = [
        _areas(indicator, period, number, stage, levels, random)
        for number, period in enumerate(_periods(indicator.period_kind))
        for stage in stages
    ]
    found = pd.concat(frames, ignore_index=True)
    fixed = {"indicator": indicator.name, "series": "own", "perspective": indicator.perspective, "provider": "all"}
    return found.assign(**fixed, model="all", background="all", mark="")


def _areas(
    indicator: Indicator, period: Period, number: int, stage: str, levels: np.ndarray, random: np.random.Generator
) -> pd.DataFrame:
    newest = number == len(_periods(indicator.period_kind)) - 1
    absent = ABSENT.get(indicator.theme, ()) if newest else ()
    names = [member.name for member in GR.members]
    sizes = random.integers(12, 900, len(names))
    shares = np.clip(levels + random.normal(0.0, 0.01, len(names)), 0.0, 1.0)
    counts = pd.DataFrame({"area": names, "denominator": sizes, "numerator": random.binomial(sizes, shares)})
    there = counts[~counts["area"].isin(absent)]
    girls = there.assign(**_half(there), sex="girls")
    boys = there.assign(
        denominator=there["denominator"] - girls["denominator"],
        numerator=there["numerator"] - girls["numerator"],
        sex="boys",
    )
    rows = [there.assign(area_type="municipality", sex="all"), girls, boys, _region(there, len(names))]
    rows += [] if absent else [_rest(there)]
    found = pd.concat(rows, ignore_index=True).fillna({"area_type": "municipality", "sex": "all"})
    found = _valued(found, indicator, newest and "within_4" in indicator.name)
    gone = pd.DataFrame({"area": absent, "area_type": "municipality", "sex": "all", "status": Status.MISSING.value})
    place = {
        "stage": stage,
        "period_kind": period.kind,
        "period_from": period.start.isoformat(),
        "period_to": period.end.isoformat(),
        "school_year": period.school_year,
    }
    return pd.concat([found.assign(**place), gone.assign(**place)], ignore_index=True)


def _half(counts: pd.DataFrame) -> dict[str, pd.Series]:
    return {"denominator": counts["denominator"] // 2, "numerator": counts["numerator"] // 2}


def _region(there: pd.DataFrame, members: int) -> pd.DataFrame:
    name = GR.name if len(there) == members else f"{GR.name}, {len(there)} av {members}"
    sums = there[["denominator", "numerator"]].sum()
    return pd.DataFrame([{"area": name, "area_type": "region", "sex": "all", **sums}])


def _rest(there: pd.DataFrame) -> pd.DataFrame:
    sums = there[["denominator", "numerator"]].sum()
    return there.assign(
        denominator=sums["denominator"] - there["denominator"],
        numerator=sums["numerator"] - there["numerator"],
        area_type="rest_of_region",
        sex="all",
    )


def _valued(found: pd.DataFrame, indicator: Indicator, late: bool) -> pd.DataFrame:
    share = found["numerator"] / found["denominator"]
    scale = {"mean": 240.0, "per_1000": 30.0}.get(indicator.unit, 100.0)
    low, high = stats.wilson_interval(found["numerator"].to_numpy(), found["denominator"].to_numpy())
    found = found.assign(value=share * scale, low=low * scale, high=high * scale)
    if indicator.unit in WITHOUT_INTERVAL:
        found[["numerator", "low", "high"]] = np.nan
    small = np.minimum(found["denominator"], found["denominator"] * np.minimum(share, 1 - share)) < 10
    found["status"] = np.where(small, Status.HIDDEN.value, Status.SHOWN.value)
    if late:
        found["status"] = Status.NOT_YET_OBSERVABLE.value
    found.loc[found["status"] != Status.SHOWN, list(NUMBER_COLUMNS)] = np.nan
    return found


def chosen(indicators: Sequence[Indicator]) -> list[Indicator]:
    """The leading indicators, and one of each theme, unit, kind of period and polarity: what pages must tell apart."""
    seen: dict[tuple[str, str, str, str], str] = {}
    for each in indicators:
        seen.setdefault((each.theme, each.unit, each.period_kind, each.polarity), each.name)
    return [each for each in indicators if each.name in LEADING or each.name in seen.values()]
