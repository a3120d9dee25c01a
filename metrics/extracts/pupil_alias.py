"""Pupils who got another pseudonym: one row per change, so that cohorts can follow the same person."""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import PUPIL

EXTRACT = Extract(
    name="pupil_alias",
    title="Byte av pseudonym",
    description=(
        "En rad per elev som bytt pseudonym, till exempel efter nytt personnummer eller när ett tillfälligt nummer "
        "ersatts. Utan raden ser samma elev ut som två."
    ),
    space="school",
    columns=(
        replace(
            PUPIL,
            name="old_pupil",
            title="Tidigare pseudonym",
            description="Pseudonymen som eleven hade före bytet.",
            headings=("gammal pseudonym", "från pseudonym"),
        ),
        replace(
            PUPIL,
            title="Ny pseudonym",
            description="Pseudonymen som gäller från bytet.",
            headings=("pseudonym", "till pseudonym", "gällande pseudonym"),
        ),
        Column(
            name="changed",
            title="Bytesdatum",
            kind="date",
            description="Dagen då bytet gjordes.",
            headings=("datum", "gäller från"),
            required=False,
            may_be_empty=True,
        ),
    ),
    key=("old_pupil",),
    retention_years=15,
    rules=(
        Rule(
            code="same_pseudonym",
            severity="error",
            sentence="Den nya pseudonymen är densamma som den tidigare.",
            advice="Ta bort raden; den beskriver inget byte.",
            columns=("old_pupil", "pupil"),
            bad_when="old_pupil = pupil",
            good={"old_pupil": "a1b2c3", "pupil": "d4e5f6"},
            bad={"old_pupil": "a1b2c3", "pupil": "a1b2c3"},
        ),
    ),
    example_rows=({"old_pupil": "t0Lk3nQw1", "pupil": "q7Hk2mZr9", "changed": "2023-11-02"},),
)
