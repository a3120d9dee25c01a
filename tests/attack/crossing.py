"""An outsider across families: values that divide others further, beside those they divide, in one release and in two.

The sums are read off the definitions as anyone reads them: levels of absence are classes of the absence, and pupils known
to social services and the others are all pupils.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from tests.attack.outsider import Finding, K, Sums, own, sensitive_classes

GROUP = [
    "area_type",
    "area",
    "provider",
    "stage",
    "model",
    "sex",
    "background",
    "period_from",
    "period_to",
    "period_kind",
]
Class = tuple[str, str]
Sum = tuple[Class, tuple[Class, ...]]


def _both(whole: str, parts: Sequence[str]) -> tuple[Sum, ...]:
    """Everybody is in one part, and those with the outcome are those of the parts."""
    return tuple(((whole, part), tuple((each, part) for each in parts)) for part in ("denominator", "numerator"))


LEVELS = tuple(f"reported_after_absence_{each}" for each in ("under_10", "10_to_20", "20"))
YEAR8 = tuple(f"eligible_after_year8_absence_{each}" for each in ("under_10", "10_to_20", "20"))
YEAR6 = tuple(f"eligible_after_year6_absence_{each}" for each in ("under_10", "10"))
KNOWN = ("known_to_social_services", "not_known_to_social_services")
SETS: tuple[tuple[Sum, ...], ...] = (
    _both("eligibility_vocational", [f"eligibility_{each}" for each in KNOWN]),
    _both("absence_20", [f"absence_20_{each}" for each in KNOWN]),
    (
        (("absence_10", "denominator"), tuple((each, "denominator") for each in LEVELS)),
        (("absence_20", "denominator"), tuple((each, "denominator") for each in LEVELS)),
        (("absence_10", "numerator"), tuple((each, "denominator") for each in LEVELS[1:])),
        (("absence_20", "numerator"), ((LEVELS[2], "denominator"),)),
    ),
    (
        *_both("eligibility_vocational", YEAR8),
        (("eligibility_vocational", "denominator"), (("year8_absence_found", "denominator"),)),
    ),
    (
        *_both("eligibility_vocational", YEAR6),
        (("eligibility_vocational", "denominator"), (("year6_absence_found", "denominator"),)),
    ),
)


def wholes(number: int) -> set[str]:
    return {whole for (whole, _), _ in SETS[number]}


def parts(number: int) -> list[str]:
    return list(dict.fromkeys(name for _, some in SETS[number] for name, _ in some))


def groups(values: pd.DataFrame, number: int) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Every group that has a row of a part, with its rows by indicator."""
    rows = own(values[values["indicator"].isin({*wholes(number), *parts(number)})])
    rows = rows[rows["status"].isin(["shown", "hidden"])]
    keys = list(rows[GROUP].itertuples(index=False, name=None))
    divided = {key for key, name in zip(keys, rows["indicator"], strict=True) if name in parts(number)}
    found: dict[tuple[Any, ...], dict[str, Any]] = {key: {} for key in keys if key in divided}
    some = [key in divided for key in keys]
    for key, row in zip((key for key in keys if key in divided), rows[some].itertuples(), strict=True):
        found[key][str(row.indicator)] = row
    yield from found.items()


def divided_findings(values: pd.DataFrame, definitions: Mapping[str, Any], where: str = "values") -> Iterator[Finding]:
    """Few pupils who follow from values and those that divide them, or by whom these do not add up to those."""
    for number, stated in enumerate(SETS):
        for key, rows in groups(values, number):
            yield from _of_group(stated, rows, key, definitions, where)


def _of_group(
    stated: Sequence[Sum], rows: Mapping[str, Any], key: tuple[Any, ...], definitions: Mapping[str, Any], where: str
) -> Iterator[Finding]:
    sums = Sums()
    for name, row in rows.items():
        sums.add((name,), row)
    for (whole, part), of in stated:
        if whole in rows and all(name in rows for name, _ in of):
            named = ((whole,), part), [((name,), each) for name, each in of]
            less = _difference(sums, *named)
            if less:
                yield Finding(
                    where, "parts and whole differ by few" if less < K else "they differ", (whole, part, *key)
                )
            sums.sums.append((*named, True))
    sums.narrow()
    for name, row in rows.items():
        for part in sensitive_classes(definitions[name]):
            if row.status == "hidden" and 0 < sums.bounds[(name,), part][1] < K:
                yield Finding(where, f"few pupils in the {part} follow from what divides it", (name, *key))


def _difference(sums: Sums, whole: Any, of: Sequence[Any]) -> float:
    """By how many pupils a whole that is shown differs from its parts that all are."""
    found = [sums.bounds[each] for each in (whole, *of)]
    if any(low != high for low, high in found):
        return 0.0
    return float(abs(found[0][0] - sum(low for low, _ in found[1:])))
