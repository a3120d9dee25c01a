"""Support from both sides, plans, surveys and what divides open values: an outsider with every row of a random region."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from metrics import catalogue
from metrics.declare import Indicator
from metrics.layout import layout_of
from metrics.protect.gate import protect
from metrics.protect.joined import joined
from metrics.protect.splits import with_their_wholes
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from metrics.vocabulary import ALL, Municipality, Region
from tests.attack.crossing import KNOWN, LEVELS, YEAR8

K = 5
DECLARED = catalogue.default().indicators
REGION = Region(
    name="Fyra",
    title="Fyra kommuner",
    members=tuple(Municipality(code=f"000{number}", name="ABCD"[number]) for number in range(4)),
)
CODES = {member.name: member.code for member in REGION.members}
SEXES = ("boys", "girls")
State = int | None
"""Whether pupils have an indicator's outcome; None where they are not in its denominator."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """A population family, and in which states of its indicators pupils of the region are."""

    population: str
    period: str
    patterns: tuple[tuple[State, ...], ...]
    stages: tuple[str, ...] = ("7-9",)
    names: tuple[str, ...] = ()
    """The indicators, where they are of several families or not all of one."""
    sizes: tuple[float, ...] = (0.3, 1, 4, 12)
    """Pupils to expect in a cell."""
    seeds: tuple[int, ...] = (1,)
    least: int = K
    """Hidden rows of classes of at least so many are told to see that they are found."""

    @property
    def indicators(self) -> tuple[Indicator, ...]:
        return tuple(DECLARED[name] for name in self.names) or catalogue.default().family(self.population)

    @property
    def populations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.population for each in self.indicators))

    @property
    def cells(self) -> list[tuple[str, str, str, tuple[State, ...]]]:
        return list(product(REGION.codes, self.stages, SEXES, self.patterns))


def levels(level: int, reported: int, known: int) -> tuple[State, ...]:
    """States of the absence, of what divides it by level and of what divides it by who is known; level: 0 to 2."""
    by_level = tuple(reported if each == level else None for each in range(3))
    by_known = (int(level == 2), None) if known else (None, int(level == 2))
    return (int(level >= 1), int(level == 2), int(level == 2), *by_level, *by_known)


def eligible(level: int, has: int, found: int) -> tuple[State, ...]:
    """States of eligibility, of what divides it by absence in year 8, and of whether that was found."""
    return (has, *(has if each == level else None for each in range(3)), found)


FAMILIES = {
    "levels_of_absence": Family(
        population="joined_pupils",
        period="HT 2024",
        names=("absence_10", "absence_15", "absence_20", *LEVELS, *(f"absence_20_{each}" for each in KNOWN)),
        patterns=tuple(levels(*each) for each in product(range(3), (0, 1), (0, 1))),
        seeds=(2,),
    ),
    "eligible_after_absence": Family(
        population="leavers_by_absence",
        period="2024/25",
        names=("eligibility_vocational", *YEAR8, "year8_absence_found"),
        sizes=(0.05, 0.2, 0.5, 1),
        least=0,  # the region's totals only: nothing is hidden beside the few themselves
        patterns=tuple(eligible(*each) for each in ((0, 0, 0), (0, 1, 0), *product(range(3), (0, 1), (1,)))),
    ),
    "special_support": Family(population="special_support_pupils", period="2024/25", patterns=((0,), (1,))),
    "coordinated_plan": Family(
        population="coordinated_plans",
        period="2024",
        patterns=((1, 1, 1, 1), (0, 0, 0, 0), (None, 1, 0, 1), (0, None, 1, 0), (1, 0, None, None)),
    ),
    "school_survey": Family(
        population="survey_answers",
        period="2024/25",
        stages=("4-6", "7-9"),
        patterns=((1, 1), (1, 0), (0, 1), (0, 0), (None, 1)),
    ),
}


def counted(family: Family, numbers: np.ndarray) -> Counts:
    rows = []
    for (code, stage, sex, pattern), number in zip(family.cells, numbers, strict=True):
        row = {
            "period": family.period,
            "school_municipality": code,
            "home_municipality": code,
            "provider": "municipal",
            "stage": stage,
            "models": "",
            "sex": sex,
            "foreign_background": "swedish",
            "parents_education": "post_secondary",
            "newly_arrived": "not_newly_arrived",
            "contributors": number,
            "school_first": f"{code}1",
            "school_last": f"{code}2",
        }
        for each, state in zip(family.indicators, pattern, strict=True):
            row |= {f"{each.name}__denominator": int(state is not None), f"{each.name}__numerator": int(state == 1)}
        rows.append(row)
    frame = pd.DataFrame(rows)
    inner = frame[frame["contributors"] > 0].reset_index(drop=True)
    kind = family.indicators[0].period_kind
    return Counts(population=family.population, period_kind=kind, inner=inner, main_provider="municipal")


def published(family: Family, numbers: np.ndarray) -> pd.DataFrame:
    """The rows of a release: every family through the gate, and what divides others' values beside them."""
    parts, whole = [], counted(family, numbers)
    for population in family.populations:
        own = [each for each in family.indicators if each.population == population]
        columns = [f"{each.name}__{part}" for each in own for part in ("denominator", "numerator")]
        foreign = [name for name in whole.inner.columns if "__" in name and name not in columns]
        counts = replace(whole, population=population, inner=whole.inner.drop(columns=foreign))
        values, report = protect(counts, layout_of(population), indicators=own, region=REGION, thresholds=Thresholds())
        assert report["narrow"] == 0
        parts.append(values)
    rows = with_their_wholes(joined(parts), {each.name: each for each in family.indicators}).values
    return rows[rows["period_kind"] != "pooled"].reset_index(drop=True)


def inside(family: Family, row: object) -> np.ndarray:
    """The cells that a row is about, read off its keys."""
    place = {"municipality": lambda code: code == CODES[row.area], "region": lambda _: True}
    place["rest_of_region"] = lambda code: code != CODES[row.area]
    return np.array(
        [
            place[row.area_type](code) and row.stage in (ALL, stage) and row.sex in (ALL, sex)
            for code, stage, sex, _ in family.cells
        ]
    )


def classes(family: Family, row: object) -> dict[str, np.ndarray]:
    """Denominator, numerator and rest of a row's indicator, as cells."""
    number = [each.name for each in family.indicators].index(row.indicator)
    own, states = inside(family, row), [cell[-1][number] for cell in family.cells]
    parts = {"denominator": (0, 1), "numerator": (1,), "rest": (0,)}
    return {name: own & np.array([state in among for state in states]) for name, among in parts.items()}


def width(family: Family, values: pd.DataFrame, target: np.ndarray) -> float:
    """How many pupils a class may differ by for somebody with every row.

    A hidden row says that somebody is in it, but for parts of open values: they stand in every group that has one of them.
    """
    equal, total, least = [], [], []
    dividing = {each.name for each in family.indicators if each.splits}
    for row in values.itertuples(index=False):
        found = classes(family, row)
        if row.status == "shown":
            equal += [found["denominator"], found["numerator"]]
            total += [row.denominator, row.numerator]
        elif row.indicator not in dividing:
            least.append(found["denominator"])
    given = {"A_eq": np.array(equal, float), "b_eq": np.array(total)} if equal else {}
    given |= {"A_ub": -np.array(least, float), "b_ub": -np.ones(len(least))} if least else {}
    ends = [linprog(sign * target.astype(float), method="highs", **given) for sign in (1, -1)]
    return float(-ends[1].fun - ends[0].fun) if ends[1].status == 0 else np.inf


def few(family: Family, values: pd.DataFrame, numbers: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Sensitive classes of any row that are too few, and sensitive ones that everybody in a row is in."""
    sensitive = {each.name: each.sensitive for each in family.indicators}
    for row in values.itertuples(index=False):
        parts = classes(family, row)
        size = {name: int(numbers[part].sum()) for name, part in parts.items()}
        asked = {"denominator"} | ({"numerator"} if sensitive[row.indicator] in ("outcome", "both") else set())
        asked |= {"rest"} if sensitive[row.indicator] in ("remainder", "both") else set()
        for name in asked:
            if 0 < size[name] < K:
                yield f"{row.indicator} {row.area} {row.stage} {row.sex} {name}", parts[name]
        for name, other in (("numerator", "rest"), ("rest", "numerator")):
            if other in asked and size["denominator"] and not size[name]:
                yield f"{row.indicator} {row.area} {row.stage} {row.sex} all {other}", parts[name]


def leaks(family: Family, values: pd.DataFrame, numbers: np.ndarray) -> set[str]:
    """Few who are narrowed to less than k, and to less than the open values alone narrow them."""
    whole = [each.name for each in family.indicators if not each.splits]
    opened = values[values["indicator"].isin(whole)] if len(whole) < len(family.indicators) else values.head(0)
    found = {
        about: (part, wide)
        for about, part in few(family, values, numbers)
        if (wide := width(family, values, part)) < K - 1e-3
    }
    return {about for about, (part, wide) in found.items() if wide < min(K, width(family, opened, part)) - 1e-3}


def alike(family: Family, values: pd.DataFrame) -> bool:
    """Whether parts that are told together have rows in the same groups: a row that lacks would say that nobody is there."""
    dividing = [each for each in family.indicators if each.splits]
    keys = ["area_type", "area", "stage", "sex", "background", "provider"]
    found = {each.name: (each.splits, frozenset(map(tuple, _rows(values, each)[keys].to_numpy()))) for each in dividing}
    return len(set(found.values())) == len({splits for splits, _ in found.values()})


def _rows(values: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    return values[values["indicator"] == indicator.name]


def told(family: Family, values: pd.DataFrame, numbers: np.ndarray) -> pd.DataFrame:
    """The same rows with the truth of every hidden one that is not of fewer itself."""
    made = values.copy()
    for row in made[made["status"] == "hidden"].itertuples():
        size = {name: float(numbers[part].sum()) for name, part in classes(family, row).items()}
        if min(size.values()) >= family.least:
            made.loc[row.Index, ["status", "numerator", "denominator"]] = [
                "shown",
                size["numerator"],
                size["denominator"],
            ]
    return made


@pytest.mark.parametrize("name", list(FAMILIES))
def test_no_few_follow_from_any_rows_of_a_random_region_and_a_row_that_is_told_is_found(name: str) -> None:
    family = FAMILIES[name]
    for seed in family.seeds:
        random = np.random.default_rng(seed)
        numbers = random.poisson(random.choice(family.sizes, len(family.cells)))
        values = published(family, numbers)
        assert {"shown", "hidden"} <= set(values["status"])
        assert leaks(family, values, numbers) == set()
        assert alike(family, values)
        assert leaks(family, told(family, values, numbers), numbers)
