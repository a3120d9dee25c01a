"""The form of a mapping round: a row per instance and side to answer on, made from the register that counts."""

from __future__ import annotations

import pandas as pd

from metrics import engine
from metrics.extracts.mapping_answers import EXTRACT
from metrics.intake import register_file
from metrics.models import words
from metrics.vocabulary import Region, school_year


def asked(
    connection: engine.Connection, year: str, region: Region, *, municipality: str = "", respondents: int = 1
) -> pd.DataFrame:
    """Who is asked: school and social services of each running instance, and of each member that has none.

    Texts under the columns' names; `municipality` (code) makes the form of one member alone.
    """
    day = school_year(year).end.isoformat()
    found = engine.rows(
        connection,
        """
        SELECT
            municipality,
            instance,
            min(model_type)
        FROM collaboration_register
        WHERE started <= CAST(? AS DATE) AND (ended IS NULL OR ended >= CAST(? AS DATE))
        GROUP BY
            municipality,
            instance
        ORDER BY
            municipality,
            instance
        """,
        [day, day],
    )
    there = {code for code, *_ in found}
    wanted = [(code, name, kind) for code, name, kind in found if code in region.codes]
    wanted += [(code, None, None) for code in region.codes if code not in there]
    rows = [
        {"school_year": year, "municipality": code, "instance": name, "model_type": kind, "side": side, "respondent": n}
        for code, name, kind in sorted(wanted, key=lambda each: (each[0], each[1] or ""))
        for side in words.SIDES
        for n in range(1, respondents + 1)
        if municipality in ("", code)
    ]
    return register_file.as_texts(
        pd.DataFrame(rows).reindex(columns=[column.name for column in EXTRACT.columns]).astype(object), EXTRACT
    )


def waiting(connection: engine.Connection, year: str) -> pd.DataFrame:
    """Per asked: municipality (code), instance, side, number of respondents asked and how many have answered."""
    return engine.frame(
        connection,
        """
        SELECT
            municipality,
            coalesce(instance, '') AS instance,
            side,
            count(*) AS asked,
            count(answered) AS answered
        FROM mapping_answers
        WHERE school_year = ?
        GROUP BY
            municipality,
            instance,
            side
        ORDER BY
            municipality,
            instance,
            side
        """,
        [year],
    )
