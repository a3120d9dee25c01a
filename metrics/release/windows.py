"""Which years of what it reads a period of a family reads, as each cohort declares it in its own file.

A cohort's line `-- Years:` names what it reads that has periods, and the years of it that one of its own periods reads,
counted from that period: `attendance_terms -3, -1`, or `upper_secondary_years to 5` for every earlier one and five after.
What is named first has the periods. `all` is every year, as for what is not named; `reach` a cohort that says by place
how far (`last_spring`) has been delivered, of which a period sees no more than the years it follows anyone.

A line `-- Only: attendance of year9_leavers` says that whoever reads the cohort beside year9_leavers needs no other
pupils' rows of that extract than theirs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metrics.catalogue import Catalogue
from metrics.declare import require

LINE = re.compile(r"^-- Years: (.*)$", re.M)
ONLY = re.compile(r"^-- Only: (\w+) of (\w+)$", re.M)
REACH = "reach"


@dataclass(frozen=True, kw_only=True)
class Years:
    """School years counted from a period's own: those of `at`, and every one up to `to` (None: no further)."""

    at: frozenset[int]
    to: int | None = None

    def has(self, later: int) -> bool:
        return later in self.at or (self.to is not None and later <= self.to)

    def with_(self, other: Years) -> Years:
        """Those of either."""
        ends = [each.to for each in (self, other) if each.to is not None]
        return Years(at=self.at | other.at, to=max(ends, default=None))

    def then(self, further: Years) -> Years:
        """What is read through these years of something that itself reads `further` years."""
        mine, theirs = self._farthest, further._farthest
        ends = [self.to + theirs] if self.to is not None else []
        ends += [mine + further.to] if further.to is not None else []
        at = frozenset(first + second for first in self.at for second in further.at)
        return Years(at=at, to=max(ends, default=None))

    @property
    def _farthest(self) -> int:
        return max([*self.at, *([self.to] if self.to is not None else [])])


THEN = Years(at=frozenset({0}))


@dataclass(frozen=True, kw_only=True)
class Local:
    """How the periods of a family can be told apart.

    own: the extract that has the periods. reads: the years of each extract that a period reads; what is not there it
    reads whole. cohort: the one that is cut to the periods asked for, where the years read are not enough to make it
    small ("" for none). reach: the cohorts that say how far has been delivered. only: extracts of which only pupils of
    a cohort matter.
    """

    own: str
    reads: Mapping[str, Years]
    cohort: str
    reach: tuple[str, ...]
    only: Mapping[str, str]


def local(catalogue: Catalogue, statements: Iterable[str]) -> Local | None:
    """How the periods of a family with these statements can be told apart; None where its cohort declares no years.

    A statement reads every cohort at its own period.
    """
    written = tuple(statements)
    cohorts = {named for sql in written for named in re.findall(r"^FROM (\w+)", sql, re.M)}
    if len(cohorts) != 1 or not (cohorts <= catalogue.cohorts.keys()):
        return None
    cohort = cohorts.pop()
    if not declared(catalogue, cohort):
        return None
    direct = set().union(*(_names(sql) for sql in written))
    found = _together(_read_by(catalogue, name, THEN) for name in sorted(direct & catalogue.cohorts.keys()))
    whole = {name for name, years in found.items() if years is None} | (direct & catalogue.extracts.keys())
    reads = {name: years for name, years in found.items() if years is not None and name not in whole}
    own = _own(catalogue, cohort)
    cut = "" if reads.get(own) == THEN else cohort
    return Local(
        own=own, reads=reads, cohort=cut, reach=_reach(catalogue, written), only=_only(catalogue, direct, cohort)
    )


def _only(catalogue: Catalogue, direct: set[str], cohort: str) -> dict[str, str]:
    """Per extract the cohort whose pupils alone matter: the family's own, where nothing else of it reads the extract."""
    found = {}
    for name in direct & catalogue.cohorts.keys():
        others = " ".join(direct - {name})
        for extract, whose in ONLY.findall(catalogue.cohorts[name]):
            elsewhere = _names(others).union(*(catalogue.reads[each] for each in catalogue.sources(others)))
            if whose == cohort and extract not in elsewhere:
                found[extract] = whose
    return found


def declared(catalogue: Catalogue, cohort: str) -> Mapping[str, Years | str | None]:
    """What a cohort declares of what it reads, in its order: its years, None for all of it, or REACH."""
    return _declared(catalogue.cohorts[cohort])


@functools.cache
def _declared(sql: str) -> Mapping[str, Years | str | None]:
    said = LINE.findall(sql)
    require(len(said) <= 1, "a cohort declares its years on one line", said)
    parts = [part.strip().split(" ", 1) for line in said for part in line.split(";")]
    require(all(len(part) == 2 for part in parts), "years are named after what is read", said)
    found = {name: _years(text) for name, text in parts}
    unread = found.keys() - _names(sql)
    require(not unread, "a cohort declares years of what it reads", sorted(unread))
    return found


def _years(text: str) -> Years | str | None:
    if text in ("all", REACH):
        return REACH if text == REACH else None
    if text.startswith("to "):
        return Years(at=frozenset(), to=int(text[3:]))
    return Years(at=frozenset(int(each) for each in text.split(",")))


def _read_by(catalogue: Catalogue, cohort: str, years: Years) -> dict[str, Years | None]:
    """The years of each extract behind these years of a cohort; None for all of them."""
    said = declared(catalogue, cohort)
    found = []
    for name in sorted(catalogue.reads[cohort] - {cohort}):
        here = said.get(name)
        if here == REACH or isinstance(here, str):
            continue
        through = None if here is None else years.then(here)
        if name in catalogue.extracts:
            found.append({name: through})
        elif name in catalogue.cohorts:
            further = _read_by(catalogue, name, through or THEN)
            found.append(further if through else dict.fromkeys(further))
    return _together(found)


def _together(parts: Iterable[Mapping[str, Years | None]]) -> dict[str, Years | None]:
    whole: dict[str, Years | None] = {}
    for part in parts:
        for name, years in part.items():
            before = whole.get(name, years)
            whole[name] = before.with_(years) if before is not None and years is not None else None
    return whole


def _own(catalogue: Catalogue, cohort: str) -> str:
    name = cohort
    while name in catalogue.cohorts:
        name = next(iter(declared(catalogue, name)))
    require(name in catalogue.extracts, "a family's periods are an extract's", name)
    return name


def _reach(catalogue: Catalogue, statements: tuple[str, ...]) -> tuple[str, ...]:
    behind = catalogue.sources(" ".join(statements))
    return tuple(name for each in behind for name, years in declared(catalogue, each).items() if years == REACH)


@functools.cache
def _names(sql: str) -> frozenset[str]:
    """The names in a statement, without its comments and texts."""
    return frozenset(re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"--[^\n]*|'[^']*'", "", sql)))
