"""Pupils before, during and after the support: counted by hand in a small region, and let through only by the gate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.evaluate.reached import PARTS, Met, Others, read_met
from metrics.indicators.pupil_select import UNITS
from metrics.present import effect_reached as say
from metrics.protect.reached import COLUMNS, enough, protected_reached
from metrics.protect.thresholds import Thresholds
from metrics.release.reached import released_before
from metrics.release.read import empty_table
from metrics.vocabulary import GR
from tests.spec.example_database import add, database

DAYS = {"before": "2024-01-08 2024-06-10", "during": "2024-08-15 2024-12-20", "after": "2025-01-08 2025-06-10"}
K = Thresholds()


def attendance(pupils: Sequence[tuple[str, str, str]], *, stage: str = "7-9", parts: Sequence[str] = PARTS) -> str:
    """A term's row per pupil and part; a pupil is name, school and per part "h" (25 % away) or "l" (2 %)."""
    rows = [
        f"{name} {school} {stage} {DAYS[part]} 1000 1000 {250 if level == 'h' else 20} minutes"
        for name, school, levels in pupils
        for part, level in zip(PARTS, levels, strict=True)
        if part in parts
    ]
    return "\n".join(["pupil school_unit stage start_date end_date offered reported valid_absence measure", *rows])


def cases(pupils: Sequence[str], model: str = "sspf", ended: str = "2024-11-20", stage: str = "7-9") -> str:
    rows = [f"{name} Team {model} 10000001 {stage} 2024-09-10 {ended}" for name in pupils]
    return "\n".join(["pupil instance model_type home_school_unit stage started ended", *rows])


@pytest.fixture(scope="module")
def region() -> list[Met]:
    """Twelve met by SSPF and followed, three who are not, and forty more at the schools."""
    met = [(f"m{i}", f"1000000{1 + i % 2}", "h" + "hl"[i % 3 == 0] + "hl"[i % 2]) for i in range(12)]
    others = [(f"o{i}", f"1000000{1 + i % 2}", "hhh" if i < 12 else "lll") for i in range(40)]
    known = attendance([*met, *others])
    tables = {"attendance": known, "school_units": UNITS, "model_participation": cases([name for name, *_ in met])}
    connection = database(tables, reading="met_pupil_terms attendance_terms")
    add(connection, "attendance", attendance([("gone", "10000001", "hhh")], parts=("before", "during")))
    add(connection, "attendance", attendance([("young", "10000001", "hhh")], stage="4-6"))
    add(connection, "attendance", attendance([("now", "10000001", "hhh")]))
    add(connection, "model_participation", cases(["gone", "young"]))
    add(connection, "model_participation", cases(["now"], ended="."))
    add(connection, "model_participation", cases(["little"], stage="4-6"))
    return read_met(connection, catalogue.default(), GR)


def test_the_group_and_its_absence_are_what_a_hand_counts(region: list[Met]) -> None:
    (found,) = region
    assert (found.model, found.reached, len(found.pupils)) == ("sspf", 15, 12)
    assert found.pupils.sum().to_dict() == {"before": 12, "during": 8, "after": 6}
    assert not found.one_school


def test_those_around_the_group_are_counted_without_it(region: list[Met]) -> None:
    everyone, at_schools_with_it, met = region[0].others[:3]
    assert everyone == Others(high=14, low=28)  # 12 others, "gone" and "now" against 28 others; "young" is in year 4-6
    assert at_schools_with_it == met == Others(high=0, low=0)  # nothing in the register of models


def test_a_later_case_of_the_same_model_is_the_same_support() -> None:
    pupils = [(f"m{i}", "10000001", "hll") for i in range(6)]
    tables = {"attendance": attendance(pupils), "school_units": UNITS, "model_participation": cases(["m0", "m1"])}
    connection = database(tables, reading="met_pupil_terms attendance_terms")
    again = cases(["m1"], ended="2025-02-01").replace("2024-09-10", "2025-01-20")
    add(connection, "model_participation", again)
    (found,) = read_met(connection, catalogue.default(), GR)
    assert len(found.pupils) == 1  # m1's support reaches into the last term delivered


def met(
    patterns: dict[str, int],
    *,
    model: str = "sspf",
    lost: int = 20,
    around: int = 100,
    first: int = 0,
    schools: int = 2,
) -> Met:
    """So many pupils of each pattern ("hhl": high before and during), numbered from `first`."""
    levels = [[letter == "h" for letter in pattern] for pattern, n in patterns.items() for _ in range(n)]
    pupils = pd.DataFrame(levels, columns=list(PARTS), index=range(first, first + len(levels)), dtype=bool)
    others = (Others(high=around, low=around),)
    return Met(model=model, reached=len(levels) + lost, pupils=pupils, one_school=schools == 1, others=others)


MIXED = {"hhh": 10, "hhl": 10, "hll": 10, "lll": 10}


def told(*found: Met, earlier: Sequence[pd.DataFrame] = (), held: bool = False) -> pd.DataFrame:
    return protected_reached(found, earlier, area="GR", thresholds=K, held=held)


def test_a_large_mixed_group_is_told() -> None:
    (row,) = told(met(MIXED)).to_dict("records")
    assert [row[name] for name in ("reached", "followed", *PARTS)] == [60, 40, 30, 20, 10]
    assert row["status"] == "shown"


def refused() -> Iterator[Met]:
    yield met({"hhh": 2, "lll": 2})
    yield met({"hhh": 4, "lll": 30})
    yield met({"hhh": 30, "lll": 4})
    yield met({"hhl": 20, "lll": 20})
    yield met({"hhh": 20, "lhh": 20, "llh": 20})
    yield met(MIXED, lost=4)
    yield met(MIXED, around=4)
    yield met({"hhh": 8, "lll": 8}, schools=1)
    yield replace(met(MIXED), others=(Others(high=0, low=50),))


@pytest.mark.parametrize("found", list(refused()))
def test_too_few_anywhere_hides_the_whole_row(found: Met) -> None:
    assert not enough(found, K)
    (row,) = told(found).to_dict("records")
    assert row["status"] == "hidden"
    assert all(row[name] is None for name in ("reached", "followed", *PARTS))


def test_a_stricter_threshold_hides_more() -> None:
    strict = Thresholds(pupils=11, school_pupils=11)
    assert not enough(met(MIXED), strict)


def test_two_models_with_nearly_the_same_pupils_are_not_both_told() -> None:
    whole = met(MIXED)
    nearly = replace(whole, model="attendance_team", pupils=whole.pupils.iloc[:-3], reached=whole.reached)
    rows = told(nearly, whole).set_index("model")["status"]
    assert rows.to_dict() == {"attendance_team": "hidden", "sspf": "shown"}
    apart = met(MIXED, model="attendance_team", first=1000)
    assert set(told(whole, apart)["status"]) == {"shown"}


def test_what_was_shown_of_another_model_stays_known() -> None:
    whole = met(MIXED)
    nearly = replace(whole, model="attendance_team", pupils=whole.pupils.iloc[:-3])
    first = told(nearly)
    rows = told(nearly, whole, earlier=[first]).set_index("model")
    assert rows["status"].to_dict() == {"attendance_team": "shown", "sspf": "hidden"}
    assert rows.loc["attendance_team", "followed"] == 37
    assert set(told(nearly, whole, earlier=[told(whole), first])["status"]) == {"hidden"}


def test_few_more_pupils_leave_the_row_as_it_was() -> None:
    first = told(met(MIXED))
    few = met({**MIXED, "hhh": 12, "lll": 12})
    many = met({pattern: n + 10 for pattern, n in MIXED.items()})
    assert told(few, earlier=[first]).equals(first)
    assert told(many, earlier=[first])["followed"].tolist() == [80]
    assert told(met(MIXED, lost=30), earlier=[first]).equals(first)  # no one more is followed: nothing to tell
    all_high = met({**MIXED, "hhh": 30})
    assert told(all_high, earlier=[first]).equals(first)


def test_the_change_from_any_earlier_release_counts_and_what_is_held_stands() -> None:
    first = told(met(MIXED))
    more = told(met({pattern: n + 10 for pattern, n in MIXED.items()}), earlier=[first])
    back = met({**MIXED, "hhh": 11, "lll": 11})
    assert told(back, earlier=[more, first]).equals(more)
    much = met({pattern: n + 30 for pattern, n in MIXED.items()})
    assert told(much, earlier=[more, first], held=True).equals(more)
    assert told(much, held=True)["status"].tolist() == ["hidden"]


def test_models_that_share_pupils_wait_for_each_other() -> None:
    one, other = met(MIXED), met(MIXED, model="attendance_team", first=20)
    before = told(one, other)
    grown = met({pattern: n + 10 for pattern, n in MIXED.items()})
    few = met({**MIXED, "lll": 11}, model="attendance_team", first=20)
    assert told(grown, few, earlier=[before]).equals(before)


def test_earlier_tables_are_read_newest_first(tmp_path: Path) -> None:
    for name, followed in (("a", 40.0), ("b", 80.0)):
        (tmp_path / name / "open").mkdir(parents=True)
        text = f'{{"created": "202{followed:.0f}", "number": 1}}'
        (tmp_path / name / "manifest.json").write_text(text, encoding="utf-8")
        told(met(MIXED)).assign(followed=followed).to_parquet(tmp_path / name / "open" / "reached_pupils.parquet")
    assert [each["followed"].tolist() for each in released_before(tmp_path)] == [[80.0], [40.0]]
    assert tuple(empty_table("reached_pupils").columns) == COLUMNS


def test_counts_come_with_shares_and_with_the_warning() -> None:
    rows = told(met(MIXED), met({"hhh": 2}, model="attendance_team", first=500))
    first, second, last = say.sentences_of(rows, "sspf")
    assert first.startswith("Modellen har mött 60 elever i årskurs 7–9 i GR. 40 kan följas från terminen före")
    assert (
        "**30** (75\u00a0%) minst 20 procents frånvaro terminen före stödet, **20** (50\u00a0%) under det och" in second
    )
    assert "regression mot medelvärdet" in last
    assert say.sentences_of(rows, "attendance_team")[0] == say.HIDDEN
    assert say.sentences_of(rows, "resource_centre")[0] == say.NOT_FOLLOWED
    assert say.sentences_of(empty_table("reached_pupils"), "sspf")[-1] == say.REGRESSION


def test_a_followed_group_in_numbers_is_bool_per_part(region: list[Met]) -> None:
    assert region[0].pupils.dtypes.eq(np.dtype(bool)).all()
