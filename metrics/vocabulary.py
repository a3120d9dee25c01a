"""The nouns of the product: region, periods, dimensions and the glossary that ties Swedish terms to English names."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

REFERENCE_FOLDER = Path(__file__).resolve().parent.parent / "data" / "reference"


@dataclass(frozen=True, kw_only=True)
class Municipality:
    """One municipality: four-digit code (leading zero kept) and name."""

    code: str
    name: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{4}", self.code):
            raise ValueError(f"a municipality code has four digits, got: {self.code!r}")


@dataclass(frozen=True, kw_only=True)
class Region:
    """The members that are followed together; `name` is short ("GR"), `title` the full name."""

    name: str
    title: str
    members: tuple[Municipality, ...]
    nation: str = "Riket"

    def __post_init__(self) -> None:
        codes = [member.code for member in self.members]
        if not codes:
            raise ValueError("a region has at least one member, got: none")
        if len(set(codes)) != len(codes):
            raise ValueError(f"a member stands once in its region, got: {sorted(codes)}")

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(member.code for member in self.members)

    def member(self, code_or_name: str) -> Municipality:
        """The member with this code or name; KeyError says "rule, got: value"."""
        for member in self.members:
            if code_or_name in (member.code, member.name):
                return member
        raise KeyError(f"a member of {self.name} by code or name, got: {code_or_name!r}")


GR = Region(
    name="GR",
    title="Göteborgsregionen",
    members=tuple(
        Municipality(code=code, name=name)
        for name, code in (
            ("Ale", "1440"),
            ("Alingsås", "1489"),
            ("Göteborg", "1480"),
            ("Härryda", "1401"),
            ("Kungsbacka", "1384"),
            ("Kungälv", "1482"),
            ("Lerum", "1441"),
            ("Lilla Edet", "1462"),
            ("Mölndal", "1481"),
            ("Partille", "1402"),
            ("Stenungsund", "1415"),
            ("Tjörn", "1419"),
            ("Öckerö", "1407"),
        )
    ),
)


def region_from_file(path: Path) -> Region:
    """A region declared as TOML: name, title, and [[members]] with code and name."""
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    members = tuple(Municipality(code=row["code"], name=row["name"]) for row in declared["members"])
    return Region(name=declared["name"], title=declared["title"], members=members)


def current_region(environment: Mapping[str, str] = os.environ) -> Region:
    """GR, or the region that SAMSYN_REGION names: a TOML file, or the code of one GR member alone."""
    chosen = environment.get("SAMSYN_REGION", "")
    if not chosen or chosen == GR.name:
        return GR
    if re.fullmatch(r"\d{4}", chosen):
        alone = GR.member(chosen)
        return Region(name=alone.name, title=alone.name, members=(alone,))
    return region_from_file(Path(chosen))


@dataclass(frozen=True, kw_only=True, order=True)
class Period:
    """A stretch of time with its kind; `start` and `end` are both inside it."""

    start: date
    end: date
    kind: str

    def __post_init__(self) -> None:
        if self.kind not in PERIOD_KINDS:
            raise ValueError(f"a period kind is one of {sorted(PERIOD_KINDS)}, got: {self.kind!r}")
        if self.end < self.start:
            raise ValueError(f"a period ends after it starts, got: {self.start} to {self.end}")

    @property
    def label(self) -> str:
        """The text officers use: 2024/25, HT 2024, 2024, 2024:1."""
        year = self.start.year
        if self.kind == "school_year":
            return f"{year}/{self.end.year % 100:02d}"
        if self.kind == "term":
            return f"{'HT' if self.start.month >= 7 else 'VT'} {year}"
        if self.kind == "half_year":
            return f"{year}:{1 if self.start.month == 1 else 2}"
        if self.kind == "pooled":
            return f"{year}/{(year + 1) % 100:02d}–{self.end.year - 1}/{self.end.year % 100:02d}"
        return str(year)

    @property
    def school_year(self) -> str:
        """The school year the period ends in: a calendar year 2025 belongs to 2024/25."""
        ends_in_spring = self.end.month < 8 or self.kind == "calendar_year"
        return school_year_label(self.end.year if ends_in_spring else self.end.year + 1)


PERIOD_KINDS: Mapping[str, str] = {
    "school_year": "läsår",
    "term": "termin",
    "half_year": "halvår",
    "calendar_year": "kalenderår",
    "pooled": "tre läsår tillsammans",
}


def school_year_label(spring: int) -> str:
    """2025 -> 2024/25: the school year that ends in the spring of this year."""
    return f"{spring - 1}/{spring % 100:02d}"


def school_year(label: str) -> Period:
    """2024/25 (also 24/25, 2024/2025, 2024-2025) as 1 July 2024 to 30 June 2025; ValueError otherwise."""
    spring = spring_of(label)
    return Period(start=date(spring - 1, 7, 1), end=date(spring, 6, 30), kind="school_year")


def spring_of(label: str) -> int:
    """The year in which a school year ends; ValueError "rule, got: value" for anything else."""
    found = re.fullmatch(r"\s*(\d{4}|\d{2})\s*[/–-]\s*(\d{4}|\d{2})\s*", label)
    if found:
        first, last = (int(part) % 100 for part in found.groups())
        century = int(found[1]) // 100 if len(found[1]) == 4 else 20
        if (first + 1) % 100 == last:
            return century * 100 + first + 1
    raise ValueError(f"a school year is written 2024/25, got: {label!r}")


def pooled_school_years(last: Period, years: int = 3) -> Period:
    """The `years` school years that end with `last`, as one period."""
    return Period(start=date(last.end.year - years, 7, 1), end=last.end, kind="pooled")


def parse_period(label: str, kind: str) -> Period:
    """The period a label of `Period.label` stands for, by kind; ValueError for anything else."""
    if kind == "school_year":
        return school_year(label)
    found = re.fullmatch(r"(?:(HT|VT) )?(\d{4})(?::([12]))?", label.strip())
    if not found:
        raise ValueError(f"a {kind} is written as in Period.label, got: {label!r}")
    term, year, half = found[1], int(found[2]), found[3]
    if kind == "calendar_year" and not term and not half:
        return Period(start=date(year, 1, 1), end=date(year, 12, 31), kind=kind)
    first_half = term == "VT" or half == "1"
    if (kind == "term" and term) or (kind == "half_year" and half):
        start, end = ((1, 1), (6, 30)) if first_half else ((7, 1), (12, 31))
        return Period(start=date(year, *start), end=date(year, *end), kind=kind)
    raise ValueError(f"a {kind} is written as in Period.label, got: {label!r}")


ALL = "all"
PROVIDERS: Mapping[str, str] = {
    "all": "Alla huvudmän",
    "municipal": "Kommunala skolor",
    "independent": "Fristående skolor",
}
SEXES: Mapping[str, str] = {"all": "Flickor och pojkar", "girls": "Flickor", "boys": "Pojkar"}
STAGES: Mapping[str, str] = {
    "all": "Alla stadier",
    "F-3": "Förskoleklass–årskurs 3",
    "4-6": "Årskurs 4–6",
    "7-9": "Årskurs 7–9",
    "national_programme": "Nationellt program",
    "introductory_programme": "Introduktionsprogram",
    "adapted": "Anpassad skola",
    "preschool": "Förskola",
    "upper_secondary_age": "Gymnasieålder",
    "stage_unknown": "Okänt stadium",
}
PERSPECTIVES: Mapping[str, str] = {
    "school_municipality": "Skolans kommun (lägeskommun)",
    "home_municipality": "Hemkommun",
}
BACKGROUND_FIELDS: Mapping[str, Mapping[str, str]] = {
    "foreign_background": {
        "foreign": "Utländsk bakgrund",
        "swedish": "Svensk bakgrund",
        "foreign_background_unknown": "Okänd bakgrund",
    },
    "parents_education": {
        "compulsory": "Föräldrar med högst grundskola",
        "upper_secondary": "Föräldrar med gymnasieutbildning",
        "post_secondary": "Föräldrar med eftergymnasial utbildning",
        "parents_education_unknown": "Föräldrarnas utbildning okänd",
    },
    "newly_arrived": {
        "newly_arrived": "Nyanlända (högst fyra år)",
        "not_newly_arrived": "Inte nyanlända",
        "newly_arrived_unknown": "Okänt om nyanländ",
    },
}
BACKGROUNDS: Mapping[str, str] = {"all": "Alla"} | {
    code: label for field in BACKGROUND_FIELDS.values() for code, label in field.items()
}
AREA_TYPES: Mapping[str, str] = {
    "municipality": "Kommun",
    "region": "Region",
    "rest_of_region": "Övriga regionen",
    "nation": "Riket",
    "peer_group": "Liknande kommuner",
    "school_unit": "Skolenhet",
}
NO_MODEL = "none"
"""The model dimension's value for pupils at schools that have no collaboration model that year."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A glossary entry: the Swedish word, its English name in code, what it means, and whose word it is."""

    swedish: str
    english: str
    meaning: str
    profession: str = "båda"


GLOSSARY: tuple[Term, ...] = tuple(
    Term(swedish=swedish, english=english, meaning=meaning, profession=profession)
    for swedish, english, meaning, profession in (
        ("andel", "share", "Täljare delad med nämnare. Nämnaren står alltid bredvid som n.", "båda"),
        (
            "behörighet",
            "eligibility",
            "Att ha de godkända betyg som krävs för att antas till ett nationellt program på gymnasiet.",
            "skola",
        ),
        (
            "dold",
            "hidden",
            "Ett värde som inte visas för att skydda enskilda. Varför just det värdet döljs sägs inte, eftersom skälet i sig kan avslöja.",
            "båda",
        ),
        (
            "elevhälsa",
            "pupil_health",
            "Skolans medicinska, psykologiska, psykosociala och specialpedagogiska stöd.",
            "skola",
        ),
        (
            "exempeldata",
            "example_data",
            "Påhittade elever. Visar hur Samsyn ser ut men säger inget om verkliga barn.",
            "båda",
        ),
        (
            "förhandsbedömning",
            "preliminary_assessment",
            "Socialtjänstens första bedömning av en orosanmälan: ska en utredning inledas eller inte? Ska göras inom 14 dagar.",
            "socialtjänst",
        ),
        (
            "fullföljande",
            "completion",
            "Att ta gymnasieexamen inom tre, fyra eller fem år från starten, bland alla som började.",
            "skola",
        ),
        ("gymnasieexamen", "diploma", "Examen från ett nationellt program i gymnasieskolan.", "skola"),
        ("hemkommun", "home_municipality", "Kommunen där eleven är folkbokförd.", "båda"),
        ("huvudman", "provider", "Den som ansvarar för skolan: kommunen eller en fristående ägare.", "skola"),
        ("insats", "intervention", "Stöd eller åtgärd som socialtjänsten beslutar om eller erbjuder.", "socialtjänst"),
        (
            "introduktionsprogram",
            "introductory_programme",
            "Gymnasieprogram för den som saknar behörighet till nationellt program (IM).",
            "skola",
        ),
        ("kombination", "model_set", "De samverkansmodeller som en skola har samtidigt under ett läsår.", "båda"),
        (
            "konfidensintervall",
            "interval",
            "Så mycket kan andelen variera av slump om förutsättningarna upprepades. 95 procents säkerhet om inget annat sägs.",
            "båda",
        ),
        ("lägeskommun", "school_municipality", "Kommunen där skolan ligger, oavsett var eleven bor.", "skola"),
        (
            "läsår",
            "school_year",
            "1 juli till 30 juni. Läsåret 2024/25 är samma som våren 2025 i slutbetygen.",
            "skola",
        ),
        (
            "meritvärde",
            "merit_value",
            "Summan av elevens 16 bästa betyg (E 10, D 12,5, C 15, B 17,5, A 20), eller 17 med moderna språk.",
            "skola",
        ),
        (
            "närvaro",
            "attendance",
            "Den tid eleven deltagit i undervisningen, jämfört med den tid som erbjudits.",
            "skola",
        ),
        (
            "orosanmälan",
            "report_of_concern",
            "Anmälan till socialtjänsten om att ett barn kan fara illa. Skolan är skyldig att anmäla.",
            "båda",
        ),
        (
            "resurscentrum",
            "resource_centre",
            "Undervisning utanför den ordinarie klassen under en tid, ofta med samlat stöd.",
            "skola",
        ),
        (
            "samverkansmodell",
            "collaboration_model",
            "Ett bestämt sätt för skola och socialtjänst att arbeta tillsammans.",
            "båda",
        ),
        ("skolenhet", "school_unit", "En skola eller del av skola med egen rektor och egen kod.", "skola"),
        ("stadium", "stage", "Förskoleklass–årskurs 3, årskurs 4–6 eller årskurs 7–9.", "skola"),
        (
            "team",
            "instance",
            "En samverkansmodell på en plats, till exempel ett skolsocialt team, en familjecentral eller ett resurscentrum: vissa skolor i en kommun, från ett visst datum.",
            "båda",
        ),
        (
            "utgåva",
            "release",
            "En låst samling siffror med datum och nummer. Den ändras aldrig; nya uppgifter ger en ny utgåva.",
            "båda",
        ),
        ("uttag", "extract", "En fil ur ett verksamhetssystem som lämnas in till Samsyn.", "båda"),
        (
            "utredning",
            "investigation",
            "Socialtjänstens utredning av ett barns behov. Ska vara klar inom fyra månader.",
            "socialtjänst",
        ),
    )
)
