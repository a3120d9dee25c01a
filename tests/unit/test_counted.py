"""Counting again what a delivery changed gives what counting everything gives, whatever was delivered, undone or erased."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.compute import compute
from metrics.release import counted, prints, windows
from metrics.release.counted import refreshed
from metrics.values import LOCAL_PRINCIPAL, Counts
from metrics.vault import Vault, keeping
from metrics.vocabulary import GR
from tests.unit.deliveries import SENDER, staged_rows, vault_at

DECLARED = catalogue.default()
YEARS = ("2016/17", "2019/20", "2021/22", "2022/23", "2023/24", "2024/25")
SCHOOLS = ("10000001", "10000002")
LOCAL = {
    each: local
    for each in DECLARED.populations
    if (local := windows.local(DECLARED, [indicator.sql for indicator in DECLARED.family(each)]))
}
POPULATIONS = tuple(LOCAL)
Rows = tuple[str, tuple[str, ...], list[tuple[object, ...]]]


def pupils(random: np.random.Generator, size: int = 6) -> list[str]:
    return [f"p{each}" for each in random.choice(20, size, replace=False)]


def grades(extract: str) -> Callable[[np.random.Generator], Rows]:
    def made(random: np.random.Generator) -> Rows:
        year, school = str(random.choice(YEARS)), str(random.choice(SCHOOLS))
        rows = [(each, year, school, str(random.choice(["A", "F"]))) for each in pupils(random)]
        return extract, ("pupil", "school_year", "school_unit", "grade_ma"), rows

    return made


def enrolment(random: np.random.Generator) -> Rows:
    year, columns = str(random.choice(YEARS)), ("pupil", "school_year", "school_unit", "programme", "study_year")
    rows = [
        (each, year, SCHOOLS[0], str(random.choice(["NA", "IMA"])), int(random.integers(1, 4)), place)
        for each, place in zip(pupils(random), random.choice(["1419", "1440", "1480"], 6), strict=True)
    ]
    return "upper_secondary_enrolment", (*columns, "home_municipality"), rows


def outcome(random: np.random.Generator) -> Rows:
    names, reached = ("pupil", "outcome_date", "outcome", "school_unit"), ["diploma_vocational", "left"]
    day = date(int(str(random.choice(YEARS))[:4]) + 1, *((6, 10) if random.random() < 0.7 else (11, 1)))
    rows = [(each, day, str(random.choice(reached)), str(random.choice(SCHOOLS))) for each in pupils(random)]
    return "upper_secondary_outcome", names, rows


def after(random: np.random.Generator) -> Rows:
    year = int(str(random.choice(YEARS))[:4])
    rows = [(each, year, str(random.choice(["working", "neither"]))) for each in pupils(random, 10)]
    return "after_upper_secondary", ("pupil", "calendar_year", "status"), rows


def responsibility(random: np.random.Generator) -> Rows:
    year = str(random.choice(YEARS))
    rows = [(each, year, "1419", date(int(year[:4]), 9, 1)) for each in pupils(random, 3)]
    return "activity_responsibility", ("pupil", "school_year", "home_municipality", "registered"), rows


def background(random: np.random.Generator) -> Rows:
    year = str(random.choice(YEARS))
    rows = [(each, year, SCHOOLS[0], bool(random.random() < 0.5)) for each in pupils(random, 10)]
    return "background", ("pupil", "school_year", "school_unit", "foreign_background"), rows


def attendance(random: np.random.Generator) -> Rows:
    year, autumn = int(str(random.choice(YEARS))[:4]), random.random() < 0.5
    first, last = (date(year, 9, 1), date(year, 12, 1)) if autumn else (date(year + 1, 2, 1), date(year + 1, 5, 1))
    school = str(random.choice(SCHOOLS))
    rows = [(each, school, first, last, "7-9", 1000.0, float(random.integers(0, 400))) for each in pupils(random)]
    names = ("pupil", "school_unit", "start_date", "end_date", "stage", "offered", "valid_absence")
    return "attendance", names, rows


def alias(random: np.random.Generator) -> Rows:
    old, new = random.choice(20, 2, replace=False)
    return "pupil_alias", ("old_pupil", "pupil"), [(f"p{old}", f"p{new}")]


def own_counts(random: np.random.Generator) -> Rows:
    names = ("population", "period", "period_kind", "perspective", "school_unit", "pattern", "contributors")
    about = ("year9_leavers", str(random.choice(YEARS)), "school_year", "school_municipality", SCHOOLS[1])
    return "aggregated_counts", names, [(*about, "eligibility_vocational=1", int(random.integers(5, 30)))]


def reports(random: np.random.Generator) -> Rows:
    days = [date(int(random.integers(2020, 2026)), int(random.integers(1, 13)), 9) for _ in range(6)]
    rows = [(f"c{each}", "1419", day, "7-9") for each, day in zip(pupils(random), days, strict=True)]
    return "support_chain", ("child", "municipality", "report_date", "stage"), rows


def survey(random: np.random.Generator) -> Rows:
    rows = [(SCHOOLS[0], str(random.choice(YEARS)), answer, "7-9", "agree") for answer in range(5)]
    return "school_survey", ("school_unit", "school_year", "answer", "stage", "feels_safe"), rows


DELIVERIES = (
    grades("year9_grades"), grades("year6_grades"), enrolment, enrolment, outcome, outcome, after, responsibility,
    background, attendance, attendance, alias, own_counts, reports, reports, survey,
)  # fmt: skip


def change(vault: Vault, random: np.random.Generator) -> None:
    """One delivery, undo or erasure."""
    standing = [each.batch for each in vault.batches(LOCAL_PRINCIPAL) if each.undone_at is None and each.rows_left]
    chance = random.random()
    if chance < 0.15 and len(standing) > 4:
        keeping.erase(vault, principal=LOCAL_PRINCIPAL, reason="begäran", pseudonyms=pupils(random, 2))
    elif chance < 0.35 and len(standing) > 4:
        vault.undo(int(random.choice(standing[:-1])), reason="fel", principal=LOCAL_PRINCIPAL)
    else:
        extract, columns, rows = DELIVERIES[int(random.integers(len(DELIVERIES)))](random)
        mode = "replace" if random.random() < 0.7 else "add"
        given = staged_rows(extract, columns, rows)
        vault.store(given, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap=mode)  # type: ignore[arg-type]


@contextmanager
def joined(vault: Vault) -> Iterator[engine.Connection]:
    """The vault read under a join in one member, of numbers that some pupils and children have."""
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        connection.execute("INSERT INTO declared_join SELECT each, 41 - each FROM range(1, 40) AS numbers(each)")
        connection.execute("INSERT INTO joined_members VALUES ('1419')")
        yield connection


def both(vault: Vault) -> list[tuple[Counts, Counts]]:
    with joined(vault) as connection:
        stands = prints.standing(connection)
        again = [
            refreshed(connection, DECLARED, each, region=GR, folder=vault.place.counted, stands=stands)
            for each in POPULATIONS
        ]
    with joined(vault) as connection:
        whole = [compute(connection, DECLARED, each, region=GR) for each in POPULATIONS]
    return list(zip(again, whole, strict=True))


def same(again: Counts, whole: Counts) -> None:
    for name in ("inner", "missing", "not_yet", "not_comparable"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(whole, name), check_dtype=False)
    assert again.main_provider == whole.main_provider


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    made = vault_at(tmp_path)
    columns = ("school_unit", "unit_name", "municipality", "provider", "stages", "valid_from")
    units = [
        (code, "Exempel", place, "municipal", "7-9", date(2010, 7, 1))
        for code, place in zip(SCHOOLS, ("1419", "1440"), strict=True)
    ]
    made.store(staged_rows("school_units", columns, units), sender=SENDER, principal=LOCAL_PRINCIPAL)
    return made


def test_any_sequence_of_changes_gives_what_counting_everything_gives(vault: Vault) -> None:
    random = np.random.default_rng(0)
    for changes in (14, 3):
        for _ in range(changes):
            change(vault, random)
        found = both(vault)
        for again, whole in found:
            same(again, whole)
        assert sum(len(whole.inner) for _, whole in found) >= 6


def test_only_the_years_that_a_delivery_reaches_are_counted_again(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store(year: str, extract: str = "year9_grades") -> None:
        rows = [(f"p{each}", year, SCHOOLS[0]) for each in range(4)]
        given = staged_rows(extract, ("pupil", "school_year", "school_unit"), rows)
        vault.store(given, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="add")

    asked: list[frozenset[str] | None] = []
    real = counted.parts_of

    def noted(*given: object, periods: frozenset[str] | None = None, **named: object) -> counted.Parts:
        asked.append(periods)
        return real(*given, periods=periods, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(counted, "parts_of", noted)

    def count() -> list[frozenset[str] | None]:
        asked.clear()
        with vault.reading(LOCAL_PRINCIPAL) as connection:
            refreshed(connection, DECLARED, "year9_leavers", region=GR, folder=vault.place.counted)
        return list(asked)

    for year in YEARS[2:5]:
        store(year)
    assert count() == [None]
    assert count() == []
    store("2023/24")
    assert count() == [frozenset({"2023/24"})]
    store("2022/23", "upper_secondary_enrolment")
    assert count() == [frozenset({"2021/22"})]
    store("2022/23", "year6_grades")
    assert count() == []
    vault.undo(6, reason="fel", principal=LOCAL_PRINCIPAL)
    assert count() == [frozenset({"2021/22"})]
    keeping.erase(vault, principal=LOCAL_PRINCIPAL, reason="begäran", pseudonyms=["p1"])
    assert not vault.place.counted.exists()
    assert count() == [None]


def test_nobody_is_followed_for_longer_than_the_years_that_a_period_reads() -> None:
    for population, local in LOCAL.items():
        followed = max(each.followed_years or 0 for each in DECLARED.family(population))
        assert not local.reach or followed <= min(each.to for each in local.reads.values() if each.to is not None)


def test_a_print_does_not_depend_on_the_order_in_which_slices_are_read(vault: Vault) -> None:
    for year in YEARS[::-1]:
        given = staged_rows("year9_grades", ("pupil", "school_year", "school_unit"), [("p1", year, SCHOOLS[0])])
        vault.store(given, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="add")
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert list(prints.slices(connection)["year9_grades"]) == list(YEARS)


def test_a_school_year_at_a_time_gives_the_same(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    for made in (DELIVERIES[0], attendance, attendance, attendance, DELIVERIES[0]):
        extract, columns, rows = made(random)
        given = staged_rows(extract, columns, rows)
        vault.store(given, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="add")
    monkeypatch.setattr(counted, "MANY_ROWS", 0)
    for again, whole in both(vault):
        same(again, whole)
        assert len(whole.inner) or whole.population not in ("attendance", "year9_leavers")


def test_a_join_in_force_has_every_period_counted_again_by_itself(vault: Vault) -> None:
    """Another print for each period, and each counted from its own years gives what counting everything gives."""
    random = np.random.default_rng(4)
    for made in (DELIVERIES[0], attendance, attendance, DELIVERIES[0], attendance):
        extract, columns, rows = made(random)
        vault.store(staged_rows(extract, columns, rows), sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="add")
    chain = ("child", "municipality", "report_date", "observed_to")
    reports = [(f"c{each}", "1419", date(2021, 9, 1 + each), date(2026, 1, 1)) for each in range(20)]
    vault.store(staged_rows("support_chain", chain, reports), sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="add")

    def printed(connection: engine.Connection, name: str) -> tuple[prints.Standing, prints.Read, dict[str, str]]:
        stands = prints.standing(connection)
        read = prints.read_by(stands, DECLARED, name, GR)
        return stands, read, prints.periods(connection, DECLARED, stands, read)

    with vault.reading(LOCAL_PRINCIPAL) as connection:
        names = ("joined_leavers", "joined_pupils", "leavers_by_absence")
        apart = {name: printed(connection, name)[2] for name in names}
        connection.execute("INSERT INTO declared_join SELECT each, each FROM range(1, 20) AS numbers(each)")
        connection.execute("INSERT INTO joined_members VALUES ('1419')")
        for name in names:
            stands, read, now = printed(connection, name)
            assert now.keys() == apart[name].keys() > set()
            assert not set(apart[name].values()) & set(now.values())
            whole = counted.parts_of(connection, DECLARED, DECLARED.family(name), region=GR)
            for period in now:
                again = counted._again(connection, DECLARED, stands, read, frozenset({period}), GR)
                own = whole.inner[whole.inner["period"] == period].reset_index(drop=True)
                pd.testing.assert_frame_equal(again.inner, own, check_dtype=False)
