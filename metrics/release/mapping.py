"""The mapping round in a release: how many have been asked and have answered, and what the gate lets through."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from metrics import engine
from metrics.models import words
from metrics.protect.answers import protected_answers
from metrics.release import read
from metrics.vocabulary import Region

NO_MODEL = "no_model"
"""The model type of an answer that is about no instance of the register."""


def rounds(connection: engine.Connection, region: Region) -> pd.DataFrame:
    """Per round, member and side: how many are asked and how many have answered. No answer is in it."""
    found = engine.frame(
        connection,
        """
        SELECT
            school_year,
            municipality,
            side,
            CAST(count(*) AS DOUBLE) AS asked,
            CAST(count(answered) AS DOUBLE) AS answered
        FROM mapping_answers
        GROUP BY
            school_year,
            municipality,
            side
        ORDER BY
            school_year,
            municipality,
            side
        """,
    )
    names = {member.code: member.name for member in region.members}
    found = found[found["municipality"].isin(region.codes)].copy()
    found["municipality"] = found["municipality"].map(names)
    return found.reset_index(drop=True)


def answers(connection: engine.Connection, region: Region, earlier: Sequence[pd.DataFrame] = ()) -> pd.DataFrame:
    """What the gate lets through of the answers, beside what earlier releases have shown of the same rounds."""
    named = ", ".join((*words.ASKED_LISTS, *words.SCALES))
    found = engine.frame(
        connection,
        f"""
        SELECT
            school_year,
            municipality,
            coalesce(instance, '') AS instance,
            coalesce(model_type, '{NO_MODEL}') AS model_type,
            side,
            respondent,
            collaboration,
            {named}
        FROM mapping_answers
        WHERE answered IS NOT NULL
        ORDER BY school_year, municipality, instance, side, respondent
        """,
    )
    found = found[found["municipality"].isin(region.codes)]
    return protected_answers(_long(found), earlier)


def _long(found: pd.DataFrame) -> pd.DataFrame:
    """One row per respondent, question and word; those without collaboration answer that question alone."""
    rows: list[dict[str, object]] = []
    for row in found.to_dict("records"):
        who = "|".join(str(row[name]) for name in ("municipality", "instance", "side", "respondent"))
        said = {name: row[name] for name in ("school_year", "side", "model_type")} | {"respondent": who}
        rows.append({**said, "question": "collaboration", "word": row["collaboration"], "score": None})
        if row["collaboration"] != "collaborates":
            continue
        for name in words.ASKED_LISTS:
            cell = row[name]
            codes = words.parts(words.codes("" if cell is None or cell != cell else cell, words.LISTS[name]))
            known: list[str | None] = [code for code in codes if code in words.LISTS[name]]
            rows += [{**said, "question": name, "word": word, "score": None} for word in known or [None]]
        scored = ((name, row[name]) for name in words.SCALES)
        rows += [
            {**said, "question": name, "word": "", "score": float(score)}
            for name, score in scored
            if score is not None and score == score and not pd.isna(score)
        ]
    columns = ["school_year", "side", "model_type", "respondent", "question", "word", "score"]
    return pd.DataFrame(rows, columns=columns).astype({"score": "float64"})


def released_before(releases: Path) -> list[pd.DataFrame]:
    """The answers as every release showed them, newest first, withdrawn ones included: somebody kept the file."""
    folders = {path.parents[1] for path in releases.glob("[!.]*/open/mapping_answers.parquet")}
    return [read._table(folder, "mapping_answers") for folder in sorted(folders, key=read._age, reverse=True)]
