"""Writes synthetic release folders in the format of metrics.release.read, so that pages can be tried in every state.

The numbers come from a seeded generator shaped like the published ones; hiding here is a plain threshold, since what
pages need is hidden cells in many places, not the gate.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from metrics import stats
from metrics.indicators.year9_results import INDICATORS
from metrics.judgement import judge
from metrics.layout import OPEN_TABLES, Table
from metrics.release.read import TABLES, Definition
from metrics.values import LONG_COLUMNS, NUMBER_COLUMNS, Published, Status
from metrics.vocabulary import BACKGROUND_FIELDS, GR, REFERENCE_FOLDER, Region, pooled_school_years, school_year
from tests.pages.compared import compared_table
from tests.pages.families import write_families
from tests.pages.register import register_tables

ROOT = Path(__file__).resolve().parent.parent.parent
YEARS = tuple(f"{spring - 1}/{spring % 100:02d}" for spring in range(2016, 2026))
NOT_YET = "completion_4_years"
MODEL_SHARES = {
    "": 0.62,
    "school_social_team": 0.2,
    "sspf": 0.1,
    "school_social_team|sspf": 0.08,
}
FAMILIES = "families"
"""The name of the release with indicators of every kind."""
ALE_ALONE = Region(name="Ale", title="Ale", members=(GR.member("Ale"),))


@dataclass(frozen=True, kw_only=True)
class Variant:
    """How a release differs from the full one."""

    name: str = "full"
    region: Region = GR
    absent: tuple[str, ...] = ()
    hide_all: bool = False
    empty: bool = False
    main_provider: str = "all"
    number: int = 3
    threshold: int = 5


VARIANTS = {
    each.name: each
    for each in (
        Variant(),
        Variant(name="empty", empty=True),
        Variant(name="hidden", hide_all=True),
        Variant(name="sparse", threshold=120),
        Variant(name="incomplete", absent=("Stenungsund", "Öckerö")),
        Variant(name="alone", region=ALE_ALONE),
        Variant(name="municipal", main_provider="municipal"),
    )
}


def write_release(folder: Path, variant: Variant = VARIANTS["full"], *, withdrawn: str = "") -> Path:
    """A release folder of this variant at `folder`; `withdrawn` is the reason, if it was withdrawn."""
    (folder / "open").mkdir(parents=True, exist_ok=True)
    definitions = _definitions()
    tables = _tables(variant, definitions)
    for name in TABLES:
        tables[name].to_parquet(folder / "open" / f"{name}.parquet")
    text = json.dumps([dataclasses.asdict(each) for each in definitions.values()], ensure_ascii=False)
    (folder / "open" / "definitions.json").write_text(text, encoding="utf-8")
    _manifest(folder, variant)
    if withdrawn:
        said = json.dumps({"day": "2026-11-23", "reason": withdrawn}, ensure_ascii=False)
        (folder / "withdrawn.json").write_text(said, encoding="utf-8")
    return folder


def cached_release(name: str) -> Path:
    """The variant's folder under build/, made once per state of the code that decides what is in it."""
    decides = [ROOT / "metrics" / file for file in ("judgement.py", "release/read.py", "layout.py", "values.py")]
    decides += sorted((ROOT / "metrics" / "stats").glob("*.py"))
    decides += [Path(__file__), Path(__file__).with_name("families.py"), Path(__file__).with_name("register.py")]
    decides += [ROOT / "metrics" / part / "evaluations.py" for part in ("release", "protect")]
    decides += [
        Path(__file__),
        Path(__file__).with_name("families.py"),
        ROOT / "tests" / "unit" / "evaluated_region.py",
    ]
    decides += sorted((ROOT / "metrics" / "indicators").glob("*.py"))
    state = hashlib.sha256(b"".join(path.read_bytes() for path in decides)).hexdigest()[:16]
    folder = ROOT / "build" / "test-releases" / state / name
    if not folder.exists():
        making = folder.with_name(f".{name}-{os.getpid()}")
        write_families(making) if name == FAMILIES else write_release(making, VARIANTS[name])
        with contextlib.suppress(OSError):
            making.rename(folder)
        shutil.rmtree(making, ignore_errors=True)
    return folder


def _manifest(folder: Path, variant: Variant) -> None:
    members = [{"code": member.code, "name": member.name} for member in variant.region.members]
    manifest = {
        "id": f"{variant.name}-{variant.number}",
        "number": variant.number,
        "created": "2026-11-22T09:00:00+00:00",
        "note": "Påhittade elever för att prova sidorna",
        "example": True,
        "main_provider": variant.main_provider,
        "official_source": {"source": "Skolverket, Sök statistik", "retrieved": "2026-11-23"},
        "region": {"name": variant.region.name, "title": variant.region.title, "members": members},
        "checksums": {
            f"open/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted((folder / "open").iterdir())
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")


def _definitions() -> dict[str, Definition]:
    found = [_definition(each) for each in INDICATORS if each.unit == "share"]
    base = found[0]
    found += [
        dataclasses.replace(
            base,
            name="absence_10",
            title="Elever med minst 10 procents frånvaro",
            short_title="Frånvaro minst 10 %",
            question="Hur många elever har minst 10 procents frånvaro?",
            why_it_matters="Hög frånvaro är det tidigaste tecknet på att en elev är på väg bort från skolan.",
            numerator_label="elever som varit borta minst 10 procent av tiden",
            denominator_label="elever i årskurs 9",
            polarity="lower_is_better",
            theme="Närvaro",
            official=(),
            order=30,
        ),
        dataclasses.replace(
            base,
            name=NOT_YET,
            title="Gymnasieexamen inom fyra år, inklusive introduktionsprogram",
            short_title="Examen inom 4 år, inkl. IM",
            question="Hur många tar gymnasieexamen inom fyra år?",
            numerator_label="elever med examen",
            denominator_label="elever som började gymnasiet",
            theme="Gymnasiet",
            official=(),
            breaks={"2021/22": "Ämnesbetyg ersatte kursbetyg."},
            order=50,
        ),
        dataclasses.replace(
            base,
            name="reported_to_social_services",
            title="Elever med orosanmälan under läsåret",
            short_title="Orosanmälan under läsåret",
            question="För hur många elever görs en orosanmälan?",
            numerator_label="elever med minst en orosanmälan",
            denominator_label="elever i årskurs 9",
            polarity="no_judgement",
            theme="Socialtjänst",
            official=(),
            order=60,
        ),
    ]
    return {each.name: each for each in found}


def _definition(indicator: object) -> Definition:
    said = dataclasses.asdict(indicator) | {"version": 1}  # type: ignore[call-overload]
    names = {field.name for field in dataclasses.fields(Definition)}
    plain = json.loads(json.dumps({name: said[name] for name in names}, default=str))
    return Definition(**(plain | {"dimensions": tuple(plain["dimensions"])}))


def _tables(variant: Variant, definitions: dict[str, Definition]) -> dict[str, pd.DataFrame]:
    tables = {name: pd.DataFrame(columns=list(columns)) for name, columns in TABLES.items()}
    if variant.empty:
        return tables
    own = _long(variant, definitions)
    values = pd.concat([own, _official(variant), _peers(variant)], ignore_index=True)
    values["release"] = f"{variant.name}-{variant.number}"
    values = values.reindex(columns=list(LONG_COLUMNS))
    values[list(NUMBER_COLUMNS)] = values[list(NUMBER_COLUMNS)].astype(float)
    tables["values"] = values
    tables["verdicts"], tables["trends"] = judge(Published(values=values), definitions)
    tables |= register_tables([member.name for member in variant.region.members], list(YEARS))
    tables["comparisons"] = compared_table(values)
    tables["coverage"] = _coverage(variant)
    tables["changes"] = _changes(variant)
    tables["reconciliation"] = _reconciliation(variant)
    return tables


def _inner(variant: Variant, definitions: dict[str, Definition]) -> pd.DataFrame:
    """One row per smallest group, with a numerator per indicator."""
    random = np.random.default_rng(9)
    known = pd.read_csv(REFERENCE_FOLDER / "official_year9.csv", sep=";", dtype={"municipality": str})
    known = known[(known["indicator"] == "eligibility_vocational") & known["municipality"].isin(variant.region.codes)]
    known = known[~known["name"].isin(variant.absent) | (known["school_year"] != YEARS[-1])]
    cuts = [("municipal", 0.78), ("independent", 0.22)]
    frame = known[["name", "school_year", "pupils", "value"]].merge(
        pd.DataFrame(cuts, columns=["provider", "w1"]), how="cross"
    )
    for name, weights in (
        ("sex", {"girls": 0.49, "boys": 0.51}),
        ("foreign_background", {"foreign": 0.24, "swedish": 0.74, "foreign_background_unknown": 0.02}),
        ("parents_education", {"compulsory": 0.1, "upper_secondary": 0.4, "post_secondary": 0.5}),
        ("models", MODEL_SHARES),
    ):
        frame = frame.merge(pd.DataFrame({name: list(weights), "w": list(weights.values())}), how="cross")
        frame["w1"] = frame["w1"] * frame.pop("w")
    frame["n"] = random.poisson(frame["pupils"] * frame["w1"])
    shift = frame["sex"].eq("girls") * 2.0 - frame["foreign_background"].eq("foreign") * 12
    shift += frame["parents_education"].map({"compulsory": -15, "upper_secondary": -2, "post_secondary": 4.6})
    rate = np.clip((frame["value"] + shift + 3) / 100, 0.03, 0.985)
    year = frame["school_year"].map(YEARS.index)
    for position, name in enumerate(definitions):
        level = {"absence_10": 1.05 - rate * 0.95 + 0.004 * year, NOT_YET: rate - 0.1 + 0.003 * year}.get(
            name, rate - 0.02 * position
        )
        level = 0.04 + 0.1 * (1 - rate) if name == "reported_to_social_services" else level
        frame[name] = random.binomial(frame["n"], np.clip(level, 0.02, 0.98))
    return frame[frame["n"] > 0]


def _long(variant: Variant, definitions: dict[str, Definition]) -> pd.DataFrame:
    inner = _inner(variant, definitions)
    cells = pd.concat([_table(inner, table, variant, list(definitions)) for table in OPEN_TABLES], ignore_index=True)
    cells = cells.drop_duplicates([name for name in cells if name not in (*definitions, "n")])
    long = cells.melt(
        id_vars=[name for name in cells if name not in definitions], var_name="indicator", value_name="numerator"
    ).rename(columns={"n": "denominator"})
    long["value"] = long["numerator"] / long["denominator"] * 100
    low, high = stats.wilson_interval(long["numerator"].to_numpy(), long["denominator"].to_numpy())
    long["low"], long["high"] = low * 100, high * 100
    long["status"] = _status(long, variant)
    long.loc[long["status"] != Status.SHOWN, list(NUMBER_COLUMNS)] = np.nan
    fixed = {"series": "own", "perspective": "school_municipality", "stage": "all", "mark": "", "definition_version": 1}
    return pd.concat([long.assign(**fixed), _absent(variant, definitions, fixed)], ignore_index=True)


def _absent(variant: Variant, definitions: dict[str, Definition], fixed: dict[str, object]) -> pd.DataFrame:
    """Rows that say a member has not delivered the newest year."""
    pairs = [(area, name) for area in variant.absent for name in definitions]
    rows = pd.DataFrame(pairs, columns=["area", "indicator"])
    end = school_year(YEARS[-1])
    return rows.assign(
        **fixed,
        area_type="municipality",
        provider=variant.main_provider,
        model="all",
        sex="all",
        background="all",
        period_kind="school_year",
        period_from=end.start.isoformat(),
        period_to=end.end.isoformat(),
        school_year=YEARS[-1],
        status=Status.MISSING.value,
    )


def _status(long: pd.DataFrame, variant: Variant) -> np.ndarray:
    remainder = long["denominator"] - long["numerator"]
    small = (long[["denominator", "numerator"]].min(axis=1) < variant.threshold) | (remainder < variant.threshold)
    status = np.where(small | variant.hide_all, Status.HIDDEN.value, Status.SHOWN.value)
    late = (long["indicator"] == NOT_YET) & (long["school_year"] == YEARS[-1])
    return np.where(late, Status.NOT_YET_OBSERVABLE.value, status)


def _table(inner: pd.DataFrame, table: Table, variant: Variant, names: list[str]) -> pd.DataFrame:
    frames = [_cut(inner, table, variant, names, list(years)) for years in _periods(table)]
    return pd.concat(frames, ignore_index=True)


def _periods(table: Table) -> list[tuple[str, ...]]:
    return [YEARS[last - table.pooled + 1 : last + 1] for last in range(table.pooled - 1, len(YEARS))]


def _cut(inner: pd.DataFrame, table: Table, variant: Variant, names: list[str], years: list[str]) -> pd.DataFrame:
    rows = inner[inner["school_year"].isin(years)]
    rows = _by_provider(rows, table, variant)
    rows = _by_background(rows, table)
    rows = _by_model(rows, table)
    rows = rows.assign(sex=rows["sex"] if "sex" in table.by else "all")
    rows = _areas(rows, table, variant, years[-1])
    keys = ["area", "area_type", "provider", "sex", "background", "model"]
    counted = rows.groupby(keys)[["n", *names]].sum().reset_index()
    period = school_year(years[-1]) if table.pooled == 1 else pooled_school_years(school_year(years[-1]))
    return counted.assign(
        period_kind=period.kind,
        period_from=period.start.isoformat(),
        period_to=period.end.isoformat(),
        school_year=years[-1],
    )


def _by_provider(rows: pd.DataFrame, table: Table, variant: Variant) -> pd.DataFrame:
    main = rows if variant.main_provider == "all" else rows[rows["provider"] == variant.main_provider]
    if "provider" not in table.by:
        return main.assign(provider=variant.main_provider)
    return pd.concat([rows, rows.assign(provider="all")])


def _by_background(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    field = next((name for name in table.by if name in BACKGROUND_FIELDS), None)
    return rows.assign(background=rows[field] if field else "all")


def _by_model(rows: pd.DataFrame, table: Table) -> pd.DataFrame:
    if "model" not in table.by:
        return rows.assign(model="all")
    types = ("school_social_team", "sspf")
    parts = [rows[rows["models"].str.contains(name)].assign(model=name) for name in types]
    parts.append(rows[rows["models"] == ""].assign(model="none"))
    if table.areas == "region":
        parts += [rows[~rows["models"].str.contains(name)].assign(model=f"without:{name}") for name in types]
    return pd.concat(parts)


def _areas(rows: pd.DataFrame, table: Table, variant: Variant, last: str) -> pd.DataFrame:
    members = [member.name for member in variant.region.members]
    if table.areas == "members":
        return rows.assign(area=rows["name"], area_type="municipality")
    if table.areas == "region":
        present = len(members) - (len(variant.absent) if last == YEARS[-1] else 0)
        name = variant.region.name if present == len(members) else f"{variant.region.name}, {present} av {len(members)}"
        return rows.assign(area=name, area_type="region")
    others = [rows[rows["name"] != member].assign(area=member, area_type="rest_of_region") for member in members]
    return pd.concat(others)


def _official(variant: Variant) -> pd.DataFrame:
    found = pd.read_csv(REFERENCE_FOLDER / "official_year9.csv", sep=";", dtype={"municipality": str})
    names = [member.name for member in variant.region.members]
    return _published(found[found["name"].isin([*names, "Riket"])])


def _peers(variant: Variant) -> pd.DataFrame:
    found = pd.read_csv(REFERENCE_FOLDER / "official_peers_year9.csv", sep=";", dtype={"municipality": str})
    found = found[found["municipality"].isin(variant.region.codes)]
    marks = found["mark"] + ": " + found["peers"]
    return _published(found).assign(area_type="peer_group", mark=marks)


def _published(found: pd.DataFrame) -> pd.DataFrame:
    found = found[~found["indicator"].str.startswith("merit")]
    periods = found["school_year"].map(school_year)
    return pd.DataFrame(
        {
            "indicator": found["indicator"],
            "series": "official",
            "area_type": np.where(found["name"] == "Riket", "nation", "municipality"),
            "area": found["name"],
            "perspective": "school_municipality",
            "provider": "all",
            "stage": "all",
            "model": "all",
            "sex": "all",
            "background": "all",
            "period_kind": "school_year",
            "period_from": periods.map(lambda each: each.start.isoformat()),
            "period_to": periods.map(lambda each: each.end.isoformat()),
            "school_year": found["school_year"],
            "denominator": found["pupils"],
            "value": found["value"],
            "status": Status.SHOWN.value,
            "mark": "",
            "definition_version": 1,
        }
    )


def _coverage(variant: Variant) -> pd.DataFrame:
    rows = [
        (
            "year9_grades",
            member.code,
            year,
            "missing" if late else "delivered",
            member.name,
            "" if late else "2026-10-01",
        )
        for member in variant.region.members
        for year in YEARS
        for late in [member.name in variant.absent and year == YEARS[-1]]
    ]
    return pd.DataFrame(rows, columns=list(TABLES["coverage"]))


def _changes(variant: Variant) -> pd.DataFrame:
    rows = [("eligibility_vocational", variant.region.members[0].name, YEARS[-2], "value", 80.9, 81.5)]
    return pd.DataFrame(rows, columns=list(TABLES["changes"]))


def _reconciliation(variant: Variant) -> pd.DataFrame:
    rows = [("eligibility_vocational", variant.region.members[0].name, YEARS[-1], 82.0, 81.6, 0.4, "differs")]
    return pd.DataFrame(rows, columns=list(TABLES["reconciliation"]))
