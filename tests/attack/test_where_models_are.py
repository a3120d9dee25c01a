"""Anyone knows which schools have a model: no pupil can be thought of as reached by, or covered by, one that is not there."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from metrics import catalogue
from metrics.declare import Indicator
from metrics.layout import Layout, Table
from metrics.protect.gate import joint_problem, protect
from metrics.protect.known import KnownSum
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from tests.attack.inner import classes, inner_row, region_of

K = 5
REGION = region_of("ABCD")
LAYOUT = Layout(
    by_stage=True, tables=(Table(areas="members"), Table(areas="region"), Table(areas="region", by=("model",)))
)
DECLARED = catalogue.default().indicators
ABSENT, COVERED, REACHED = (DECLARED[name] for name in ("absence_30", "covered_by_model", "target_group_reached"))
KINDS = ("present", "absent", "reached")
"""Pupils that can be: with little absence, with much, and with much and a case with the model of their school."""
CELLS = [
    (code, model, kind)
    for code, model, kind in product(REGION.codes, ("", "sspf"), KINDS)
    if model or kind != "reached"
]
FAMILY = (ABSENT, COVERED, REACHED)
Numbers = dict[tuple[str, str], tuple[int, ...]]
"""By member and set of models, how many of each kind."""
WITHOUT: Numbers = {
    ("A", ""): (300, 3),
    ("B", "sspf"): (18, 6, 6),
    ("C", "sspf"): (900, 95, 45),
    ("D", "sspf"): (700, 65, 45),
}
"""A has three with much absence and no model; B's schools all have one."""


def counted(numbers: Numbers) -> NDArray[np.int64]:
    """How many are in each cell."""
    names = {member.code: member.name for member in REGION.members}
    told = {
        (area, model, kind): number
        for (area, model), kinds in numbers.items()
        for kind, number in zip(KINDS, kinds, strict=False)
    }
    return np.array([told.get((names[code], model, kind), 0) for code, model, kind in CELLS])


def inside(area: str, model: str) -> NDArray[np.bool_]:
    """The cells of a row of the long table, by what stands in it."""
    codes = {member.name: member.code for member in REGION.members}
    wanted = {"all": ("", "sspf"), "none": ("",), "sspf": ("sspf",), "without:sspf": ("",)}[model]
    return np.array([code == codes.get(area, code) and held in wanted for code, held, _ in CELLS])


def parts(indicator: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Cells in an indicator's denominator and numerator, by its definition."""
    much = np.array([kind != "present" for *_, kind in CELLS])
    model, met = np.array([bool(held) for _, held, _ in CELLS]), np.array([kind == "reached" for *_, kind in CELLS])
    every = np.ones(len(CELLS), bool)
    return {ABSENT.name: (every, much), COVERED.name: (every, model), REACHED.name: (much & model, met)}[indicator]


def counts_of(numbers: NDArray[np.int64]) -> Counts:
    rows = []
    for (code, model, kind), number in zip(CELLS, numbers, strict=True):
        held = {ABSENT.name: int(kind != "present"), COVERED.name: int(bool(model))}
        reached = {REACHED.name: int(kind == "reached")} if model and kind != "present" else {}
        outside = {f"{REACHED.name}__denominator": 0, f"{REACHED.name}__numerator": 0}
        if number:
            columns = outside | classes(**held, **reached)
            rows.append(inner_row(int(number), school=code, period="HT 2024", models=model, **columns))
    return Counts(population="attendance", period_kind="term", inner=pd.DataFrame(rows), main_provider="municipal")


def published(numbers: NDArray[np.int64]) -> pd.DataFrame:
    """What is told of them, beside all with much absence in the region, whom everybody knows the number of."""
    whole = float(numbers[parts(ABSENT.name)[1]].sum())
    about = {"period": "HT 2024", "indicator": ABSENT.name, "area": REGION.name, "sex": "all", "stage": "7-9"}
    known = [KnownSum(**about, provider="municipal", part="numerator", low=whole, high=whole)]
    given = {"indicators": FAMILY, "region": REGION, "thresholds": Thresholds(), "known": known}
    return protect(counts_of(numbers), LAYOUT, **given)[0].values


def width(values: pd.DataFrame, numbers: NDArray[np.int64], target: NDArray[np.bool_]) -> float:
    """What is left open of a class for someone with every row, who knows where there are models and where there are none."""
    told, truth, least = [], [], []
    known = {(names, held): number for (names, held, _), number in zip(CELLS, numbers, strict=True) if number}
    nobody = [(code, held) not in known for code, held, _ in CELLS]
    for row in values.itertuples():
        rows = inside(row.area, row.model)
        counts, top = (rows & part for part in parts(row.indicator))
        if row.status == "shown":
            told += [counts, top]
            truth += [row.denominator, row.numerator]
        else:
            least.append(counts)
    told, truth = [*told, np.array(nobody), parts(ABSENT.name)[1]], [*truth, 0.0, numbers[parts(ABSENT.name)[1]].sum()]
    stated = {"A_eq": np.array(told, float), "b_eq": np.array(truth, float), "method": "highs"}
    if least:
        stated |= {"A_ub": -np.array(least, float), "b_ub": -np.ones(len(least))}
    low, high = (linprog(sign * target.astype(float), **stated) for sign in (1, -1))
    return np.inf if high.status == 3 else -high.fun - low.fun


def test_few_who_are_absent_where_there_is_no_model_are_not_the_region_less_those_counted_where_there_is() -> None:
    """All others with much absence are counted among those a model may reach: the two regions' numbers give A's three."""
    counts = counted(WITHOUT)
    few = inside("A", "all") & parts(ABSENT.name)[1]
    assert width(published(counts), counts, few) >= K - 1e-3


def invented(family: tuple[Indicator, ...], numbers: Numbers) -> pd.DataFrame:
    """The empty inner cells of a layout's problem: pupils that an outsider is taken to think possible."""
    told = counts_of(counted(numbers))
    problem, *_ = joint_problem(told, "HT 2024", LAYOUT, family, REGION, Thresholds())
    pattern, place = problem.labels
    some = [(outcome.denominator, outcome.numerator) for outcome in problem.joint.outcomes]
    cells = pd.DataFrame({"place": place, "pupils": problem.joint.contributors, "code": problem.joint.codes})
    (_, much), (_, covered), (counting, _) = some
    cells = cells.assign(pattern=pattern, much=much, covered=covered, counting=counting)
    return cells[cells["pupils"] == 0]


PARTLY = WITHOUT | {("D", ""): (300, 60)}
"""D has schools of both kinds."""


def impossible(cells: pd.DataFrame) -> int:
    """Those covered where no school has a model (A), those uncovered where all have (B, C), and those who would be counted
    with much absence at a school with a model and are not, or the other way round."""
    nowhere = {"0001": cells["covered"], "0002": ~cells["covered"], "0003": ~cells["covered"]}
    wrong = sum(int((nowhere[code] & (cells["code"] == code)).sum()) for code in nowhere)
    return wrong + int((cells["counting"] != (cells["covered"] & cells["much"])).sum())


def test_nobody_is_thought_of_at_a_model_that_no_school_of_a_member_has() -> None:
    found = invented(FAMILY, PARTLY)
    assert impossible(found) == 0


def test_where_schools_of_both_kinds_are_each_set_has_its_own() -> None:
    """D's places: one with the model and one without; in neither does anybody stand who belongs in the other."""
    told = counts_of(counted(PARTLY))
    problem, *_ = joint_problem(told, "HT 2024", LAYOUT, FAMILY, REGION, Thresholds())
    covered = problem.joint.outcomes[1].numerator
    for place in set(problem.labels[1]):
        assert len(set(covered[problem.labels[1] == place])) == 1


def test_the_gate_of_before_thought_of_them() -> None:
    """Planted: nothing is declared of where the models are."""
    assert impossible(invented(tuple(replace(each, at_models="") for each in FAMILY), PARTLY)) > 0
