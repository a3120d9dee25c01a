"""The columns about a pupil that several kinds of extract share, with their accepted headings and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from metrics.declare import Column

SEX_CODES: Mapping[str, str] = {
    "flicka": "girls",
    "flickor": "girls",
    "f": "girls",
    "k": "girls",
    "kvinna": "girls",
    "girls": "girls",
    "pojke": "boys",
    "pojkar": "boys",
    "p": "boys",
    "m": "boys",
    "man": "boys",
    "boys": "boys",
}

STAGE_CODES: Mapping[str, str] = {
    **dict.fromkeys(("f", "fsk", "förskoleklass", "0", "1", "2", "3", "lågstadiet", "f-3"), "F-3"),
    **dict.fromkeys(("4", "5", "6", "mellanstadiet", "4-6"), "4-6"),
    **dict.fromkeys(("7", "8", "9", "högstadiet", "7-9"), "7-9"),
}
"""Written grade (årskurs) or stage -> stage; only the stage is kept."""


def optional(column: Column) -> Column:
    """The same column where a file may lack it or leave cells empty."""
    return replace(column, required=False, may_be_empty=True)


PUPIL = Column(
    name="pupil",
    title="Pseudonym",
    kind="pseudonym",
    description="Elevens pseudonym, gjord hos avsändaren. Aldrig personnummer.",
    headings=("elev", "elevid", "elev-id", "pseudo", "studentId", "personId", "student", "löpnummer"),
    purpose="Följa samma elev mellan uttag utan att veta vem det är.",
)
SCHOOL_YEAR = Column(
    name="school_year",
    title="Läsår",
    kind="school_year",
    description="Läsåret, skrivet 2024/25.",
    headings=("skolår", "schoolYear"),
)
SCHOOL_UNIT = Column(
    name="school_unit",
    title="Skolenhetskod",
    kind="school_unit",
    description="Skolenhetens åttasiffriga kod i Skolenhetsregistret.",
    headings=("skolenhet", "enhetskod", "schoolUnitCode"),
)
HOME_SCHOOL_UNIT = Column(
    name="home_school_unit",
    title="Hemskola",
    kind="school_unit",
    description="Koden för skolenheten där eleven är inskriven, om undervisningen ges någon annanstans.",
    headings=("hemskolans skolenhetskod", "ordinarie skola", "ordinarie skolenhet", "inskriven vid"),
)
STAGE = Column(
    name="stage",
    title="Årskurs",
    kind="code",
    description="Elevens årskurs eller stadium. Bara stadiet sparas: F–3, 4–6 eller 7–9.",
    headings=("stadium", "årskurs eller stadium", "åk", "schoolGrade", "grade"),
    codes=STAGE_CODES,
)
SEX = Column(
    name="sex",
    title="Kön",
    kind="code",
    description="Flicka eller pojke enligt folkbokföringen.",
    headings=("juridiskt kön", "sex"),
    codes=SEX_CODES,
)
BIRTH_YEAR = Column(
    name="birth_year",
    title="Födelseår",
    kind="integer",
    description="Året då eleven föddes, fyra siffror. Aldrig hela födelsedatumet.",
    headings=("år född", "född år", "birthYear"),
    required=False,
    may_be_empty=True,
    low=1980,
    high=2040,
)
HOME_MUNICIPALITY = Column(
    name="home_municipality",
    title="Hemkommun",
    kind="municipality",
    description="Kommunen där eleven är folkbokförd (kod).",
    headings=("hemkommunkod", "folkbokföringskommun", "municipalityCode"),
    may_be_empty=True,
)
FOREIGN_BACKGROUND = Column(
    name="foreign_background",
    title="Utländsk bakgrund",
    kind="flag",
    description="Född utomlands, eller med båda föräldrarna födda utomlands. Tomt = okänt.",
    headings=("utl bakgrund", "utländsk bakgrund (ja/nej)"),
    required=False,
    may_be_empty=True,
)
PARENTS_EDUCATION = Column(
    name="parents_education",
    title="Föräldrarnas utbildning",
    kind="code",
    description="Föräldrarnas högsta utbildning: grundskola, gymnasial eller eftergymnasial. Tomt = okänt.",
    headings=("föräldrars utbildningsnivå", "föräldrarnas högsta utbildning"),
    codes={
        "grundskola": "compulsory",
        "förgymnasial": "compulsory",
        "gymnasial": "upper_secondary",
        "gymnasium": "upper_secondary",
        "eftergymnasial": "post_secondary",
    },
    required=False,
    may_be_empty=True,
)
NEWLY_ARRIVED = Column(
    name="newly_arrived",
    title="Nyanländ",
    kind="flag",
    description="Kom till Sverige för högst fyra år sedan. Tomt = okänt.",
    headings=("nyanländ (ja/nej)",),
    required=False,
    may_be_empty=True,
)
BACKGROUND = (FOREIGN_BACKGROUND, PARENTS_EDUCATION, NEWLY_ARRIVED)
OBSERVED_TO = Column(
    name="observed_to",
    title="Uppgift till och med",
    kind="date",
    description="Dagen som uttaget gjordes. Saknas kolumnen räknas avsändarens senaste datum i filen som den dagen.",
    headings=("uttagsdatum", "uppgifter t.o.m.", "per datum"),
    required=False,
    may_be_empty=True,
)
