"""Hands in everything but the year-9 files: who sends which part of the invented life courses, and in what state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.declare import Extract
from metrics.demo import absence, counts, grades, joined, joint, later, support, truth
from metrics.demo.deliveries import SENDERS_A_STEP, Outbox, Written, by_sender, dialect_of
from metrics.demo.people import STAGES, People, social_pseudonyms, unit_of
from metrics.demo.plan import Instance
from metrics.demo.pupils import EDUCATION
from metrics.demo.region import INDEPENDENT_PROVIDERS, LAST_SPRING
from metrics.demo.writing import DIALECTS, Dialect
from metrics.extracts import (
    activity_responsibility,
    after_upper_secondary,
    aggregated_counts,
    attendance,
    background,
    coordinated_plan,
    model_participation,
    pupil_alias,
    resource_centre_placement,
    school_survey,
    support_chain,
    upper_secondary_enrolment,
    upper_secondary_outcome,
    year6_grades,
)
from metrics.extracts.year9_grades import grade_column

Ints = npt.NDArray[np.int64]

COUNTS_ONLY = ("1384", "1419")
"""Kungsbacka and Tjörn send counts instead of rows about attendance."""
WITHOUT_NEWEST = "1407"
"""Öckerö has not handed in attendance for the newest school year."""
CORRECTS_ATTENDANCE = "1402"
IN_HOURS = "1401"
NO_END_REASON = "1482"


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Someone who hands in: its name, how its system writes, and a short word for file names."""

    name: str
    dialect: Dialect
    about: str
    code: str = ""


def senders(people: People) -> Iterator[Sender]:
    """The municipalities' boards and the independent providers."""
    for position, member in enumerate(people.region.scale.members):
        yield Sender(name=member.sender, dialect=dialect_of(position), about=member.code, code=member.code)
    for position, name in enumerate(INDEPENDENT_PROVIDERS):
        yield Sender(name=name, dialect=dialect_of(position), about=f"fristaende_{position + 1}")


def about_person(people: People, person: Ints, spring: int | Ints, *names: str) -> dict[str, Any]:
    """Columns about a person under the extracts' names; `spring` decides which pseudonym and home she had."""
    found: dict[str, Any] = {"pupil": people.pseudonym_at(person, spring)}
    sources = {
        "sex": lambda: _coded(1 - people.sex[person], ("girls", "boys")),
        "birth_year": lambda: people.birth_year[person],
        "home_municipality": lambda: people.home[person],
        "foreign_background": lambda: _coded(people.foreign[person], (False, True)),
        "parents_education": lambda: _coded(people.education[person], EDUCATION),
        "newly_arrived": lambda: _coded(people.newly[person], (False, True)),
    }
    return found | {name: sources[name]() for name in names}


def _coded(positions: npt.NDArray[np.integer], values: tuple[Any, ...]) -> pd.Categorical:
    return pd.Categorical.from_codes(positions, categories=pd.Index(values))


def year6(outbox: Outbox, people: People) -> None:
    """Grades in year 6, by the school's sender."""
    springs = people.region.springs
    person = np.flatnonzero(np.isin(people.leaving - 3, springs))
    spring = people.leaving[person] - 3
    site = np.where(spring < people.moved[person], people.former[person], people.site[person])
    unit = np.zeros(person.size, dtype=np.int64)
    for each in springs.tolist():
        now = spring == each
        unit[now] = unit_of(people.region, site[now], np.ones(int(now.sum()), dtype=np.int64), each)
    about = ("sex", "birth_year", "home_municipality", "foreign_background", "parents_education", "newly_arrived")
    made = grades.year6(
        people.margin[person], people.sex[person], people.foreign[person], people.newly[person], seed=people.region.seed
    )
    marks = {
        grade_column(code): _coded(made[:, grades.COLUMN[code]] - 1, grades.MARKS)
        for code in year6_grades.YEAR6_SUBJECTS
        if made[:, grades.COLUMN[code]].any() or code in ("SV", "SVA")
    }
    table = pd.DataFrame(
        {**about_person(people, person, spring, *about), "school_year": spring, "school_unit": unit, **marks}
    )
    kept = table[unit > 0].sort_values(["school_year", "school_unit"], kind="stable")
    _by_school(outbox, people, year6_grades.EXTRACT, kept, site[kept.index])


def attendance_rows(people: People, rows: pd.DataFrame) -> pd.DataFrame:
    """The attendance extract's columns for these rows."""
    person, spring = rows["person"].to_numpy(), rows["spring"].to_numpy()
    days = {
        key: absence.term_dates(*key) for key in sorted(set(zip(spring.tolist(), rows["term"].tolist(), strict=True)))
    }
    place = {key: i for i, key in enumerate(days)}
    which = np.array([place[key] for key in zip(spring.tolist(), rows["term"].tolist(), strict=True)], dtype=np.int64)
    amounts = {name: rows[name] for name in ("offered", "reported", "attended", "valid_absence", "invalid_absence")}
    return pd.DataFrame(
        {
            **about_person(people, person, spring, "sex", "home_municipality"),
            "school_unit": rows["unit"],
            "stage": _coded(rows["stage"].to_numpy(), STAGES),
            "start_date": _coded(which, tuple(first for first, _ in days.values())),
            "end_date": _coded(which, tuple(last for _, last in days.values())),
            **amounts,
            "other_attendance": rows["other_attendance"],
            "measure": _coded(np.zeros(len(rows), dtype=np.int64), ("minutes",)),
            "counting_rule": _coded(
                rows["old_rule"].to_numpy().astype(np.int64), ("all_registered", "unreported_as_present")
            ),
        },
        index=rows.index,
    )


def attendance_files(
    outbox: Outbox, people: People, rows: pd.DataFrame, laid: tuple[Instance, ...], written: Written
) -> None:
    """Attendance by the school's sender: rows, or counts, or nothing for the newest year."""
    newest, own_of = rows["spring"].to_numpy() == LAST_SPRING, by_sender(people.region, rows["site"].to_numpy())

    def models(table: pd.DataFrame) -> npt.NDArray[np.str_]:
        return truth.models_at(people.region, laid, table)

    everyone = list(senders(people))
    for position, sender in enumerate(everyone):
        if position and position % SENDERS_A_STEP == 0:
            written(position, len(everyone))
        own = own_of[sender.name]
        if sender.code in COUNTS_ONLY:
            outbox.send(
                aggregated_counts.EXTRACT,
                counts.attendance_counts(people, rows.iloc[own], models),
                replace(sender.dialect, headings="title", variant=0, quoted=True),
                sender=sender.name,
                about=f"{sender.about}_narvaro",
            )
        else:
            _attendance_of(outbox, people, sender, rows.iloc[own[~newest[own]]], rows.iloc[own[newest[own]]])


def _attendance_of(outbox: Outbox, people: People, sender: Sender, history: pd.DataFrame, newest: pd.DataFrame) -> None:
    wrong_first = sender.code == CORRECTS_ATTENDANCE and not newest.empty
    first = newest
    if wrong_first:
        unit = newest["unit"] == newest["unit"].iloc[0]
        first = newest.assign(valid_absence=newest["valid_absence"].where(~unit, 0))
    elif sender.code == WITHOUT_NEWEST:
        first = newest.iloc[:0]
    parts = [("historik", history), ("nytt", first)]
    if people.region.scale.name == "small" and not wrong_first:
        parts = [("", pd.concat([history, first]))]
    for about, part in parts:
        _send_attendance(outbox, people, sender, part, about)
    if wrong_first:
        _send_attendance(outbox, people, sender, newest[unit], "rattning")


def _send_attendance(outbox: Outbox, people: People, sender: Sender, part: pd.DataFrame, about: str) -> None:
    if part.empty:
        return
    table = attendance_rows(people, part)
    if sender.code == IN_HOURS:
        times = ["offered", "reported", "attended", "valid_absence", "invalid_absence", "other_attendance"]
        table[times] = table[times] / 60
        table["measure"] = _coded(np.zeros(len(table), dtype=np.int64), ("hours",))
    outbox.send(
        attendance.EXTRACT,
        table,
        sender.dialect,
        sender=sender.name,
        about=f"{sender.about}_{about}".rstrip("_"),
        overlap="replace" if about == "rattning" else None,
        late=about == "rattning",
    )


def upper_secondary(outbox: Outbox, people: People, paths: later.Paths) -> None:
    """Enrolment, outcomes and what comes after: the region's office has them from admissions and the national registers."""
    about = ("home_municipality", "sex", "birth_year", "foreign_background", "parents_education", "newly_arrived")
    enrolled = later.enrolment(people, paths, LAST_SPRING)
    person = enrolled["person"].to_numpy()
    table = enrolled.assign(
        school_form=pd.Categorical(enrolled["school_form"]),
        **about_person(people, person, enrolled["spring"].to_numpy(), *about),
    )
    left = later.outcomes(people, paths, LAST_SPRING)
    about_left = about_person(people, left["person"].to_numpy(), left["spring"].to_numpy(), "home_municipality", "sex")
    after = later.afterwards(people, paths, LAST_SPRING)
    known = about_person(people, after["person"].to_numpy(), after["spring"].to_numpy())
    for extract, rows in (
        (upper_secondary_enrolment.EXTRACT, table),
        (upper_secondary_outcome.EXTRACT, left.assign(**about_left)),
        (after_upper_secondary.EXTRACT, after.assign(**known)),
    ):
        outbox.send(extract, rows, DIALECTS[0], sender=people.region.scale.office, about="regionen")


def responsibility(outbox: Outbox, people: People, table: pd.DataFrame) -> None:
    """The activity responsibility, by the municipality where the young person lived at school age."""
    person = table["person"].to_numpy()
    code = people.region.sites["code"].to_numpy()[people.site[person]]
    rows = table.assign(
        **about_person(people, person, table["spring"].to_numpy(), "sex", "birth_year"),
        home_municipality=code.astype(np.int64),
        reason=pd.Categorical(table["reason"]),
    )
    _by_board(outbox, people, activity_responsibility.EXTRACT, rows, code)


def _by_school(outbox: Outbox, people: People, extract: Extract, rows: pd.DataFrame, site: Ints) -> None:
    own_of = by_sender(people.region, site)
    for sender in senders(people):
        outbox.send(extract, rows.iloc[own_of[sender.name]], sender.dialect, sender=sender.name, about=sender.about)


def _by_board(outbox: Outbox, people: People, extract: Extract, rows: pd.DataFrame, code: npt.NDArray[Any]) -> None:
    for sender in senders(people):
        if sender.code:
            outbox.send(extract, rows[code == sender.code], sender.dialect, sender=sender.name, about=sender.about)


def cases(outbox: Outbox, people: People, table: pd.DataFrame) -> None:
    """Cases at the models, by the municipality that has the model."""
    about = ("home_municipality", "sex", "foreign_background", "parents_education", "newly_arrived")
    rows = table.assign(
        **about_person(people, table["person"].to_numpy(), table["spring"].to_numpy(), *about),
        model_type=pd.Categorical(table["model_type"]),
    )
    _by_board(outbox, people, model_participation.EXTRACT, rows, table["municipality"].to_numpy())


def placements(outbox: Outbox, people: People, table: pd.DataFrame) -> None:
    """Placements by municipality; one system has no field for how they end."""
    about = ("home_municipality", "sex", "birth_year", "foreign_background", "parents_education", "newly_arrived")
    rows = table.assign(**about_person(people, table["person"].to_numpy(), table["spring"].to_numpy(), *about))
    code = table["municipality"].to_numpy().astype(str)
    for sender in senders(people):
        own = rows[code == sender.code]
        accept = {}
        if sender.code == NO_END_REASON and own["ended"].notna().any():
            own = own.assign(end_reason=np.nan)
            accept = {"end_without_reason": "Systemet har inget fält för orsaken."}
        outbox.send(
            resource_centre_placement.EXTRACT,
            own,
            sender.dialect,
            sender=sender.name,
            about=sender.about,
            accept=accept,
        )


def chain(outbox: Outbox, people: People, table: pd.DataFrame) -> None:
    """Reports of concern, by each municipality's social services, in their own pseudonym space."""
    _from_social_services(outbox, people, table, support_chain.EXTRACT)


def plans(outbox: Outbox, people: People, table: pd.DataFrame) -> None:
    """Coordinated plans, by the same boards and under the same pseudonyms as the reports of concern."""
    _from_social_services(outbox, people, table, coordinated_plan.EXTRACT)


def _from_social_services(outbox: Outbox, people: People, table: pd.DataFrame, extract: Extract) -> None:
    """A table about children, each municipality's rows by its own board."""
    children, child = np.unique(table["person"].to_numpy(), return_inverse=True)
    outbox.pseudonyms = {**outbox.pseudonyms, "social": social_pseudonyms(people, children)}
    rows = table.assign(child=child)
    for position, member in enumerate(people.region.scale.members):
        dialect = dialect_of(position + 2)
        social = replace(dialect, system=dialect.system.replace("Skolsystem", "Socialsystem"))
        own = rows[rows["municipality"] == int(member.code)]
        outbox.send(extract, own, social, sender=member.social_sender, about=member.code)


def survey(outbox: Outbox, people: People, table: pd.DataFrame) -> None:
    """Anonymous answers, by the school's sender."""
    _by_school(outbox, people, school_survey.EXTRACT, table, table["site"].to_numpy())


def support_from_both(outbox: Outbox, people: People, table: pd.DataFrame) -> None:
    """Members' own joined counts: no pupil of them leaves the member."""
    for member in people.region.scale.members:
        own = table[table["home_municipality"] == int(member.code)]
        outbox.send(
            aggregated_counts.EXTRACT,
            own,
            DIALECTS[0],
            sender=member.sender,
            about=f"{member.code}_sarskilt_stod",
            accept={"column_empty": "Antalen gäller kommunens elever och ingen enskild skola."},
        )


def aliases(outbox: Outbox, people: People) -> None:
    """Those who got a new pseudonym, by the municipality of their school."""
    person = np.flatnonzero(people.renamed > 0)
    spring = people.renamed[person]
    inside = np.isin(spring, people.region.springs)
    person, spring = person[inside], spring[inside]
    table = pd.DataFrame(
        {
            "old_pupil": people.pseudonym_at(person, spring),
            "pupil": people.pseudonym_at(person, spring + 1),
            "changed": np.char.add(spring.astype(str), "-07-15").astype("datetime64[D]"),
        }
    )
    outbox.send(pupil_alias.EXTRACT, table, DIALECTS[0], sender=people.region.scale.office, about="regionen")


def facts(outbox: Outbox, people: People) -> None:
    """Background apart from the grades, from the provider whose grade file lacks it."""
    own = (people.region.sites["organisation"] == INDEPENDENT_PROVIDERS[2]).to_numpy()
    person = np.flatnonzero(own[people.site[: people.leavers]])
    spring = people.leaving[person]
    about = ("sex", "birth_year", "home_municipality", "foreign_background", "parents_education", "newly_arrived")
    unit = people.region.unit[people.site[person], spring - people.region.springs[0]]
    table = pd.DataFrame(
        {
            **about_person(people, person, spring, *about),
            "school_year": spring,
            "school_unit": unit,
            "special_support": _coded((people.margin[person] < -1).astype(np.int64), (False, True)),
        }
    )
    outbox.send(background.EXTRACT, table, dialect_of(2), sender=INDEPENDENT_PROVIDERS[2], about="fristaende_3")


def everything(
    outbox: Outbox, people: People, rows: pd.DataFrame, paths: later.Paths, laid: Any, *, written: Written
) -> dict[str, pd.DataFrame]:
    """Hand in all of it; returns the tables that the truth is counted from.

    `written` hears now and then how many senders' attendance of how many is written.
    """
    aliases(outbox, people)
    facts(outbox, people)
    year6(outbox, people)
    attendance_files(outbox, people, rows, laid, written)
    upper_secondary(outbox, people, paths)
    tables = {
        "activity_responsibility": later.responsibility(people, paths, LAST_SPRING),
        "model_participation": support.participation(people, laid),
        "resource_centre_placement": support.placements(people),
        "support_chain": support.chain(people),
        "school_survey": joint.survey(people),
    }
    tables["coordinated_plan"] = joint.plans(people, tables["support_chain"])
    tables["special_support_pupils"] = joint.support_from_both(people, tables["support_chain"])
    responsibility(outbox, people, tables["activity_responsibility"])
    cases(outbox, people, tables["model_participation"])
    placements(outbox, people, tables["resource_centre_placement"])
    chain(outbox, people, tables["support_chain"])
    tables["pupil_child_pairs"] = joined.pairs(outbox, people, tables["support_chain"])
    plans(outbox, people, tables["coordinated_plan"])
    survey(outbox, people, tables["school_survey"])
    support_from_both(outbox, people, tables["special_support_pupils"])
    return tables
