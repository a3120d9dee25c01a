"""Numbers of reports: a part of few reports is a part of few children, however many children the group has."""

import pandas as pd
import pytest

from metrics import catalogue
from metrics.declare import Indicator
from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from metrics.vocabulary import Municipality, Region
from tests.attack.inner import inner_row

NAME = "decision_within_14_days_all"
FAMILY = {each.name: each for each in catalogue.default().family("reported_children")}
INDICATOR, PER_CHILD = FAMILY[NAME], FAMILY["reports_per_child"]
CODES = ("0001", "0002", "0003", "0004")
REGION = Region(
    name="Fyra", title="Fyra kommuner", members=tuple(Municipality(code=code, name=code[-1]) for code in CODES)
)
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region")))


def published(held: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    """By member: children, children with a report in time, reports in time, reports in all."""
    return protected(frame_of(held), [INDICATOR])


def protected(inner: pd.DataFrame, indicators: list[Indicator]) -> pd.DataFrame:
    counts = Counts(population="reported_children", period_kind="calendar_year", inner=inner)
    found, _ = protect(counts, LAYOUT, indicators=indicators, region=REGION, thresholds=Thresholds())
    return found.values[found.values["period_kind"] == "calendar_year"].set_index("area")


def frame_of(held: dict[str, tuple[int, int, int, int]]) -> pd.DataFrame:
    rows = [
        inner_row(
            children,
            home=code,
            period="2024",
            **{
                f"{NAME}__denominator": 1,
                f"{NAME}__sum": float(part),
                f"{NAME}__sum_squares": float(part),
                f"{NAME}__largest": float(min(part, 2)),
                f"{NAME}__weight": float(weight),
            },
        )
        for code, (children, _, part, weight) in held.items()
    ]
    return pd.DataFrame(rows)


MANY = (60, 40, 50, 80)


@pytest.mark.parametrize(
    "single",
    [
        (55, 3, 3, 55),  # three reports in time: at most three children
        (55, 4, 7, 55),  # seven reports of children who may have two each: perhaps four children
        (55, 52, 52, 55),  # three reports too late
        (55, 0, 0, 55),  # none in time: everybody is in the other part
        (55, 55, 55, 55),
    ],
)
def test_a_part_of_few_reports_is_not_shown_and_not_the_region_less_the_others(
    single: tuple[int, int, int, int],
) -> None:
    found = published({"0001": single, "0002": MANY, "0003": MANY, "0004": MANY})
    assert found.loc["1", "status"] == "hidden"
    hidden = found[found["status"] == "hidden"]
    assert len(hidden) >= 2
    assert found.loc[found["status"] == "hidden", ["numerator", "denominator", "value"]].isna().all(axis=None)


def test_parts_of_many_are_shown() -> None:
    found = published(dict.fromkeys(CODES, MANY))
    assert (found["status"] == "shown").all()


def with_reports(again: int) -> pd.DataFrame:
    """Sixty children a member and twenty reports more, but `again` more in the first; and how many were decided in time."""
    frame = frame_of(dict.fromkeys(CODES, MANY))
    reports = [60.0 + again, *[80.0] * 3]
    return frame.assign(
        **{
            f"{NAME}__weight": reports,
            "reports_per_child__denominator": 1,
            "reports_per_child__sum": reports,
            "reports_per_child__sum_squares": reports,
            "reports_per_child__largest": 2.0,
        }
    )


@pytest.mark.parametrize(("again", "status"), [(3, "hidden"), (20, "shown")])
def test_reports_less_children_are_the_children_reported_again(again: int, status: str) -> None:
    frame = with_reports(again)
    alone = protected(frame, [PER_CHILD])
    assert alone.loc["1", "status"] == status
    found = protected(frame, [INDICATOR, PER_CHILD])
    first = found.loc["1"].set_index("indicator")["status"]
    assert first["reports_per_child"] == status
    hidden = found[found["status"] == "hidden"].groupby("indicator").size()
    assert (hidden >= 2).all()


def test_reports_that_are_not_yet_due_are_not_reports_less_those_due() -> None:
    """Two numbers of reports, one of which includes the other, with three between them in the first member."""
    frame = with_reports(20).assign(**{f"{NAME}__weight": [77.0, 70.0, 70.0, 70.0]})
    found = protected(frame, [INDICATOR, PER_CHILD])
    first = found.loc["1"].set_index("indicator")["status"]
    assert (first == "hidden").any()
    both = (
        found[found["status"] == "shown"]
        .reset_index()
        .pivot_table(index="area", columns="indicator", values="denominator")
    )
    assert set(both.dropna().index) <= {"2", "3", "4", "Fyra"}


def test_what_is_left_of_the_region_without_a_member_is_asked_about_too() -> None:
    """One more report than children in each of three members: the region less the fourth tells that they are three."""
    frame = with_reports(20).assign(
        reports_per_child__sum=[80.0, 61.0, 61.0, 61.0], **{f"{NAME}__weight": [80.0, 61.0, 61.0, 61.0]}
    )
    found = protected(frame, [INDICATOR, PER_CHILD])
    shown = found[found["status"] == "shown"].reset_index().groupby("indicator")["area"].agg(set)
    assert all(not {"1", "Fyra"} <= areas for areas in shown)


def test_few_children_with_many_reports_are_few() -> None:
    """Six reports more than children can be of three children where a child has three."""
    frame = with_reports(6).assign(reports_per_child__largest=3.0)
    assert protected(frame, [PER_CHILD]).loc["1", "status"] == "hidden"
    beside = protected(frame.assign(**{f"{NAME}__largest": 3.0}), [INDICATOR, PER_CHILD])
    assert (beside.loc["1"].set_index("indicator")["status"] == "hidden").any()


BY_WHOM = [FAMILY["reported_by_school"], FAMILY["reporter_unknown"]]


def by_reporter(others: int) -> pd.DataFrame:
    """Eighty reports a member; in the first all but `others` by school or by someone unknown, in the rest all but fifteen."""
    rows = []
    for code in CODES:
        parts = (40.0, 40.0 - others) if code == CODES[0] else (20.0, 45.0)
        said = {
            f"{each.name}__{column}": number
            for each, part in zip(BY_WHOM, parts, strict=True)
            for column, number in (
                ("denominator", 1),
                ("sum", part),
                ("sum_squares", part),
                ("largest", 2.0),
                ("weight", 80.0),
            )
        }
        rows.append(inner_row(60, home=code, period="2024", **said))
    return pd.DataFrame(rows)


@pytest.mark.parametrize(("others", "shown"), [(3, 1), (20, 2), (0, 2)])
def test_all_reports_less_those_by_school_and_by_someone_unknown_are_the_others(others: int, shown: int) -> None:
    found = protected(by_reporter(others), BY_WHOM)
    first = found.loc["1"]
    told = first[first["status"] == "shown"]
    assert len(told) == shown
    if shown == len(BY_WHOM):
        assert told["denominator"].iloc[0] - told["numerator"].sum() == others
    hidden = found[found["status"] == "hidden"]
    assert len(hidden) != 1
