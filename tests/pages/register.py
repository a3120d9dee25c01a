"""The register's tables of a synthetic release: models that overlap, end, and whose start is not known exactly."""

from __future__ import annotations

import pandas as pd

from metrics.models import words
from metrics.release.read import TABLES

ROWS = (
    ("Team Ale", "school_social_team", "Ale", "10000001|10000002", "2021-08-16", "", "date"),
    ("SSPF Ale", "sspf", "Ale", "10000001", "2007-01-01", "", "unknown"),
    ("Team Partille", "school_social_team", "Partille", "10000011|10000012|10000013", "2021-08-16", "", "date"),
    ("SSPF Göteborg", "sspf", "Göteborg", "10000021|10000022", "2007-01-01", "", "school_year"),
    ("Team Tjörn", "school_social_team", "Tjörn", "10000031", "2023-01-09", "2025-06-30", "term"),
)
UNITS = {
    "Ale": ("10000001", "10000002", "10000003"),
    "Partille": ("10000011", "10000012", "10000013"),
    "Göteborg": ("10000021", "10000022", "10000023"),
    "Tjörn": ("10000031",),
}
SAID = {
    "planned_posts": 2.5,
    "filled_posts": 2.0,
    "organisation": "both",
    "target_groups": "problematic_absence|Gladare elever",
    "ways_in": "pupil_health",
    "consent": "consent_required",
    "support": "open_support",
    "ways_of_working": "individual_talks|home_visits",
    "goals": "higher_attendance",
    "staff_counsellor": 1.0,
    "staff_social_worker": 1.0,
    "competences": "social_work_degree",
    "competences_needed": "neurodevelopmental",
    "success_factors": "coordinator_time",
    "contact_role": "Samordnare",
    "yearly_cost": 1_440_000.0,
    "entry_date": "2026-10-01",
}


def register_tables(members: list[str], years: list[str]) -> dict[str, pd.DataFrame]:
    """register, register_units, school_units and school_models of these members."""
    rows = [row for row in ROWS if row[2] in members]
    columns = ["instance", "model_type", "municipality", "school_units", "started", "ended", "start_precision"]
    found = pd.DataFrame(rows, columns=columns).assign(decided_by="municipality", source="Exempeldata", **SAID)
    found.loc[found["model_type"] == "sspf", ["goals", "staff_counsellor", "contact_role"]] = None
    spells = found.assign(school_unit=found["school_units"].str.split("|")).explode("school_unit")
    units = [
        {"school_unit": unit, "unit_name": f"Exempelskolan {unit[-2:]}, {member}", "municipality": member,
         "provider": "municipal", "stages": "4-6|7-9", "valid_from": "2010-07-01", "valid_to": "", "successor": ""}
        for member, codes in UNITS.items() if member in members for unit in codes
    ]  # fmt: skip
    placed = [
        {"school_unit": unit, "municipality": member, "school_year": year, "models": _models(spells, unit, year)}
        for member, codes in UNITS.items()
        if member in members
        for unit in codes
        for year in years
        if _models(spells, unit, year)
    ]
    made = {
        **mapping_tables(members),
        "register": found,
        "register_units": spells,
        "school_units": pd.DataFrame(units),
        "school_models": pd.DataFrame(placed),
    }
    return {name: table.reindex(columns=list(TABLES[name])) for name, table in made.items()}


def mapping_tables(members: list[str]) -> dict[str, pd.DataFrame]:
    """Two rounds: one side of a small group is hidden, and one version of the register has changed an entry."""
    rounds = [
        {"school_year": year, "municipality": member, "side": side, "asked": 3.0, "answered": 0.0 if member == "Tjörn" else 2.0}
        for year in ("2023/24", "2024/25") for member in members for side in words.SIDES
    ]  # fmt: skip
    shown = [
        {"school_year": year, "side": side, "model_type": "all", "question": question, "word": word,
         "respondents": 20.0, "value": value + (place if question == "challenges" else 0) * 8.0, "status": "shown"}
        for year in ("2023/24", "2024/25")
        for place, side in enumerate(words.SIDES)
        for question, word, value in (
            ("collaboration", "collaborates", 18.0), ("collaboration", "no_collaboration", 2.0),
            ("challenges", "secrecy", 5.0), ("goals", "higher_attendance", 15.0), ("scale_time", "", 2.4),
        )
    ]  # fmt: skip
    hidden = [
        {**row, "model_type": "sspf", "word": "", "respondents": None, "value": None, "status": "hidden"}
        for row in shown
        if row["word"] != "no_collaboration"
    ]
    change = {"version": "2", "instance": "Team Ale", "what": "Tillsatta tjänster", "before": "1,5", "after": "2"}
    return {
        "mapping_rounds": pd.DataFrame(rounds),
        "mapping_answers": pd.DataFrame([*shown, *hidden]),
        "register_changes": pd.DataFrame([change]),
    }


def _models(spells: pd.DataFrame, unit: str, year: str) -> str:
    first, last = f"{year[:4]}-09-30", f"{int(year[:4]) + 1}-05-31"
    there = spells[(spells["school_unit"] == unit) & (spells["started"] <= first)]
    there = there[(there["ended"] == "") | (there["ended"] >= last)]
    return words.SEPARATOR.join(sorted(set(there["model_type"])))
