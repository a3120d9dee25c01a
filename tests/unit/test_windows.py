"""The years that cohorts declare are true: whatever slice of whatever extract comes, goes or is edited, counting again
only what then is read by other periods' prints gives what counting everything gives, row by row."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.compute import compute
from metrics.declare import DeclarationError
from metrics.release import prints, windows
from metrics.release.counted import refreshed
from metrics.release.windows import THEN, Years
from metrics.values import LOCAL_PRINCIPAL, Counts
from metrics.vault import Vault
from metrics.vocabulary import GR
from tests.unit.deliveries import SENDER, staged_rows, vault_at

DECLARED = catalogue.default()
YEARS = tuple(range(2017, 2025))
"""The autumns of the school years of the region."""
SCHOOLS, PLACES = ("10000001", "10000002", "10000003"), ("1419", "1440", "1480")
ALIAS = {"p1": "p2", "p3": "p5", "p4": "p5", "p6": "p7"}
"""Earlier pseudonyms, and the one that the pupil has now."""
Edit = Callable[[engine.Connection], object]
Rows = list[tuple[object, ...]]
Made = tuple[str, tuple[str, ...], Rows]


class Region:
    """Rows of every extract about thirty pupils and twenty children, in eight school years; the same in every process."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(7)

    def one(self, *of: object) -> object:
        return of[int(self.random.integers(len(of)))]

    def school(self) -> str:
        return str(self.one(*SCHOOLS))

    def who(self, size: int, among: int = 30, letter: str = "p") -> list[str]:
        """Of pupils with several pseudonyms no more than one: which of two rows of a pupil at one school counts is not said."""
        found = [f"{letter}{each}" for each in self.random.choice(among, size, replace=False)]
        return list({ALIAS.get(each, each): each for each in found}.values())

    def day(self, autumn: int) -> date:
        """A day of the school year."""
        return date(autumn, 8, 1) + timedelta(days=int(self.random.integers(330)))

    def made(self) -> Iterable[Made]:
        labels = [f"{year}/{(year + 1) % 100:02d}" for year in YEARS]
        units = ("school_unit", "unit_name", "municipality", "provider", "stages", "valid_from")
        for number, (school, place) in enumerate(zip(SCHOOLS, PLACES, strict=True)):
            provider = "independent" if number == 2 else "municipal"
            yield "school_units", units, [(school, "Exempel", place, provider, "7-9|4-6", date(2010 + number, 7, 1))]
        register = ("instance", "model_type", "municipality", "school_unit", "started", "filled_posts")
        for number, school in enumerate(SCHOOLS[:2]):
            row = (f"lag {number}", "school_social_team", PLACES[number], school, date(2018 + 2 * number, 8, 1), 2.0)
            yield "collaboration_register", register, [row]
        yield "pupil_alias", ("old_pupil", "pupil"), [("p1", "p2"), ("p3", "p4"), ("p4", "p5")]
        yield "pupil_alias", ("old_pupil", "pupil"), [("p6", "p7")]
        columns = ("pupil", "school_year", "school_unit", "grade_sv", "grade_en", "grade_ma")
        for extract in ("year9_grades", "year6_grades"):
            yield (
                extract,
                columns,
                [
                    (each, label, self.school(), "A", "E", self.one("C", "F"))
                    for label in labels
                    for each in self.who(14)
                ],
            )
        yield "background", ("pupil", "school_year", "school_unit", "foreign_background", "special_support"), [
            (each, label, self.school(), self.one(True, False), self.one(True, None))
            for label in labels for each in self.who(14)
        ]  # fmt: skip
        names = ("pupil", "school_unit", "start_date", "end_date", "stage", "offered", "valid_absence")
        yield (
            "attendance",
            names,
            [
                (
                    each,
                    self.school(),
                    *term,
                    self.one("4-6", "7-9"),
                    float(self.random.integers(9000, 12000)),
                    float(self.random.integers(0, 5000)),
                )
                for year in YEARS
                for term in ((date(year, 9, 1), date(year, 12, 1)), (date(year + 1, 2, 1), date(year + 1, 5, 1)))
                for each in self.who(15)
            ],
        )
        yield from self.upper_secondary(labels)
        yield from self.support(labels)

    def upper_secondary(self, labels: list[str]) -> Iterable[Made]:
        enrolled = ("pupil", "school_year", "school_unit", "programme", "study_year", "home_municipality")
        yield "upper_secondary_enrolment", enrolled, [
            (each, label, self.school(), self.one("NA", "IMA"), int(self.random.integers(1, 4)), self.one(*PLACES))
            for label in labels for each in self.who(12)
        ]  # fmt: skip
        left = ("pupil", "outcome_date", "outcome", "school_unit", "home_municipality")
        results = ("diploma_vocational", "certificate_2500", "left")
        yield "upper_secondary_outcome", left, [
            (each, self.one(date(year + 1, 6, 10), date(year + 1, 11, 1)), self.one(*results), self.school(), PLACES[0])
            for year in YEARS for each in self.who(10)
        ]  # fmt: skip
        yield (
            "after_upper_secondary",
            ("pupil", "calendar_year", "status"),
            [(each, year, self.one("working", "neither")) for year in YEARS for each in self.who(15)],
        )
        yield (
            "activity_responsibility",
            ("pupil", "school_year", "home_municipality", "registered"),
            [(each, label, self.one(*PLACES), date(int(label[:4]), 9, 1)) for label in labels for each in self.who(6)],
        )

    def support(self, labels: list[str]) -> Iterable[Made]:
        chain = ("child", "municipality", "report_date", "reporter", "stage", "intervention_start")
        reports = [
            (each, self.one(*PLACES), self.day(year), self.one("school", "police"), "7-9", date(year + 1, 7, 20))
            for year in YEARS for each in self.who(10, 20, "c")
        ]  # fmt: skip
        yield "support_chain", chain, list({(row[0], row[2]): row for row in reports}.values())
        yield "coordinated_plan", ("child", "municipality", "plan_date", "initiator", "followed_up"), [
            (each, self.one(*PLACES), day, "school", day + timedelta(days=90))
            for year in YEARS for each in self.who(5, 20, "c") for day in [self.day(year)]
        ]  # fmt: skip
        placed = ("pupil", "centre", "home_school_unit", "stage", "started", "ended", "end_reason")
        yield "resource_centre_placement", placed, [
            (each, "Exempel", self.school(), "7-9", day, day + timedelta(days=200), self.one("returned", "other"))
            for year in YEARS for each in self.who(5) for day in [self.day(year)]
        ]  # fmt: skip
        cases = (
            "pupil",
            "instance",
            "model_type",
            "home_school_unit",
            "stage",
            "started",
            "signal_date",
            "first_contact",
        )
        yield "model_participation", cases, [
            (each, "lag 0", "school_social_team", self.school(), "7-9", day, day, day + timedelta(days=20))
            for year in YEARS for each in self.who(5) for day in [self.day(year)]
        ]  # fmt: skip
        answers = ("school_unit", "school_year", "answer", "stage", "feels_safe")
        yield "school_survey", answers, [
            (school, label, number, "7-9", self.one("agree", "disagree"))
            for label in labels for school in SCHOOLS for number in range(5)
        ]  # fmt: skip
        counted = ("population", "period", "period_kind", "perspective", "school_municipality", "provider", "pattern")
        about = ("school_year", "school_municipality", "1481", "municipal", "eligibility_vocational=1")
        yield (
            "aggregated_counts",
            (*counted, "contributors"),
            [("year9_leavers", label, *about, 9) for label in labels[::2]],
        )


class Kept:
    """The region handed in, every family's counts as counted from all of it, and what is kept of them."""

    def __init__(self, folder: Path) -> None:
        self.vault: Vault = vault_at(folder)
        for extract, columns, rows in Region().made():
            given = staged_rows(extract, columns, rows)
            self.vault.store(given, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="add")
        self.all, self.now = folder / "all", folder / "now"
        self.again(nothing, DECLARED.populations, self.all)
        self.counts = dict(zip(DECLARED.populations, self.whole(nothing, DECLARED.populations), strict=True))

    def again(self, edit: Edit, populations: Iterable[str], folder: Path) -> list[Counts]:
        with self.vault.reading(LOCAL_PRINCIPAL) as connection:
            joined(connection)
            edit(connection)
            stands = prints.standing(connection)
            return [
                refreshed(connection, DECLARED, each, region=GR, folder=folder, stands=stands) for each in populations
            ]

    def whole(self, edit: Edit, populations: Iterable[str]) -> list[Counts]:
        with self.vault.reading(LOCAL_PRINCIPAL) as connection:
            joined(connection)
            edit(connection)
            return [compute(connection, DECLARED, each, region=GR) for each in populations]

    def check(self, edit: Edit, populations: tuple[str, ...]) -> int:
        """Counting again after the edit, and after it is taken back; the number of families that it changed."""
        shutil.rmtree(self.now, ignore_errors=True)
        shutil.copytree(self.all, self.now)
        edited, expected = self.again(edit, populations, self.now), self.whole(edit, populations)
        for one, other in zip(edited, expected, strict=True):
            same(one, other)
        for one in self.again(nothing, populations, self.now):
            same(one, self.counts[one.population])
        return sum(not each.inner.equals(self.counts[each.population].inner) for each in expected)

    def slices(self) -> list[tuple[str, str, int]]:
        """Extract, period and number of a slice of every period of every extract."""
        with self.vault.reading(LOCAL_PRINCIPAL) as connection:
            sql = "SELECT extract, period, max(slice) FROM active_slices GROUP BY extract, period ORDER BY ALL"
            return engine.rows(connection, sql)


def nothing(_connection: engine.Connection) -> None:
    """No edit."""


def joined(connection: engine.Connection) -> None:
    """Pupils and children joined, each with one, in two of the three members."""
    connection.execute("""
        INSERT INTO declared_join
        SELECT pupils.pupil, children.child
        FROM (SELECT pupil, row_number() OVER (ORDER BY pupil) AS place FROM (SELECT DISTINCT pupil FROM attendance)) AS pupils
        JOIN (SELECT child, row_number() OVER (ORDER BY child) AS place FROM (SELECT DISTINCT child FROM support_chain)) AS children
            ON children.place = pupils.place
    """)
    connection.execute("INSERT INTO joined_members VALUES ('1419'), ('1440')")


def without(number: int) -> Edit:
    return lambda connection: connection.execute("DELETE FROM active_slices WHERE slice = ?", [number])


def reading(extract: str) -> tuple[str, ...]:
    """The families that read an extract; every one reads the registers and may have its own counts."""
    found = []
    for population in DECLARED.populations:
        statements = " ".join(each.sql for each in DECLARED.family(population))
        words = windows._names(statements).union(*(DECLARED.reads[each] for each in DECLARED.sources(statements)))
        if extract in words | prints.ALWAYS | {"aggregated_counts"}:
            found.append(population)
    return tuple(found)


def same(again: Counts, whole: Counts) -> None:
    for name in ("inner", "missing", "not_yet", "not_comparable"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(whole, name), check_dtype=False)
    assert again.main_provider == whole.main_provider


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("region"))


@pytest.mark.soak
def test_every_slice_that_goes_or_comes_gives_what_counting_everything_gives(kept: Kept) -> None:
    slices, changed = kept.slices(), set()
    for extract, _, number in slices:
        if kept.check(without(number), reading(extract)):
            changed.add(extract)
    assert {extract for extract, _, _ in slices} == changed
    print(f"\n{len(slices)} uttags perioder borttagna och tillbaka, {len(changed)} slags uttag")


@pytest.mark.soak
@pytest.mark.parametrize(
    "edit",
    [
        lambda connection: connection.execute("DELETE FROM declared_join WHERE pupil % 3 = 0"),
        lambda connection: connection.execute("DELETE FROM declared_join"),
        lambda connection: connection.execute("DELETE FROM joined_members WHERE municipality = '1440'"),
    ],
)
def test_another_join_gives_what_counting_everything_gives(kept: Kept, edit: Edit) -> None:
    assert kept.check(edit, DECLARED.populations)


def test_years_are_read_through_each_other() -> None:
    before, ever = Years(at=frozenset({-3, -1})), Years(at=frozenset(), to=1)
    assert before.then(THEN) == before
    assert before.then(Years(at=frozenset({1}))) == Years(at=frozenset({-2, 0}))
    assert [ever.then(before).has(later) for later in (-9, 0, 1)] == [True, True, False]
    assert [before.then(ever).has(later) for later in (-9, 0, 1)] == [True, True, False]
    assert before.with_(ever).has(1)
    assert not before.has(-2)


def test_a_cohort_declares_years_only_of_what_it_reads() -> None:
    for name in DECLARED.cohorts:
        windows.declared(DECLARED, name)
    with pytest.raises(DeclarationError):
        windows._declared("-- One row per pupil\n-- Years: year9_grades 0\nSELECT pupil FROM attendance")


def test_each_family_reads_the_years_that_it_should() -> None:
    def local(population: str) -> dict[str, Years]:
        found = windows.local(DECLARED, [each.sql for each in DECLARED.family(population)])
        return dict(found.reads) if found else {}

    assert local("leavers_by_absence")["attendance"] == Years(at=frozenset({-3, -1}))
    assert local("year9_leavers")["upper_secondary_enrolment"] == Years(at=frozenset({1}))
    assert local("upper_secondary_starters")["upper_secondary_outcome"] == Years(at=frozenset(), to=5)
    assert "support_chain" not in local("joined_pupils")
    assert local("model_participants") == {}
