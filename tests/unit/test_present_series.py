"""The long table as series: what is worked out on its columns is what its figures say, however it was read."""

from __future__ import annotations

import pytest

from metrics.present import school_page, schools
from metrics.present.figures import TOLD, Figures, Key
from metrics.release import read
from metrics.vocabulary import ALL

NAMES = ("absence_20", "eligibility_vocational", "decision_within_14_days_all")


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures(read.load(read.DEMO_FOLDER, compact=True))


def totals(figures: Figures, name: str) -> dict[Key, list[str]]:
    """Per own total the ends of its periods."""
    return {key: [each.period_to for each in some] for key, some in figures.all_series(name).items() if key.total}


@pytest.mark.parametrize("name", NAMES)
def test_periods_and_options_are_those_of_the_figures(figures: Figures, name: str) -> None:
    series = figures.all_series(name)
    stages = {key.stage for key in totals(figures, name)}
    for stage in stages:
        own = [each for key, some in series.items() if key.total and key.stage in (stage, ALL) for each in some]
        told = {each.period_to for each in own if each.status in TOLD}
        assert [each.period_to for each in figures.periods(name, stage)] == sorted(
            {each.period_to for each in own}, reverse=True
        )
        assert {each.period_to for each in figures.periods(name, stage) if each.told} == told
        newest = figures.newest(name, stage)
        assert newest
        assert newest.period_to == max(told or {each.period_to for each in own})
        assert newest.label in {each.label for each in own if each.period_to == newest.period_to}
    there = {key.stage for key, some in series.items() if key.total and any(each.status in TOLD for each in some)}
    assert set(figures.options("stage", indicator=name)) == there
    assert figures.has_series(name, "official") == any(key.series == "official" for key in series)


def test_every_series_is_in_time_order_and_the_same_however_it_was_read(figures: Figures) -> None:
    plain = Figures(read.load(read.DEMO_FOLDER))
    for name in NAMES:
        assert plain.all_series(name) == figures.all_series(name)
        for ends in totals(figures, name).values():
            assert ends == sorted(ends)
    assert plain.school_years() == figures.school_years()
    assert not figures.has("nothing of the kind")
    assert figures.all_series("nothing of the kind") == {}


def test_a_release_without_rows_has_no_series(figures: Figures) -> None:
    empty = read.Release(
        id="tom",
        manifest={},
        values=read.Published(values=read.empty_table("values")),
        tables={name: read.empty_table(name) for name in read.TABLES},
        definitions=figures.definitions,
    )
    found = Figures(empty)
    assert not found.has("absence_20")
    assert found.school_years() == found.options("stage") == found.periods("absence_20") == []


def test_verdicts_are_those_of_the_table_one_at_a_time_and_together(figures: Figures) -> None:
    table = read.load(read.DEMO_FOLDER).tables["verdicts"]
    name = table["indicator"].iloc[0]
    rows = table[table["indicator"] == name]
    for row in rows.itertuples():
        key = Key(area=str(row.area), provider=str(row.provider), stage=str(row.stage))
        judged = figures.verdicts(name, key, str(row.period_to), str(row.benchmark))[key.area]
        assert judged == (row.verdict, row.benchmark_value, row.difference, row.low, row.high)
        if str(row.period_to) in {each.period_to for each in figures.series(name, key)[-1:]}:
            label = figures.series(name, key)[-1].label
            assert figures.verdict(name, key, label, str(row.benchmark)) == judged
    assert figures.verdicts(name, Key(), "1999-06-30", "region") == {}
    assert figures.verdict(name, Key(area="Ingenstans"), figures.series(name, key)[-1].label, "region") is None


def test_schools_are_the_same_however_they_were_read(figures: Figures) -> None:
    plain = Figures(read.load(read.DEMO_FOLDER))
    code = str(plain.release.schools["school_unit"].iloc[0])
    assert schools.of_school(figures, code) == schools.of_school(plain, code)
    member = str(plain.release.schools["municipality"].iloc[0])
    assert list(school_page.named(figures, member).items()) == list(school_page.named(plain, member).items())
