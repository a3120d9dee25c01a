"""What a family's periods read, as prints: a period whose print is as before has the same counts as before.

A print names the slices that count of every extract the family reads (a slice never changes but by erasure, which takes
away what is kept beside it too), the statements, the region and the code that counts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from metrics import cohort_tables, compute, delivered_counts, engine, family_query, whole_terms
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts
from metrics.declare import Indicator
from metrics.release import windows
from metrics.release.windows import THEN, Local
from metrics.vocabulary import Region, parse_period

WHOLE = ""
"""The period that stands for all of a family whose periods cannot be told apart."""
ALWAYS = {"school_units", "collaboration_register"}
"""What every family reads: where a school lies, and its models."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What stands in the vault, read once for all families: prints per extract and label, and of members' own counts."""

    slices: Mapping[str, Mapping[str, str]]
    counted: Mapping[tuple[str, str], Mapping[str, str]]
    joined: int
    joins: str
    code: str

    def of(self, extract: str) -> Mapping[str, str]:
        return self.slices.get(extract, {})


@dataclass(frozen=True, kw_only=True)
class Read:
    """What one family reads: `whole` is the print of all of it; of what its periods read in common, and own counts."""

    family: tuple[Indicator, ...]
    whole: str
    common: tuple[str, ...]
    local: Local | None
    counted: Mapping[str, str] = field(default_factory=dict)


def standing(connection: engine.Connection) -> Standing:
    """What stands in the vault behind a connection of `Vault.reading`."""
    joined = engine.rows(connection, "SELECT count(*), sum(hash(pupil, child)::HUGEINT) FROM declared_join")[0]
    members = (
        engine.rows(connection, "SELECT municipality FROM joined_members ORDER BY municipality") if joined[0] else []
    )
    return Standing(
        slices=slices(connection),
        counted=_own_counts(connection),
        joined=joined[0],
        joins=f"{joined} {members}",
        code=_code(),
    )


def slices(connection: engine.Connection) -> dict[str, dict[str, str]]:
    """Per extract and period label, a print of the slices that count: number, rows left, file and time of each."""
    sql = """
        SELECT
            slices.extract,
            slices.period,
            string_agg(
                concat_ws(' ', slices.slice, slices.row_count, batches.sha256, batches.stored_at),
                ' ' ORDER BY slices.slice
            ) AS said
        FROM active_slices AS slices
        JOIN vault.batches AS batches
            ON batches.batch = slices.batch
        WHERE slices.row_count > 0
        GROUP BY
            slices.extract,
            slices.period
        ORDER BY
            slices.extract,
            slices.period
    """
    found: dict[str, dict[str, str]] = {}
    for extract, period, said in engine.rows(connection, sql):
        found.setdefault(extract, {})[period] = hashed([said])
    return found


def _own_counts(connection: engine.Connection) -> dict[tuple[str, str], dict[str, str]]:
    """Per population and kind of period, each period's print of the members' own counts."""
    named = ", ".join(sorted(column.name for column in delivered_counts.EXTRACT.columns))
    rows = engine.rows(
        connection,
        f"SELECT population, period_kind, period, count(*), sum(hash({named})::HUGEINT) FROM aggregated_counts"
        " GROUP BY ALL ORDER BY ALL",
    )
    found: dict[tuple[str, str], dict[str, str]] = {}
    for population, kind, label, size, content in rows:
        prints = found.setdefault((population, kind), {})
        period = parse_period(label, kind).label
        prints[period] = f"{prints.get(period, '')} {size} {content}"
    return found


def read_by(standing: Standing, catalogue: Catalogue, population: str, region: Region) -> Read:
    """What a family reads of what stands."""
    family = catalogue.family(population)
    family = family if standing.joined else tuple(map(family_query.without_join, family))
    statements = [each.sql for each in family]
    cohorts = catalogue.sources(" ".join(statements))
    beside = whole_terms.STATEMENTS if whole_terms.COHORT in cohorts else ()
    words = set().union(*map(_words, statements), *(catalogue.reads[name] for name in cohorts))
    extracts = sorted((words & catalogue.extracts.keys()) | ALWAYS)
    local = windows.local(catalogue, statements)
    common = [standing.code, str(region.codes), family[0].perspective, standing.joins, str(local), *statements]
    common += [catalogue.cohorts[name] for name in (*cohorts, *beside)]
    counted = standing.counted.get((population, family[0].period_kind), {})
    everything = [*common, *(str(standing.of(each)) for each in extracts), str(sorted(counted.items()))]
    apart = local.reads if local else {}
    common += [str(standing.of(each).get("") if each in apart else standing.of(each)) for each in extracts]
    return Read(family=family, whole=hashed(everything), common=tuple(common), local=local, counted=counted)


def periods(connection: engine.Connection, catalogue: Catalogue, standing: Standing, read: Read) -> dict[str, str]:
    """The print of every period that the family may have rows in; one for WHOLE where periods cannot be told apart."""
    if read.local is None:
        return {WHOLE: read.whole}
    reached = _reached(connection, catalogue, read.local)
    farthest = max(each.followed_years or 0 for each in read.family)
    kind = read.family[0].period_kind
    found = {}
    for period in sorted({label for label in standing.of(read.local.own) if label} | read.counted.keys()):
        seen = [
            str([standing.of(each)[label] for label in labels(standing, catalogue, read, each, period)])
            for each in read.local.reads
        ]
        spring = int(parse_period(period, kind).school_year[:4]) + 1
        clipped = [(place, min(last - spring, farthest) + 1) for place, last in reached if last >= spring]
        found[period] = hashed([*read.common, str(read.counted.get(period)), *seen, str(clipped)])
    return found


def labels(standing: Standing, catalogue: Catalogue, read: Read, extract: str, period: str) -> list[str]:
    """The labels of the extract's slices that a period of a local family reads, in order."""
    kind = read.family[0].period_kind
    years = read.local.reads[extract] if read.local else THEN
    if catalogue.extracts[extract].period_kind == kind == "term" and years == THEN:
        return [label for label in standing.of(extract) if label == period]
    year, other = _year(period, kind), catalogue.extracts[extract].period_kind
    return sorted(label for label in standing.of(extract) if label and years.has(_year(label, other) - year))


def _year(label: str, kind: str) -> int:
    return int(parse_period(label, kind).school_year[:4])


def _reached(connection: engine.Connection, catalogue: Catalogue, local: Local) -> list[tuple[str, int]]:
    """Every place, as told by each cohort of reach, and the last spring that has been delivered there."""
    build_cohorts(connection, catalogue, [" ".join(local.reach)])
    found = []
    for name in local.reach:
        for *place, last in engine.rows(connection, f"FROM {name} ORDER BY ALL"):
            found.append((" ".join([name, *map(str, place)]), int(last)))
    return found


def reading(catalogue: Catalogue, extracts: Iterable[str]) -> tuple[str, ...]:
    """The cohorts that read any of these extracts, directly or through another cohort."""
    wanted = set(extracts)
    return tuple(
        name
        for name in catalogue.cohorts_in_order
        if wanted & set().union(*(catalogue.reads[each] for each in catalogue.sources(name)))
    )


def hashed(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _words(sql: str) -> set[str]:
    return set(re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"--[^\n]*", "", sql)))


def _code() -> str:
    """A print of the code that turns statements into counts and says what they read, and of the database that runs them."""
    counting = (cohort_tables, compute, delivered_counts, family_query, whole_terms, windows)
    files = [Path(str(each.__file__)) for each in counting]
    files += [Path(__file__), Path(__file__).with_name("counted.py")]
    return hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest() + engine.version()
