"""The record of processing, column by column: why it is delivered, how it is kept, for how long, and who sees it.

Material for an impact assessment, made from the declarations. It is no legal advice and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from metrics.catalogue import Catalogue
from metrics.declare import Column, Extract, Indicator
from metrics.intake.template import table_bytes

NO_ADVICE = "Underlag för en konsekvensbedömning. Ingen juridisk rådgivning: varje nämnd bedömer själv."
HEADINGS = (
    "Uttag",
    "Kolumn",
    "Personuppgift",
    "Måste lämnas",
    "Ändamål",
    "Används i mått",
    "Sparas som",
    "Gallras efter (år från periodens slut)",
    "Vem ser den enskilda raden",
    "Vad läsare ser",
)
NOBODY = "Ingen sida och ingen export. Bara inläsning, beräkning och dataskyddsåtgärder öppnar valvet."
READERS = "Skyddade summor i en utgåva"
SPACES: Mapping[str, str] = {"school": "skolan", "social": "socialtjänsten"}
PURPOSES: Mapping[str, str] = {
    "pseudonym": "Följa samma person mellan uttag utan att veta vem det är",
    "school_year": "Veta vilken period raden gäller",
    "date": "Räkna tider och veta vilken period raden gäller",
    "municipality": "Räkna per kommun",
    "school_unit": "Räkna per skola och veta om en samverkansmodell finns där",
}
MOST_NAMED = 4


def record(catalogue: Catalogue) -> bytes:
    """Every column of every kind of extract, as a CSV file that a spreadsheet opens right."""
    rows = [
        _row(extract, column, catalogue)
        for extract in sorted(catalogue.extracts.values(), key=lambda each: (not each.personal, each.name))
        for column in extract.columns
    ]
    return table_bytes(HEADINGS, [[NO_ADVICE, *[""] * (len(HEADINGS) - 1)], *rows])


def _row(extract: Extract, column: Column, catalogue: Catalogue) -> list[str]:
    used = uses(extract, column, catalogue)
    return [
        extract.title,
        column.title,
        "ja, pseudonymiserad" if extract.personal else "nej",
        "ja" if column.required else "nej, frivillig",
        _purpose(column, extract, bool(used)),
        _named(used),
        _kept(column, extract),
        str(extract.retention_years),
        NOBODY if extract.personal else "De som arbetar vid lämna in-sidorna",
        READERS if extract.personal else "Uppgiften som den är, i en utgåva",
    ]


def uses(extract: Extract, column: Column, catalogue: Catalogue) -> list[str]:
    """Titles of the indicators whose SQL, or a cohort it reads, names the column."""
    return [
        each.title
        for each in catalogue.indicators.values()
        if extract.name in each.extracts and re.search(rf"\b{column.name}\b", _sql(each, catalogue))
    ]


def _sql(indicator: Indicator, catalogue: Catalogue) -> str:
    """The indicator's SQL with that of every cohort behind it."""
    return "\n".join([indicator.sql, *(catalogue.cohorts[name] for name in catalogue.sources(indicator.sql))])


def _purpose(column: Column, extract: Extract, used: bool) -> str:
    said = column.purpose or PURPOSES.get(column.kind, "")
    if said:
        return said.rstrip(".")
    if used or not extract.personal:
        return f"Räkna och dela upp siffror: {column.description.rstrip('.')}"
    return "Används inte i något mått ännu. Överväg att inte lämna kolumnen"


def _named(titles: list[str]) -> str:
    more = [f"{len(titles) - MOST_NAMED} till"] if len(titles) > MOST_NAMED else []
    return "; ".join([*titles[:MOST_NAMED], *more])


def _kept(column: Column, extract: Extract) -> str:
    if column.kind == "pseudonym":
        space = SPACES[column.space or str(extract.space)]
        return (
            f"Heltal: pseudonymen nycklas om med valvets egen nyckel, i {space}s eget rum, och sparas aldrig som den är"
        )
    return {"code": "Kod ur en fast lista", "flag": "Ja eller nej"}.get(column.kind, "Som lämnad")


def summary(extracts: Iterable[Extract]) -> str:
    """How many columns there are and how many are about persons, in a sentence."""
    listed = list(extracts)
    columns = sum(len(each.columns) for each in listed)
    personal = sum(len(each.columns) for each in listed if each.personal)
    return f"{columns} kolumner i {len(listed)} slag av uttag, {personal} av dem om enskilda."
