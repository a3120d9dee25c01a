"""Somebody kept both parts of the last release: with both parts of the new one, no fewer than k may be singled out."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics.protect.gate import protect
from metrics.protect.generations import EarlierTable, History
from metrics.protect.school_past import EarlierSchools
from metrics.protect.schools import Rules, SchoolTask, protect_schools
from metrics.protect.thresholds import Thresholds
from metrics.release.write import definition, write_release
from tests.attack.school_region import (
    CELLS,
    LAYOUT,
    MODELS,
    NAMES,
    PASSED,
    REGION,
    SCHOOL_K,
    VOCATIONAL,
    K,
    counted,
    inside,
    outcome,
    region_with,
    units_frame,
)

PERIOD = "2024/25"
LATE = {"31", "32", "33"}


@dataclass(frozen=True)
class Told:
    """Pupils per cell and models per school, and what was told of them; `held`: as the release before."""

    numbers: np.ndarray
    models: dict
    opened: pd.DataFrame
    schools: pd.DataFrame
    held: bool = False


def publish(numbers, models=MODELS, after=None):
    """A release of a region; `after`: the one before it, which the desk has kept."""
    stated = {"indicators": (VOCATIONAL, PASSED), "region": REGION, "thresholds": Thresholds()}
    units = units_frame(numbers, models)
    counts, earlier, history = counted(units), [], None
    if after is not None:
        before = units_frame(after.numbers, after.models)
        table = EarlierTable(
            inner=counted(before).inner,
            missing=counts.missing,
            main_provider="municipal",
            layout=LAYOUT,
            rows=after.opened,
        )
        history = History(tables={PERIOD: [table]})
        rows = after.schools.assign(school_unit=after.schools["area"])
        earlier = [EarlierSchools(table=replace(table, inner=before), rows=rows)]
    opened, report = protect(counts, LAYOUT, history=history, **stated)
    if report["held"]:
        return replace(after, held=True)
    task = SchoolTask(counts=counts, units=units, open_rows=opened.values, earlier=earlier)
    schools, _, waiting = protect_schools([task], Rules(layout=LAYOUT, names=NAMES, known=(), **stated))
    if waiting:
        return replace(after, held=True)
    return Told(np.asarray(numbers), models, opened.values, schools.values)


class Outsider:
    """Pupils of every cell are in both releases, only in the old or only in the new one: three numbers per cell."""

    def __init__(self, old, new, parts):
        """`parts`: of which release and part the rows are read."""
        equal, total, least = [], [], []
        for side, part in parts:
            told = (old, new)[side]
            for row in getattr(told, part).itertuples(index=False):
                cells = inside(row, told.models)
                if row.status == "shown":
                    equal += [self.sums(cells, side), self.sums(cells & outcome(row.indicator), side)]
                    total += [row.denominator, row.numerator]
                else:
                    least.append(self.sums(cells, side))
        self.given = {"A_eq": np.array(equal), "b_eq": np.array(total)} if equal else {}
        self.given |= {"A_ub": -np.array(least), "b_ub": -np.ones(len(least))} if least else {}

    @staticmethod
    def sums(cells, side):
        """Both and only old, or both and only new."""
        nothing, part = np.zeros(len(CELLS)), cells.astype(float)
        return np.concatenate([part, part if side == 0 else nothing, part if side == 1 else nothing])

    def width(self, wanted):
        ends = [linprog(sign * wanted, method="highs", **self.given) for sign in (1, -1)]
        assert all(end.status in (0, 3) for end in ends)
        return np.inf if any(end.status == 3 for end in ends) else -ends[1].fun - ends[0].fun


OLD, OPENED, SCHOOLS = ((0, "opened"), (0, "schools")), ((1, "opened"),), ((1, "schools"),)


def targets(old, new):
    """Every small class of either release and part, and every change of one that few make: sums and their k."""
    stay = np.minimum(old.numbers, new.numbers)
    for part, k in (("opened", K), ("schools", SCHOOL_K)):
        rows = pd.concat([getattr(old, part), getattr(new, part)])
        rows = rows.drop_duplicates(["indicator", "area_type", "area", "model", "sex"])
        for row in rows.itertuples(index=False):
            masks = [inside(row, each.models) for each in (old, new)]
            for of_class in (np.ones(len(CELLS), bool), ~outcome(row.indicator)):
                before, after = (mask & of_class for mask in masks)
                for side, told, mask in ((0, old, before), (1, new, after)):
                    if 0 < told.numbers[mask].sum() < k:
                        yield k, Outsider.sums(mask, side)
                came = (
                    stay[before ^ after].sum() + (old.numbers - stay)[before].sum() + (new.numbers - stay)[after].sum()
                )
                if 0 < came < k:
                    yield k, Outsider.sums(after, 1) - Outsider.sums(before, 0)


def leaks(old, new, parts=(*OLD, *OPENED, *SCHOOLS)):
    """How narrow each target gets for somebody with these parts, where neither the old release nor the new open part
    alone gets it so."""
    everything = Outsider(old, new, parts)
    lesser = [Outsider(old, new, each) for each in (OLD, OPENED)]
    for k, wanted in targets(old, new):
        width = everything.width(wanted)
        if width < k - 1e-3 and width < min(k, *(each.width(wanted) for each in lesser)) - 1e-3:
            yield width


def changed(numbers, unit, changes):
    """The numbers with so many more or fewer pupils of a school by outcome pattern, as many boys as girls."""
    numbers = list(numbers)
    for pattern, more in changes.items():
        for sex in ("boys", "girls"):
            numbers[CELLS.index((next(each[0] for each in CELLS if each[0][1] == unit), sex, pattern))] += more
    return numbers


@pytest.fixture(scope="module")
def old():
    return publish(region_with(20))


def statuses(told):
    return told.schools.set_index(["area", "indicator"])["status"]


def test_one_pupils_corrected_grade_leaves_both_parts_as_they_were(old):
    corrected = list(old.numbers)
    corrected[0], corrected[1] = corrected[0] - 1, corrected[1] + 1
    new = publish(corrected, after=old)
    assert new.held
    assert new.schools is old.schools
    assert next(leaks(old, publish(corrected)), None) is not None, "planted: as if there had been no earlier release"


def test_a_correction_of_many_is_told_of_the_school_and_of_every_other_one(old):
    new = publish(changed(old.numbers, "11", {(0, 0): -12, (1, 1): 12}), after=old)
    assert not new.held
    assert set(statuses(new)) == {"shown"}
    assert not list(leaks(old, new))


@pytest.fixture(scope="module")
def late(old):
    """Four boys and four girls of two patterns who came late to each of a member's schools."""
    numbers = old.numbers
    for unit in LATE:
        numbers = changed(numbers, unit, {(0, 0): 4, (1, 1): 4})
    return publish(numbers, after=old)


def test_pupils_who_come_late_to_several_schools_are_told_of_the_member_and_of_no_school(old, late):
    assert not late.held
    assert {unit for unit, _ in statuses(late)[statuses(late) == "hidden"].index} == LATE
    assert not list(leaks(old, late))
    hidden = late.schools[late.schools["status"] == "hidden"]
    for place in hidden.drop_duplicates("indicator").index:
        row = late.schools.loc[place]
        cells = inside(row)
        told = late.schools.copy()
        told.loc[place, ["status", "numerator", "denominator"]] = [
            "shown",
            float(late.numbers[cells & outcome(row["indicator"])].sum()),
            float(late.numbers[cells].sum()),
        ]
        found = next(leaks(old, replace(late, schools=told)), None)
        assert found is not None, f"{row['area']} {row['indicator']} was hidden for nothing"


def written(folder, told):
    """A finished release with both parts."""
    manifest = {"id": folder.name, "number": 1, "created": "2026-11-23T08:00:00", "region": {"members": []}}
    return write_release(
        folder,
        manifest=manifest,
        tables={"values": told.opened.assign(release=folder.name)},
        definitions=[definition(each) for each in (VOCATIONAL, PASSED)],
        schools=told.schools.assign(release=folder.name, school_unit=told.schools["area"], municipality=""),
    )


def read_back(folder, told):
    """What the files hold."""
    opened, schools = (pd.read_parquet(folder / part / "values.parquet") for part in ("open", "school"))
    return replace(told, opened=opened, schools=schools)


READERS = {
    "reader": ((0, "opened"), (1, "opened")),
    "school reader": ((0, "schools"), (1, "schools")),
    "both": (*OLD, *OPENED, *SCHOOLS),
}


def test_who_has_both_folders_as_reader_as_school_reader_or_as_both_singles_no_few_out(old, late, tmp_path):
    careless = publish(late.numbers)
    folders = [written(tmp_path / str(number), each) for number, each in enumerate((old, late, careless))]
    before, after, planted = (
        read_back(folder, told) for folder, told in zip(folders, (old, late, careless), strict=True)
    )
    for parts in READERS.values():
        assert not list(leaks(before, after, parts))
    found = {name: next(leaks(before, planted, parts), None) for name, parts in READERS.items()}
    assert found["both"] is not None, "planted: as if there had been no earlier release"
    assert found["school reader"] is not None


CHANGES = st.lists(st.tuples(st.integers(0, len(CELLS) - 1), st.integers(-15, 30)), min_size=1, max_size=6)


@pytest.mark.soak
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CHANGES, st.sampled_from([None, *MODELS]), st.integers(1, 25), st.booleans())
def test_whatever_changes_somebody_with_both_parts_of_both_releases_singles_no_few_out(changes, edited, few, twice):
    old = publish(region_with(few))
    numbers = list(old.numbers)
    for cell, change in changes:
        for place in (cell, (cell + 3) % len(CELLS)) if twice else (cell,):
            numbers[place] = max(numbers[place] + change, 0)
    models = MODELS if edited is None else MODELS | {edited: "" if MODELS[edited] else "sspf"}
    new = publish(numbers, models, after=old)
    assert new.held or not list(leaks(old, new))


def test_the_school_that_hid_a_small_one_still_does_when_another_has_become_smaller():
    """Two of 31 are not eligible. Were 33 hidden with it now, the member's old sum less the old 33 and the new 32 is 31."""

    def few_of_31(of_33):
        own = {"31": {(0, 0): 1}, "33": dict.fromkeys(((0, 0), (1, 0), (1, 1)), of_33)}
        return [
            own.get(unit, {}).get(pattern, number)
            for ((_, unit, _), _, pattern), number in zip(CELLS, region_with(20), strict=True)
        ]

    def hidden(told):
        rows = told.schools[told.schools["indicator"] == VOCATIONAL.name]
        return set(rows.loc[rows["status"] == "hidden", "area"])

    first, alone = publish(few_of_31(60)), publish(few_of_31(20))
    assert (hidden(first), hidden(alone)) == ({"31", "32"}, {"31", "33"})
    second = publish(few_of_31(20), after=first)
    assert not second.held
    assert hidden(second) == {"31", "32"}
