"""Checks of a file's rows against other deliveries of the same pupils: what cannot both be right.

Each has a SELECT of the file's bad rows. `{new}` is the file (row_number, pupil and `columns`), `{old}` is what stands
of the kinds in `reads` (pupil, row_number when it is the file's own row, and `standing_columns`); the file's own rows
are in `{old}` too where it is of such a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metrics.declare import require

ELSEWHERE = "_elsewhere"
"""What is added to a check's code when another organisation's rows decide it."""

Row = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AcrossCheck:
    """One check between deliveries: `sentence` for the sender's own rows, `elsewhere` ({count}) when others' decide.

    `stands` is a standing row (of the first kind in `reads`), `good` and `bad` rows of the file for the same pupil.
    """

    code: str
    delivered: str
    columns: tuple[str, ...]
    reads: tuple[str, ...]
    standing_columns: tuple[str, ...]
    sql: str
    sentence: str
    elsewhere: str
    advice: str
    stands: Row
    good: Row
    bad: Row

    def __post_init__(self) -> None:
        require("{new}" in self.sql and "{old}" in self.sql, "the SELECT reads {new} and {old}", self.code)
        require(self.sentence.endswith("."), "a check's sentence ends with a full stop", self.code)
        require("{count}" in self.elsewhere, "what depends on others is said as a count", self.code)


_NOT_SHOWN = " enligt en annan organisations uppgifter. Vilka det gäller visas inte."
_FIRST_DAY = "make_date(CAST(left({year}, 4) AS INTEGER), 7, 1)"
"""The day the school year in this column begins."""

_DIPLOMA_TOO_EARLY = f"""
    SELECT DISTINCT new.row_number, new.pupil
    FROM {{new}} AS new
    JOIN (SELECT pupil, min(school_year) AS school_year FROM {{old}} GROUP BY pupil) AS old
        ON old.pupil = new.pupil
    WHERE starts_with(new.outcome, 'diploma')
        AND new.outcome_date < {_FIRST_DAY.format(year="old.school_year")}
"""
_ENROLLED_TOO_LATE = f"""
    SELECT DISTINCT new.row_number, new.pupil
    FROM {{new}} AS new
    JOIN {{old}} AS old
        ON old.pupil = new.pupil
    WHERE starts_with(old.outcome, 'diploma')
        AND old.outcome_date < {_FIRST_DAY.format(year="new.school_year")}
"""
_GRADES_TOO_LATE = """
    SELECT DISTINCT new.row_number, new.pupil
    FROM {new} AS new
    JOIN (SELECT pupil, min(school_year) AS school_year FROM {old} GROUP BY pupil) AS old
        ON old.pupil = new.pupil
    WHERE new.school_year >= old.school_year
"""
_ENROLLED_TOO_EARLY = """
    SELECT DISTINCT new.row_number, new.pupil
    FROM {new} AS new
    JOIN (SELECT pupil, min(school_year) AS school_year FROM {old} GROUP BY pupil) AS old
        ON old.pupil = new.pupil
    WHERE new.school_year <= old.school_year
"""
_A_DAY = "({row}.offered / (1 + {row}.end_date - {row}.start_date))"
_TWO_SCHOOLS = f"""
    SELECT DISTINCT new.row_number, new.pupil
    FROM {{new}} AS new
    JOIN {{old}} AS old
        ON old.pupil = new.pupil
        AND coalesce(old.home_school_unit, old.school_unit) <> coalesce(new.home_school_unit, new.school_unit)
        AND old.start_date <= new.end_date
        AND new.start_date <= old.end_date
        AND coalesce(old.measure, '') = coalesce(new.measure, '')
    WHERE {_A_DAY.format(row="old")} + {_A_DAY.format(row="new")}
        > 1.5 * (SELECT avg({_A_DAY.format(row="each")}) FROM {{new}} AS each WHERE each.measure IS NOT DISTINCT FROM new.measure)
"""
"""A pupil who moves has part of the term's time at each school, though both rows may be for the whole term: together
they offer no more time a day than one pupil of the file has. Twice as much is two schools at once."""

_TWO_PLACEMENTS = """
    SELECT DISTINCT new.row_number, new.pupil
    FROM {new} AS new
    JOIN {old} AS old
        ON old.pupil = new.pupil
        AND old.started < coalesce(new.ended, new.observed_to, new.started)
        AND new.started < coalesce(old.ended, old.observed_to, old.started)
    WHERE (old.centre, old.started) <> (new.centre, new.started)
"""
_TWO_INVESTIGATIONS = """
    SELECT DISTINCT new.row_number, new.child AS pupil
    FROM {new} AS new
    JOIN {old} AS old
        ON old.child = new.child
        AND old.investigation_start < new.investigation_end
        AND new.investigation_start < old.investigation_end
    WHERE old.investigation_start <> new.investigation_start
"""
_OTHER_BIRTH_YEAR = """
    SELECT DISTINCT new.row_number, new.pupil
    FROM {new} AS new
    JOIN {old} AS old
        ON old.pupil = new.pupil
        AND old.birth_year <> new.birth_year
"""
_WITH_BIRTH_YEAR = (
    "year9_grades",
    "year6_grades",
    "upper_secondary_enrolment",
    "background",
    "activity_responsibility",
)
_ATTENDANCE = ("school_unit", "home_school_unit", "start_date", "end_date", "offered", "measure")
_PLACEMENT = ("centre", "started", "ended", "observed_to")
_INVESTIGATION = ("investigation_start", "investigation_end")


def _birth_year(delivered: str) -> AcrossCheck:
    others = tuple(each for each in _WITH_BIRTH_YEAR if each != delivered)
    return AcrossCheck(
        code=f"birth_year_differs_{delivered}",
        delivered=delivered,
        columns=("birth_year",),
        reads=(*others, delivered),
        standing_columns=("birth_year",),
        sql=_OTHER_BIRTH_YEAR,
        sentence="Elever har ett annat födelseår än i en annan leverans från er.",
        elsewhere=f"Minst {{count}} elever har ett annat födelseår{_NOT_SHOWN}",
        advice="Två elever kan ha fått samma pseudonym. Kontrollera födelseåret i källan, eller skriv varför det ändrats.",
        stands={"birth_year": 2008, "school_year": "2023/24"},
        good={"birth_year": 2008, "school_year": "2024/25"},
        bad={"birth_year": 2009, "school_year": "2024/25"},
    )


_ALL = (
    AcrossCheck(
        code="diploma_before_enrolment",
        delivered="upper_secondary_outcome",
        columns=("outcome", "outcome_date"),
        reads=("upper_secondary_enrolment",),
        standing_columns=("school_year",),
        sql=_DIPLOMA_TOO_EARLY,
        sentence="Elever har examen före sin första inskrivning i gymnasieskolan.",
        elsewhere=f"Minst {{count}} elever har examen före sin första inskrivning{_NOT_SHOWN}",
        advice="Kontrollera examensdatum och inskrivning, eller skriv varför tidigare läsår saknas.",
        stands={"school_year": "2024/25"},
        good={"outcome": "diploma_vocational", "outcome_date": "2025-06-10"},
        bad={"outcome": "diploma_vocational", "outcome_date": "2024-06-10"},
    ),
    AcrossCheck(
        code="enrolment_after_diploma",
        delivered="upper_secondary_enrolment",
        columns=("school_year",),
        reads=("upper_secondary_outcome",),
        standing_columns=("outcome", "outcome_date"),
        sql=_ENROLLED_TOO_LATE,
        sentence="Elever är inskrivna ett läsår efter att de tagit examen.",
        elsewhere=f"Minst {{count}} elever är inskrivna efter att de tagit examen{_NOT_SHOWN}",
        advice="Kontrollera inskrivning och examensdatum, eller skriv varför eleverna läser igen.",
        stands={"outcome": "diploma_preparatory", "outcome_date": "2024-06-10"},
        good={"school_year": "2023/24"},
        bad={"school_year": "2024/25"},
    ),
    AcrossCheck(
        code="grades_after_enrolment",
        delivered="year9_grades",
        columns=("school_year",),
        reads=("upper_secondary_enrolment",),
        standing_columns=("school_year",),
        sql=_GRADES_TOO_LATE,
        sentence="Elever har slutbetyg från ett läsår då de redan är inskrivna i gymnasieskolan.",
        elsewhere=f"Minst {{count}} elever är redan inskrivna i gymnasieskolan det läsåret{_NOT_SHOWN}",
        advice="Kontrollera läsåret, eller skriv hur det hänger ihop.",
        stands={"school_year": "2024/25"},
        good={"school_year": "2023/24"},
        bad={"school_year": "2024/25"},
    ),
    AcrossCheck(
        code="enrolment_before_grades",
        delivered="upper_secondary_enrolment",
        columns=("school_year",),
        reads=("year9_grades",),
        standing_columns=("school_year",),
        sql=_ENROLLED_TOO_EARLY,
        sentence="Elever är inskrivna i gymnasieskolan samma läsår som de får slutbetyg i årskurs 9, eller tidigare.",
        elsewhere=f"Minst {{count}} elever får slutbetyg i årskurs 9 det läsåret eller senare{_NOT_SHOWN}",
        advice="Kontrollera läsåret, eller skriv hur det hänger ihop.",
        stands={"school_year": "2023/24"},
        good={"school_year": "2024/25"},
        bad={"school_year": "2023/24"},
    ),
    AcrossCheck(
        code="two_schools_same_day",
        delivered="attendance",
        columns=_ATTENDANCE,
        reads=("attendance",),
        standing_columns=_ATTENDANCE,
        sql=_TWO_SCHOOLS,
        sentence="Elever har full tid vid två skolor samma dagar.",
        elsewhere=f"Minst {{count}} elever har full tid också vid en annan skola samma dagar{_NOT_SHOWN}",
        advice="Låt den ena perioden sluta dagen innan den andra börjar, eller skriv varför de går i två skolor.",
        stands={"school_unit": "10000002", "start_date": "2024-10-01", "end_date": "2024-10-31", "offered": 6000},
        good={"school_unit": "10000001", "start_date": "2024-11-01", "end_date": "2024-11-30", "offered": 6000},
        bad={"school_unit": "10000001", "start_date": "2024-10-15", "end_date": "2024-11-30", "offered": 9000},
    ),
    AcrossCheck(
        code="placement_before_return",
        delivered="resource_centre_placement",
        columns=_PLACEMENT,
        reads=("resource_centre_placement",),
        standing_columns=_PLACEMENT,
        sql=_TWO_PLACEMENTS,
        sentence="Elever börjar en placering innan de är tillbaka från en annan.",
        elsewhere=f"Minst {{count}} elever har en annan placering samtidigt{_NOT_SHOWN}",
        advice="Kontrollera start och slut på båda placeringarna, eller skriv varför de går ihop.",
        stands={"centre": "Ett", "started": "2024-03-04", "ended": "2024-09-30"},
        good={"centre": "Två", "started": "2024-09-30", "ended": "2025-05-30"},
        bad={"centre": "Två", "started": "2024-09-02", "ended": "2025-05-30"},
    ),
    AcrossCheck(
        code="investigation_before_closed",
        delivered="support_chain",
        columns=_INVESTIGATION,
        reads=("support_chain",),
        standing_columns=_INVESTIGATION,
        sql=_TWO_INVESTIGATIONS,
        sentence="En utredning börjar innan en annan utredning om samma barn är klar.",
        elsewhere=f"Minst {{count}} barn har en annan utredning samtidigt{_NOT_SHOWN}",
        advice="Hör anmälan till en utredning som redan pågår: ange dess startdatum. Annars: skriv varför det är två.",
        stands={"report_date": "2024-09-10", "investigation_start": "2024-09-20", "investigation_end": "2025-01-17"},
        good={"report_date": "2025-02-03", "investigation_start": "2025-02-10", "investigation_end": "2025-05-05"},
        bad={"report_date": "2025-01-02", "investigation_start": "2025-01-10", "investigation_end": "2025-03-05"},
    ),
    *(_birth_year(delivered) for delivered in _WITH_BIRTH_YEAR),
)

ACROSS_CHECKS: Mapping[str, AcrossCheck] = {check.code: check for check in _ALL}
"""Every check between deliveries by code."""
