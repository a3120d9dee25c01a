"""Making a release: every population counted, protected and set beside what else a release says, before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from metrics import engine
from metrics.compute import Progress
from metrics.judgement import judge
from metrics.layout import layout_of
from metrics.protect.joined import joined, publish_official
from metrics.protect.known import known_rows
from metrics.protect.linkage import across
from metrics.protect.splits import waiting, wholes_first, with_their_wholes, without
from metrics.release import (
    audits,
    comparisons,
    joins,
    mapping,
    plans,
    reached,
    records,
    register,
    schools,
    tables,
)
from metrics.release.both_parts import both_parts, told_before
from metrics.release.counted import only, refreshed
from metrics.release.desk import Desk
from metrics.release.elsewhere import Others
from metrics.release.evaluations import Source, begun, evaluations, previous, standing
from metrics.release.facts import is_example, outward_schools, plain_region
from metrics.release.official import anyones_series, official_series, peer_series
from metrics.release.prints import Standing
from metrics.release.prints import standing as standing_now
from metrics.values import Counts, Published

OFFICIAL_SOURCE = {"source": "Skolverket, Sök statistik", "retrieved": "2026-11-23"}
"""Where the reference table's figures come from and when they were fetched; rows loaded as files name their batch."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A release before it is written."""

    published: Published
    tables: Mapping[str, pd.DataFrame]
    counted: list[Counts]
    families: list[records.Family]
    schools: schools.SchoolPart
    audited: dict[str, Any]
    held: tuple[str, ...]
    example: bool
    main_provider: str
    register: Mapping[str, Any]
    joins: list[dict[str, str]]
    plans: list[dict[str, Any]]


@dataclass(kw_only=True)
class _Protected:
    """What the gate has let through so far, a population at a time."""

    parts: list[Published] = field(default_factory=list)
    counted: list[Counts] = field(default_factory=list)
    families: list[records.Family] = field(default_factory=list)
    schools: list[schools.SchoolPart] = field(default_factory=list)
    compared: list[pd.DataFrame] = field(default_factory=list)
    audited: dict[str, Any] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)


def make(connection: engine.Connection, desk: Desk, day: date, progress: Progress) -> Made:
    """Everything of a release but its number: counts of every population through the gate, verdicts and evaluations.

    `connection` is to the vault, `day` when the release is made (a plan counts from it). DisclosureError when the
    audit finds a value that would not be protected.
    """
    example = is_example(connection)
    official = official_series(connection, desk.region, desk.catalogue.indicators)
    known = None if example else anyones_series(connection, desk.catalogue.indicators, official)
    with _evaluating(connection, desk, day, lambda what, share: progress(what, 0.1 * share)) as evaluated_without:
        done = _protected(connection, desk, known, lambda what, share: progress(what, 0.1 + 0.8 * share))
        comparable = across(
            joined([*done.parts, _official(desk, official)]),
            done.counted,
            desk.catalogue.indicators,
            region=desk.region,
            k=desk.thresholds.pupils,
        )
        published = with_their_wholes(comparable, desk.catalogue.indicators)
        waiting = {each.split(" ")[0] for each in done.held}
        progress("Utvärderar", 0.9)
        evaluated, planned = evaluated_without(waiting)
    met = _reached(connection, desk, waiting)
    return Made(
        published=published,
        tables={
            **_beside(connection, desk, published, done.counted),
            "evaluations": evaluated,
            "comparisons": comparisons.joined(done.compared),
            reached.TABLE: met,
        },
        counted=done.counted,
        families=done.families,
        schools=schools.joined(done.schools),
        audited=done.audited,
        held=tuple(done.held),
        example=example,
        main_provider="municipal" if any(each.main_provider == "municipal" for each in done.counted) else "all",
        register=register.version(connection),
        joins=joins.stated(connection, desk.region),
        plans=planned,
    )


def _protected(
    connection: engine.Connection, desk: Desk, official: pd.DataFrame | None, progress: Progress
) -> _Protected:
    """Every population counted and protected; `official` are figures that are known to everybody."""
    done = _Protected()
    told = schools.Source(
        connection=connection, catalogue=desk.catalogue, region=desk.region, thresholds=desk.thresholds,
        records=desk.records, workers=desk.workers, new=desk.schools,
    )  # fmt: skip
    comparing = comparisons.Source(
        region=desk.region, thresholds=desk.thresholds, earlier=previous(desk.releases, "comparisons")
    )
    stands = standing_now(connection)
    populations = wholes_first(desk.catalogue.populations, desk.catalogue.indicators)
    for number, population in enumerate(populations):
        progress(f"Räknar och skyddar {population}", number / len(populations))
        counts = refreshed(
            connection,
            desk.catalogue,
            population,
            region=desk.region,
            folder=desk.vault.place.counted,
            stands=stands,
        )
        if not counts.inner.empty:
            _protect(done, connection, desk, counts, official=official, told=told, comparing=comparing, stands=stands)
    return done


def _protect(
    done: _Protected,
    connection: engine.Connection,
    desk: Desk,
    counts: Counts,
    *,
    official: pd.DataFrame | None,
    told: schools.Source,
    comparing: comparisons.Source,
    stands: Standing,
) -> None:
    """One population through the gate beside what earlier releases told of it; what comes out is added to `done`."""
    layout = layout_of(counts.population)
    family = desk.catalogue.family(counts.population)
    stand_with = waiting(counts.population, desk.catalogue.indicators, done.held)
    before = told_before(told, counts, layout, stand_with)
    counts = without(counts, stand_with - set(before.history.tables))
    if counts.inner.empty and not before.history.tables:
        return
    asked = before.changed(counts) | schools.lacking(told, counts)
    with only(connection, desk.catalogue, counts.population, region=desk.region, stands=stands, periods=asked):
        prepared = comparisons.prepare(comparing, connection, desk.catalogue, counts, layout, periods=asked)
    known = known_rows(counts, family, region=desk.region, official=official)
    others = _others(done, desk).beside(before.family, counts.period_kind, known)
    done.parts, done.families = list(others.parts), list(others.families)
    known += others.known(counts, before.family)
    parts = both_parts(told, counts, layout, before, known=known, beside=prepared.known)
    done.parts.append(parts.published)
    done.schools.append(parts.schools)
    done.compared.append(comparisons.told(comparing, prepared, parts.published, parts.report))
    done.held += parts.held
    done.counted.append(parts.counted)
    done.families.append(others.recorded(parts.family, counts.period_kind))
    done.audited[counts.population] = parts.report


def _others(done: _Protected, desk: Desk) -> Others:
    return Others(
        catalogue=desk.catalogue,
        region=desk.region,
        thresholds=desk.thresholds,
        parts=done.parts,
        families=done.families,
    )


def _official(desk: Desk, official: pd.DataFrame) -> Published:
    """Official figures of the region's areas and of groups of comparable municipalities."""
    rows = tables.official_rows(official, desk.catalogue.indicators, desk.region)
    peers = peer_series(desk.region, desk.catalogue.indicators)
    peer_rows = tables.official_rows(peers, desk.catalogue.indicators, desk.region).assign(area_type="peer_group")
    return publish_official(pd.concat([rows, peer_rows], ignore_index=True))


@contextmanager
def _evaluating(
    connection: engine.Connection, desk: Desk, day: date, progress: Progress
) -> Iterator[Callable[[set[str]], tuple[pd.DataFrame, list[dict[str, Any]]]]]:
    """Begin to evaluate every declared result. Inside, the call gives the table, with the results of held populations
    as before, and what the manifest lists of plans."""
    before = plans.remembered(desk.releases)
    current = plans.current(desk.catalogue.model_types.values(), before, day)
    populations = {name: each.population for name, each in desk.catalogue.indicators.items()}
    source = Source(
        connection=connection, catalogue=desk.catalogue, region=desk.region, thresholds=desk.thresholds,
        before=before, asked=plans.asked(desk.records), workers=desk.workers,
    )  # fmt: skip
    with begun(source, current, progress=progress) as answers:

        def finished(held: set[str]) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
            told = standing(previous(desk.releases), populations, held)
            return evaluations(replace(source, standing=told), current, answers()), plans.carried(current, before)

        yield finished


def _reached(connection: engine.Connection, desk: Desk, held: set[str]) -> pd.DataFrame:
    before = reached.released_before(desk.releases)
    return reached.reached(
        connection, desk.catalogue, desk.region, desk.thresholds, before, held=reached.POPULATION in held
    )


def _beside(
    connection: engine.Connection, desk: Desk, published: Published, counted: list[Counts]
) -> dict[str, pd.DataFrame]:
    verdicts, trends = judge(published, desk.catalogue.indicators)
    delivered = [(counts, desk.catalogue.family(counts.population)[0].extracts[0]) for counts in counted]
    school_years = sorted(published.values["school_year"].unique())
    return {
        "verdicts": verdicts,
        "trends": trends,
        "register": register.register(connection, desk.region),
        "register_units": register.spells(connection, desk.region),
        "register_changes": register.history(connection, desk.region),
        "school_units": register.units(connection, desk.region),
        "mapping_rounds": mapping.rounds(connection, desk.region),
        "mapping_answers": mapping.answers(connection, desk.region, mapping.released_before(desk.releases)),
        "school_models": register.models_by_year(connection, desk.catalogue, desk.region, school_years),
        "coverage": tables.coverage(delivered, desk.region),
        "reconciliation": tables.reconciliation(published.values, desk.catalogue.indicators),
    }


def about(desk: Desk, made: Made) -> dict[str, Any]:
    """What a manifest says of what was counted, how it was declared and how it was protected."""
    return {
        "example": made.example,
        "region": plain_region(desk.region),
        "main_provider": made.main_provider,
        "official_source": OFFICIAL_SOURCE,
        "definitions": {each.name: each.version for each in desk.catalogue.indicators.values()},
        "protection": audits.outward(made.audited, audits.earlier(desk.releases)),
        "held": list(made.held),
        "schools": outward_schools(made.schools.audited),
        "schools_held": list(made.schools.held),
        "register": made.register,
        **({"joins": made.joins} if made.joins else {}),
        "plans": made.plans,
    }
