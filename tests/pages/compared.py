"""A small table of comparisons for page tests: the region's newest year of one indicator, beside the values there are."""

from __future__ import annotations

import pandas as pd

from metrics.release.read import TABLES

NAME, YEAR = "eligibility_vocational", "2024/25"
EXPECTED = {"school_social_team": 90.0, "sspf": 70.0}
"""Far above and far below every level of the test releases."""


def compared_table(values: pd.DataFrame) -> pd.DataFrame:
    """Expected values where the region's own are shown, one combination and similar schools of one type."""
    own = values[
        (values["indicator"] == NAME)
        & (values["area_type"] == "region")
        & (values["series"] == "own")
        & (values["school_year"] == YEAR)
        & (values["period_kind"] == "school_year")
        & (values["sex"] == "all")
        & (values["status"] == "shown")
    ]
    rows = []
    for model, expected in EXPECTED.items():
        for row in own[own["model"] == model].to_dict("records"):
            told = {"provider": row["provider"], "stage": row["stage"], "expected": expected, "expected_step": 1.0}
            rows.append(_row(told | {"kind": "model", "model": model}))
            group = {"value": 80.0, "value_step": 1.0, "pupils": 1200.0, "schools": 12.0, "municipalities": 4.0}
            if model == "sspf":
                rows.append(_row(told | group | {"kind": "similar", "model": model}))
                rows.append(_row(told | group | {"kind": "combination", "model": "school_social_team|sspf"}))
    return pd.DataFrame(rows, columns=list(TABLES["comparisons"]))


def _row(told: dict[str, object]) -> dict[str, object]:
    blank = dict.fromkeys(TABLES["comparisons"])
    said = {
        "indicator": NAME,
        "period": YEAR,
        "dispersion": 1.0,
        "adjusted_for": "sex|foreign_background",
        "status": "shown",
    }
    return blank | said | told
