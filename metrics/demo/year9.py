"""The year-9 files: one sender's pupils in its system's dialect, history and newest year apart, with what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.demo.deliveries import SENDERS_A_STEP, Outbox, Written, by_sender, dialect_of
from metrics.demo.grades import CODES, COLUMN, FAIL, MARKS, Grades
from metrics.demo.pupils import EDUCATION, Pupils
from metrics.demo.region import INDEPENDENT_PROVIDERS, stream
from metrics.extracts.year9_grades import EXTRACT, grade_column

Ints = npt.NDArray[np.int64]

TWO_SYSTEMS = "1480"
CORRECTS = "1441"
LATE = "1407"


Rows = Callable[[Ints], pd.DataFrame]
"""Pupils' numbers -> their rows: what one file holds is made when it is written, since a whole country's take gigabytes."""


def table(pupils: Pupils, grades: Grades, own: Ints) -> pd.DataFrame:
    """These leavers as rows of the year9_grades extract; `pupil` is the pupil's number."""
    region, year = pupils.region, pupils.year[own]
    parts = {
        "pupil": own,
        "school_year": region.springs[year],
        "school_unit": region.unit[pupils.site[own], year],
        "sex": _coded(1 - pupils.sex[own], ("girls", "boys")),
        "birth_year": pupils.birth_year[own],
        "home_municipality": pupils.home[own],
        "foreign_background": _coded(pupils.foreign[own], (False, True)),
        "parents_education": _coded(pupils.education[own], EDUCATION),
        "newly_arrived": _coded(pupils.newly[own], (False, True)),
        "grading_system": _coded(pupils.other_system[own].astype(np.int64), ("goal_related", "other")),
    }
    marks = {grade_column(code): _coded(grades[own, COLUMN[code]] - 1, MARKS) for code in CODES}
    return pd.DataFrame({**parts, **marks})


def _coded(positions: npt.NDArray[np.integer], values: tuple[object, ...]) -> pd.Categorical:
    """Positions in `values`, -1 = unknown."""
    return pd.Categorical.from_codes(positions, categories=pd.Index(values))


def deliver(outbox: Outbox, pupils: Pupils, grades: Grades, *, written: Written) -> None:
    """Every sender's files: each municipality's own schools, then the independent providers.

    `written` hears now and then how many senders of how many are done.
    """
    members, own_of = pupils.region.scale.members, by_sender(pupils.region, pupils.site)
    rows: Rows = partial(table, pupils, grades)
    for position, member in enumerate(members):
        if position and position % SENDERS_A_STEP == 0:
            written(position, len(members) + len(INDEPENDENT_PROVIDERS))
        own = own_of[member.sender]
        if member.code == TWO_SYSTEMS:
            _two_systems(outbox, pupils, rows, own, member.sender)
        else:
            _one_system(outbox, pupils, rows, own, member.sender, about=member.code, position=position)
    for position, provider in enumerate(INDEPENDENT_PROVIDERS):
        part = rows(own_of[provider])
        if position == 2:
            part = part.drop(columns=["newly_arrived", "parents_education"])
        outbox.send(EXTRACT, _trimmed(part), dialect_of(position), sender=provider, about=f"fristaende_{position + 1}")


def _trimmed(part: pd.DataFrame) -> pd.DataFrame:
    """Without the columns a system would not have: subjects nobody takes, and a grading system when there is only one."""
    optional = [column.name for column in EXTRACT.columns if not column.required and column.name in part]
    empty = [name for name in optional if name.startswith("grade_") and part[name].isna().all()]
    ordinary = "grading_system" in part and (part["grading_system"] == "goal_related").all()
    return part.drop(columns=[*empty, *(["grading_system"] if ordinary else [])])


def _years(pupils: Pupils, own: Ints) -> tuple[Ints, Ints]:
    """History and the newest year."""
    newest = pupils.year[own] == len(pupils.region.springs) - 1
    return own[~newest], own[newest]


def _one_system(
    outbox: Outbox, pupils: Pupils, rows: Rows, own: Ints, sender: str, *, about: str, position: int
) -> None:
    dialect, (history, newest) = dialect_of(position), _years(pupils, own)
    if pupils.region.scale.name == "small" and about not in (CORRECTS, LATE):
        outbox.send(EXTRACT, _trimmed(rows(own)), dialect, sender=sender, about=about)
        return
    outbox.send(EXTRACT, _trimmed(rows(history)), dialect, sender=sender, about=f"{about}_historik")
    first = _spoiled(rows, pupils, newest) if about == CORRECTS else rows(newest)
    outbox.send(EXTRACT, _trimmed(first), dialect, sender=sender, about=f"{about}_nytt", late=about == LATE)
    if about == CORRECTS:
        unit = newest[pupils.site[newest] == pupils.site[newest[0]]]
        outbox.send(
            EXTRACT,
            rows(unit),
            dialect,
            sender=sender,
            about=f"{about}_rattning",
            overlap="replace",
            late=True,
        )


def _spoiled(rows: Rows, pupils: Pupils, newest: Ints) -> pd.DataFrame:
    """The first delivery of a year that is corrected later: one school lacks pupils and has F in all mathematics."""
    wrong = pupils.site[newest] == pupils.site[newest[0]]
    missing = np.flatnonzero(wrong)[-3:]
    kept = np.delete(newest, missing)
    part = rows(kept)
    at_school = pupils.site[kept] == pupils.site[newest[0]]
    part.loc[at_school, grade_column("MA")] = MARKS[FAIL - 1]
    return part


def _two_systems(outbox: Outbox, pupils: Pupils, rows: Rows, own: Ints, sender: str) -> None:
    """Every other school in another system; one school has pupils in both."""
    sites = np.unique(pupils.site[own])
    in_second = np.isin(pupils.site[own], sites[1::2])
    shared = pupils.site[own] == sites[0]
    in_second |= shared & (stream(pupils.region.seed, "systems").random(own.size) < 0.5)
    for about, chosen, dialect in (("a", own[~in_second], dialect_of(0)), ("b", own[in_second], dialect_of(3))):
        for when, part in zip(("historik", "nytt"), _years(pupils, chosen), strict=True):
            outbox.send(
                EXTRACT,
                _trimmed(rows(part)),
                dialect,
                sender=sender,
                about=f"{TWO_SYSTEMS}_{about}_{when}",
                overlap="add",
            )
