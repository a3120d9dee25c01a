"""One SELECT per population family: rows per period x dimensions x outcome pattern over all its indicators.

Each pupil (and period and dimension values) becomes one row with every indicator's numerator and denominator beside
each other; equal rows are then counted. Magnitudes of means are summed, not part of the pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from metrics.declare import Indicator
from metrics.values import DIMENSION_COLUMNS

DIMENSIONS = ", ".join(DIMENSION_COLUMNS)
SCHOOLS = ("school_first", "school_last")
PUPIL = ("contributors", "period", "school_unit", *DIMENSION_COLUMNS)
BEGINNING = re.compile(r"SELECT\s+" + r"\s*,\s*".join(PUPIL) + r"\s*,\s*(?P<numbers>.*?)\nFROM (?P<source>\S.*)", re.S)
"""An indicator that reads one cohort: the pupil's columns as they are, then numbers of its own."""
SUMS = ("sum", "sum_squares", "largest", "weight")
BITS = 30
"""So many outcomes share a whole number: an INTEGER that is not below 0."""
ALIAS = re.compile(r" AS (\w+)(?=,\n    |\Z)")
FLAG = re.compile(r"CASE WHEN (.*) THEN 1 ELSE 0 END", re.S)
"""1 or 0, never NULL; the condition itself may hold whole CASEs."""
MICRO = 1_000_000
"""Amounts are added up as whole numbers of this part of them."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an indicator takes from where: its numbers, each alias followed by the indicator's place, and the FROM.

    flags: those of the aliases that are 1 or 0 in every row, a numerator only where it is 1 inside the denominator alone.
    """

    cohort: str
    source: str
    numbers: str
    aliases: tuple[str, ...]
    flags: frozenset[str]


def readings(family: tuple[Indicator, ...]) -> tuple[Reading, ...] | None:
    """How each indicator reads the family's cohort; None where any reads something else, or in another way."""
    found = [_reading(number, indicator) for number, indicator in enumerate(family)]
    if any(each is None for each in found):
        return None
    whole = tuple(each for each in found if each is not None)
    return whole if len({each.cohort for each in whole}) == 1 else None


def _reading(number: int, indicator: Indicator) -> Reading | None:
    sql = indicator.sql.strip()
    matched = BEGINNING.fullmatch(sql)
    if matched is None or sql.count("\nFROM ") != 1 or re.search(r"\n(WHERE|GROUP|UNION|HAVING|QUALIFY|LIMIT)\b", sql):
        return None
    numbers = matched["numbers"].rstrip()
    cohort = matched["source"].split()[0]
    aliases = tuple(ALIAS.findall(numbers))
    if not {"numerator", "denominator", *(["weight"] if indicator.ratio else [])} <= set(aliases):
        return None
    return Reading(
        cohort=cohort,
        source=matched["source"],
        numbers=ALIAS.sub(rf" AS \1_{number}", numbers),
        aliases=tuple(f"{name}_{number}" for name in aliases),
        flags=frozenset(f"{name}_{number}" for name in _flags(numbers)),
    )


def _flags(numbers: str) -> set[str]:
    starts = [0, *(each.end() for each in ALIAS.finditer(numbers))]
    found = zip(starts, ALIAS.finditer(numbers), strict=False)
    conditions = {each[1]: _condition(numbers[start : each.start()].strip(", \n")) for start, each in found}
    top, below = conditions.get("numerator"), conditions.get("denominator")
    if below is None:
        return set()
    inside = top is not None and (below == "" or top.startswith(f"({below}) AND ("))
    return {"denominator", "numerator"} if inside else {"denominator"}


def _condition(expression: str) -> str | None:
    """The condition under which the expression is 1 and not 0, "" for a plain 1; None where it may be anything else."""
    if expression == "1":
        return ""
    matched = FLAG.fullmatch(expression)
    if matched is None:
        return None
    depth = 0
    for word in re.findall(r"\b(?:CASE|END)\b", matched[1]):
        depth += 1 if word == "CASE" else -1
        if depth < 0:
            return None
    return matched[1] if depth == 0 else None


def without_join(indicator: Indicator) -> Indicator:
    """An indicator that needs a join as it is counted where there is none: nobody, read from the family's cohort alone."""
    matched = BEGINNING.fullmatch(indicator.sql.strip())
    if not indicator.needs_join or matched is None:
        return indicator
    columns = [*PUPIL, "0 AS numerator", "0 AS denominator", *(["0 AS observed"] if indicator.censored else [])]
    source = matched["source"].split()[0]
    return replace(indicator, sql="SELECT\n    " + ",\n    ".join(columns) + f"\nFROM {source}")


def family_sql(family: tuple[Indicator, ...], *, by_unit: bool = False, wide: bool = False) -> str:
    """The SELECT for any family: every indicator's SQL as it stands, stacked and turned to one row per pupil.

    by_unit: with pupils of different schools (or sets of schools) told apart. wide: for amounts above any number of minutes
    in a term, which are not added up as whole numbers; where they are, DuckDB refuses such amounts.
    """
    return _counted(
        family, _pupils_stacked(family), "count(DISTINCT contributors)", SCHOOLS if by_unit else (), wide=wide
    )


def joined_sql(
    family: tuple[Indicator, ...], read: tuple[Reading, ...], *, by_unit: bool = False, wide: bool = False
) -> str:
    """The same rows read once from the family's cohort; right only where no pupil stands there twice (`repeated_sql`), nor
    in what is joined to it: then all contributors together are as many as the cohort's rows.

    `by_unit`, `wide`: as in `family_sql`.
    """
    return _counted(family, _pupils_joined(family, read), "count(*)", SCHOOLS if by_unit else (), wide=wide)


def seen_sql(family: tuple[Indicator, ...]) -> str:
    """Per period and indicator (all with a column `observed`), 1 where anyone is; each source read once where they can be."""
    read = readings(family)
    if read is None or not all(f"observed_{number}" in each.aliases for number, each in enumerate(read)):
        each_alone = [
            f"SELECT period, '{each.name}' AS indicator, coalesce(max(observed), 0) AS seen FROM ({each.sql}) AS found"
            " GROUP BY period"
            for each in family
        ]
        return " UNION ALL ".join(each_alone) + " ORDER BY period, indicator"
    parts = []
    for source in dict.fromkeys(each.source for each in read):
        seen = [
            f"coalesce(max(observed_{number}), 0) AS {indicator.name}"
            for number, indicator in enumerate(family)
            if read[number].source == source
        ]
        within = f"SELECT period, {_numbers(read, source)} FROM {source}"
        whole = f"SELECT period, {', '.join(seen)} FROM ({within}) AS found GROUP BY period"
        parts.append(
            f"SELECT period, indicator, seen FROM (UNPIVOT ({whole}) ON * EXCLUDE (period) INTO NAME indicator VALUE seen)"
        )
    return " UNION ALL ".join(parts) + " ORDER BY period, indicator"


def repeated_sql(cohort: str) -> str:
    """The number of a cohort's rows, and of those beyond one per pupil and period."""
    once = f"SELECT DISTINCT contributors, period FROM {cohort}"
    return f"SELECT count(*), count(*) - (SELECT count(*) FROM ({once}) AS once) FROM {cohort}"


def _only_adds(source: str, cohort: str) -> bool:
    """Whether the source is the cohort with nothing but LEFT JOINs, so that every row of the cohort stands in it."""
    joins = re.findall(r"^(.*)\bJOIN\b", source.removeprefix(cohort), re.M)
    outer = [each for each in joins if not each.startswith(" ")]
    return bool(outer) and all(each == "LEFT " for each in outer)


def _counted(
    family: tuple[Indicator, ...], pupils: str, number: str, apart: tuple[str, ...] = (), wide: bool = False
) -> str:
    """Equal pupils counted: outcomes are compared as the bits of a few whole numbers, which also sort as they do."""
    words = _words(family)
    names = [f"pattern_{place}" for place in range(len(words))]
    keys = ", ".join(["period", DIMENSIONS, *names])
    within = ", ".join(["period", DIMENSIONS, *names, *(f"pupils.{name}" for name in apart)])
    sums = [part for each in family if is_magnitude(each) for part in _sums(each, wide)]
    return f"""
        WITH {pupils},
        counted AS (
            SELECT
                period,
                {DIMENSIONS},
                {", ".join(f"{_word(word)} AS {name}" for word, name in zip(words, names, strict=True))},
                CAST({number} AS BIGINT) AS contributors,
                {", ".join(["min(pupils.school_first) AS school_first", "max(pupils.school_last) AS school_last", *sums])}
            FROM pupils
            GROUP BY {within}
        )
        SELECT
            period,
            {", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in DIMENSION_COLUMNS)},
            contributors,
            school_first,
            school_last,
            {", ".join(part for each in family for part in _measures(each, words))}
        FROM counted
        ORDER BY {", ".join([keys, *apart])}
    """


def _words(family: tuple[Indicator, ...]) -> tuple[tuple[str, ...], ...]:
    """The parts of the outcome pattern, in order, as they share whole numbers: the first has the highest bit."""
    parts = [part for each in family for part in _pattern(each)]
    return tuple(tuple(parts[start : start + BITS]) for start in range(0, len(parts), BITS))


def _word(word: tuple[str, ...]) -> str:
    return " + ".join(f"CAST({part} AS INTEGER) * {2**place}" for place, part in enumerate(reversed(word)))


def _bit(words: tuple[tuple[str, ...], ...], part: str) -> str:
    """One part of the pattern, 1 or 0."""
    number, word = next((number, word) for number, word in enumerate(words) if part in word)
    return f"CAST((pattern_{number} >> {len(word) - 1 - word.index(part)}) & 1 AS TINYINT) AS {part}"


def _pupils_stacked(family: tuple[Indicator, ...]) -> str:
    return f"""
        written AS (
            {" UNION ALL ".join(_tagged(number, indicator) for number, indicator in enumerate(family))}
        ),
        pupils AS (
            SELECT
                period,
                contributors,
                {DIMENSIONS},
                min(school_unit) AS school_first,
                max(school_unit) AS school_last,
                {", ".join(part for number, indicator in enumerate(family) for part in _pivot(number, indicator))}
            FROM written
            GROUP BY
                period,
                contributors,
                {DIMENSIONS}
        )
    """


def _pupils_joined(family: tuple[Indicator, ...], read: tuple[Reading, ...]) -> str:
    """The cohort with the numbers read from it and from what is added to it, and a join per source that is none of these."""
    cohort = read[0].cohort
    sources = [source for source in dict.fromkeys(each.source for each in read) if source != cohort]
    added = [source for source in sources if _only_adds(source, cohort)]
    apart = [source for source in sources if source not in added]
    joins = [
        f"LEFT JOIN (SELECT contributors, period, {_numbers(read, source)} FROM {source}) AS further_{place}"
        f" ON further_{place}.contributors = main.contributors AND further_{place}.period = main.period"
        for place, source in enumerate(apart)
    ]
    flags = frozenset().union(*(each.flags for each in read))
    parts = [part for number, indicator in enumerate(family) for part in _own(number, indicator, flags)]
    return f"""
        pupils AS (
            SELECT
                {", ".join(f"main.{name}" for name in ("period", "contributors", *DIMENSION_COLUMNS))},
                main.school_unit AS school_first,
                main.school_unit AS school_last,
                {", ".join(parts)}
            FROM ({_whole(read, cohort, added)}) AS main
            {" ".join(joins)}
        )
    """


def _whole(read: tuple[Reading, ...], cohort: str, added: list[str]) -> str:
    """The cohort's pupils with numbers beside them, what is added joined to the cohort itself."""
    within, said = cohort, [_numbers(read, cohort)]
    for source in added:
        names = ", ".join(name for each in read if each.source == source for name in each.aliases)
        within = (
            f"(SELECT {cohort}.*, {_numbers(read, source)} FROM {within} AS {cohort} {source.removeprefix(cohort)})"
        )
        said.append(names)
    columns = ", ".join(["contributors", "period", "school_unit", DIMENSIONS, *filter(None, said)])
    return f"SELECT {columns} FROM {within} AS {cohort}"


def _numbers(read: tuple[Reading, ...], source: str) -> str:
    return ", ".join(each.numbers for each in read if each.source == source)


def _own(number: int, indicator: Indicator, flags: frozenset[str]) -> list[str]:
    """Per pupil, as `_pivot`, where she has one row; what is known to be 1 or 0 is taken as it is."""
    name, kind = indicator.name, "DOUBLE" if is_magnitude(indicator) else "TINYINT"
    below, top = f"denominator_{number}", f"numerator_{number}"
    inside = f"{below} > 0"
    parts = [
        f"{below if below in flags else f'CAST(coalesce({below}, 0) AS TINYINT)'} AS {name}__denominator",
        f"{top} AS {name}__numerator"
        if top in flags and kind == "TINYINT"
        else f"CASE WHEN {inside} THEN coalesce(CAST({top} AS {kind}), 0) ELSE 0 END AS {name}__numerator",
    ]
    weight = f"CASE WHEN {inside} THEN coalesce(CAST(weight_{number} AS DOUBLE), 0) ELSE 0 END AS {name}__weight"
    return [*parts, weight] if indicator.ratio else parts


def _tagged(number: int, indicator: Indicator) -> str:
    return f"""
        SELECT
            {number} AS indicator,
            period,
            contributors,
            school_unit,
            {DIMENSIONS},
            CAST(numerator AS DOUBLE) AS numerator,
            CAST({"weight" if indicator.ratio else "NULL"} AS DOUBLE) AS weight,
            coalesce(denominator, 0) AS denominator
        FROM ({indicator.sql}) AS found
    """


def is_magnitude(indicator: Indicator) -> bool:
    """Whether the indicator adds up an amount per pupil instead of counting an outcome."""
    return indicator.unit == "mean" or indicator.ratio


def _pivot(number: int, indicator: Indicator) -> list[str]:
    """Per pupil: whether in the denominator, and its numerator (and weight) only when it is."""
    name, own = indicator.name, f"FILTER (WHERE indicator = {number} AND denominator > 0)"
    inside = f"coalesce(max(denominator) FILTER (WHERE indicator = {number}), 0)"
    parts = [
        f"CAST({inside} AS TINYINT) AS {name}__denominator",
        f"coalesce(max(numerator) {own}, 0) AS {name}__numerator",
    ]
    return [*parts, f"coalesce(max(weight) {own}, 0) AS {name}__weight"] if indicator.ratio else parts


def _pattern(indicator: Indicator) -> list[str]:
    name = indicator.name
    return [f"{name}__denominator"] if is_magnitude(indicator) else [f"{name}__denominator", f"{name}__numerator"]


def _measures(indicator: Indicator, words: tuple[tuple[str, ...], ...]) -> list[str]:
    return [_bit(words, part) for part in _pattern(indicator)] + [
        f"{indicator.name}__{sum}" for sum in SUMS[: 4 if indicator.ratio else 3] if is_magnitude(indicator)
    ]


def _sums(indicator: Indicator, wide: bool) -> list[str]:
    name = indicator.name
    magnitude = f"{name}__numerator"
    sums = [
        f"{_summed(magnitude, wide)} AS {name}__sum",
        f"{_summed(f'{magnitude} * {magnitude}', wide)} AS {name}__sum_squares",
        f"max({magnitude}) AS {name}__largest",
    ]
    return [*sums, f"{_summed(f'{name}__weight', wide)} AS {name}__weight"] if indicator.ratio else sums


def _summed(amount: str, wide: bool) -> str:
    """A sum that does not depend on the order of rows: parts of a minute are added as whole numbers, not as floats.

    wide: as decimals, for amounts that no whole number of 64 bits holds.
    """
    if wide:
        return f"CAST(sum(CAST({amount} AS DECIMAL(28, 6))) AS DOUBLE)"
    whole = f"sum(CAST(round({amount} * {MICRO}) AS BIGINT))"
    return f"CAST(CAST({whole} AS DECIMAL(38, 0)) * CAST(0.000001 AS DECIMAL(6, 6)) AS DOUBLE)"
