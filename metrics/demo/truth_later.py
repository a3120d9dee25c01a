"""Exact figures of what is handed in besides year 9: attendance, the way on, completion and the support chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from metrics.demo import counts, later
from metrics.demo.outgoing import COUNTS_ONLY, WITHOUT_NEWEST
from metrics.demo.people import STAGES, People
from metrics.demo.pupils import Pupils
from metrics.demo.region import LAST_SPRING
from metrics.demo.support import OBSERVED_TO
from metrics.vocabulary import school_year_label


def delivered(people: People, rows: pd.DataFrame) -> Iterator[tuple[int, int, pd.DataFrame]]:
    """Spring and term (0 autumn) in order, with attendance per pupil as it stands after all deliveries.

    Members with counts alone stand for themselves. A term at a time: a country's are many.
    """
    when = rows["spring"].to_numpy(dtype=np.int64) * 2 + rows["term"].to_numpy()
    first = np.flatnonzero(np.diff(when, prepend=-1))
    for start, end in zip(first.tolist(), [*first[1:].tolist(), len(rows)], strict=True):
        spring, term = divmod(int(when[start]), 2)
        yield spring, term, _delivered(people, rows.iloc[start:end], spring)


def _delivered(people: People, rows: pd.DataFrame, spring: int) -> pd.DataFrame:
    sites, site = people.region.sites, rows["site"].to_numpy()
    own, code = sites["provider"] == "municipal", sites["code"]
    missing = (own & (code == WITHOUT_NEWEST)).to_numpy()[site] & (spring == LAST_SPRING)
    counted = [(own & (code == member)).to_numpy()[site] for member in COUNTS_ONLY]
    apart = [~missing & ~np.any(counted, axis=0), *(each for each in counted if each.any())]
    return pd.concat([counts.per_pupil(people, rows[chosen]) for chosen in apart], ignore_index=True)


def attendance(people: People, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Per term x municipality (and region) x provider x stage: [numerator, denominator] or [time, offered time]."""
    measured = [*counts.THRESHOLDS, *counts.TIMES.values(), "offered", "pupils"]
    terms = (
        table.assign(pupils=1).groupby(["spring", "term", "site", "stage"], sort=True)[measured].sum().reset_index()
        for _, _, table in delivered(people, rows)
    )
    by_site = pd.concat(terms, ignore_index=True)
    sites = people.region.sites
    by_site["municipality"] = sites["code"].to_numpy()[by_site["site"]]
    by_site["provider"] = sites["provider"].to_numpy()[by_site["site"]]
    both = pd.concat([by_site, by_site.assign(municipality="all")], ignore_index=True)
    both = pd.concat([both, both.assign(provider="all")], ignore_index=True)
    sums = both.groupby(["spring", "term", "municipality", "provider", "stage"], sort=True)[measured].sum()
    records: list[dict[Any, Any]] = sums.to_dict("records")
    return [_attendance_row(key, row) for key, row in zip(sums.index.tolist(), records, strict=True)]


def _attendance_row(key: tuple[int, int, str, str, int], row: dict[Any, Any]) -> dict[str, Any]:
    spring, term, municipality, provider, stage = key
    shares = {name: [int(row[name]), int(row["pupils"])] for name in counts.THRESHOLDS}
    times = {name: [int(row[part]), int(row["offered"])] for name, part in counts.TIMES.items()}
    return {
        "period": counts.period_label(spring, term),
        "municipality": municipality,
        "provider": provider,
        "stage": STAGES[stage],
        "values": shares | times,
    }


def next_step(pupils: Pupils, paths: later.Paths) -> list[dict[str, Any]]:
    """Where the leavers of each school year were on 15 October right after, over the whole region."""
    names = {later.YEAR_1: "national", later.INTRODUCTORY: "introductory", later.ADAPTED: "adapted"}
    state = pd.Series(paths.state[:, 0]).map(names).fillna("neither")
    table = pd.DataFrame({"spring": pupils.spring, "state": state})[~pupils.other_system]
    found: list[dict[str, Any]] = []
    for spring in pupils.region.springs.tolist():
        part = table.loc[table["spring"] == spring, "state"]
        counted = {name: int((part == name).sum()) for name in (*names.values(), "neither")}
        found.append({"school_year": school_year_label(spring), "leavers": len(part), **counted})
    return found


def completion(people: People, paths: later.Paths) -> list[dict[str, Any]]:
    """Those who started upper secondary per autumn and where: diplomas within 3, 4 and 5 years, where that can be seen."""
    enrolled = later.enrolment(people, paths, LAST_SPRING)
    started = enrolled[enrolled["study_year"] == 1].drop_duplicates("person").set_index("person")
    started = started[started["has_personal_number"]]
    introductory = started["programme"].str.startswith("IM")
    adapted = started["school_form"] == "adapted"
    diplomas = paths.events[paths.events["outcome"] <= later.D_PREPARATORY]
    year = diplomas.groupby("person")["day"].min().dt.year.reindex(started.index)
    found = []
    for spring in sorted(started["school_year"].unique().tolist()):
        for group, chosen in (
            ("all", ~adapted),
            ("national", ~adapted & ~introductory),
            ("introductory", introductory),
        ):
            own = chosen & (started["school_year"] == spring)
            within = {
                str(years): int((year[own] <= spring + years - 1).sum())
                for years in (3, 4, 5)
                if spring + years - 1 <= LAST_SPRING
            }
            key = {"started": school_year_label(spring), "group": group, "starters": int(own.sum())}
            found.append(key | {"diploma_within": within})
    return found


def support_chain(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Reports, children, decisions within 14 days and opened investigations per municipality and calendar year."""
    waited = (table["decision_date"] - table["report_date"]).dt.days
    flags = pd.DataFrame(
        {
            "municipality": table["municipality"],
            "year": table["report_date"].dt.year,
            "person": table["person"],
            "from_school": table["reporter"].eq("school"),
            "decided": waited.notna(),
            "in_time": waited <= 14,
            "opened": table["opened"].eq(True),
        }
    )
    grouped = flags.groupby(["municipality", "year"], sort=True)
    sums = grouped.agg(
        reports=("person", "size"),
        children=("person", "nunique"),
        from_school=("from_school", "sum"),
        decided=("decided", "sum"),
        in_time=("in_time", "sum"),
        opened=("opened", "sum"),
    )
    records: list[dict[Any, Any]] = sums.to_dict("records")
    return [
        {
            "municipality": f"{code:04d}",
            "year": year,
            **{name: int(row[name]) for name in ("reports", "children", "from_school")},
            "decided_within_14_days": [int(row["in_time"]), int(row["decided"])],
            "opened": [int(row["opened"]), int(row["decided"])],
        }
        for (code, year), row in zip(sums.index.tolist(), records, strict=True)
    ]


def plans(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Children with a coordinated plan per municipality and calendar year, and for how many the school took part."""
    year = table["plan_date"].dt.year
    grouped = table.assign(year=year, school=table["school_took_part"].eq(True)).groupby(["municipality", "year"])
    sums = grouped.agg(children=("person", "nunique"), with_school=("school", "sum"))
    return [
        {"municipality": f"{code:04d}", "year": when, "children": int(children), "with_school": int(school)}
        for (code, when), children, school in sums.itertuples()
    ]


def survey(people: People, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Those who feel safe and have study peace among those who say, per municipality, school year and stage."""
    flags = pd.DataFrame(
        {
            "municipality": people.region.sites["code"].to_numpy()[table["site"]],
            "spring": table["school_year"],
            "stage": table["stage"].astype(str),
        }
    )
    for name in ("feels_safe", "study_peace"):
        flags[f"{name}_said"] = table[name].notna() & table[name].ne("unknown")
        flags[name] = table[name].isin(["agree_fully", "agree_mostly"])
    sums = flags.groupby(["municipality", "spring", "stage"], sort=True).sum()
    found = []
    for (code, spring, stage), row in zip(sums.index.tolist(), sums.to_dict("records"), strict=True):
        values = {name: [int(row[name]), int(row[f"{name}_said"])] for name in ("feels_safe", "study_peace")}
        key = {"municipality": code, "school_year": school_year_label(spring), "stage": stage}
        found.append(key | {"values": values})
    return found


def reported_later(people: People, rows: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Under each declared join, per term, stage and level of absence: [reported within twelve months, pupils]."""
    paired, reports = tables["pupil_child_pairs"], tables["support_chain"]
    if paired.empty:
        return []
    found = []
    for spring, term, table in delivered(people, rows):
        table["municipality"] = people.region.sites["code"].to_numpy()[table["site"]]
        part = table[table["municipality"].isin(paired["municipality"])]
        ends = np.datetime64(f"{spring}-06-30" if term else f"{spring - 1}-12-31")
        year = np.datetime64(f"{spring + 1}-06-30" if term else f"{spring}-12-31")
        day = reports["report_date"].to_numpy().astype("datetime64[D]")
        if year > OBSERVED_TO or ends < day.min():
            continue
        after = set(reports.loc[(day > ends) & (day <= year), "person"]) & set(paired["person"])
        level = part["absence_10"].astype(int) + part["absence_20"].astype(int)
        flags = part.assign(level=level, reported=part["person"].isin(after))
        for key, group in flags.groupby(["municipality", "stage", "level"], sort=True):
            code, stage, place = str(key[0]), int(str(key[1])), int(str(key[2]))
            found.append(
                {
                    "period": counts.period_label(spring, term),
                    "municipality": code,
                    "stage": STAGES[stage],
                    "absence": ("under_10", "10_to_20", "20")[place],
                    "reported": [int(group["reported"].sum()), len(group)],
                }
            )
    return found


def everything(
    pupils: Pupils, people: People, rows: pd.DataFrame, paths: later.Paths, tables: dict[str, pd.DataFrame]
) -> dict[str, Any]:
    """The parts of truth.json about the extracts besides year 9."""
    return {
        "attendance": attendance(people, rows),
        "attendance_counts_only": list(COUNTS_ONLY),
        "attendance_missing_newest_year": WITHOUT_NEWEST,
        "next_step": next_step(pupils, paths),
        "completion": completion(people, paths),
        "support_chain": support_chain(tables["support_chain"]),
        "reported_within_a_year": reported_later(people, rows, tables),
        "coordinated_plans": plans(tables["coordinated_plan"]),
        "survey": survey(people, tables["school_survey"]),
        "special_support": tables["special_support_pupils"][
            ["home_municipality", "period", "numerator", "denominator"]
        ].to_dict("records"),
        "rows": {name: len(table) for name, table in tables.items()},
    }
