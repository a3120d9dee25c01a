"""Pairs of a pupil at school and a child at social services: what a declared join links, and nothing without one.

Made where both keys are: a file with the same identity in both columns, pseudonymised twice (`samsyn pseudonymise --column`),
once with the school's key and once with that of social services.
"""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Extract
from metrics.extracts.pupil_columns import PUPIL

PURPOSE = "Koppla samman skolans och socialtjänstens uppgifter, under en deklarerad koppling."

EXTRACT = Extract(
    name="pupil_child_pairs",
    title="Koppling mellan elev och barn",
    description=(
        "En rad per elev som också finns hos socialtjänsten: skolans pseudonym och socialtjänstens. Tas emot och används "
        "bara medan en koppling är deklarerad för avsändaren, med ändamål, grund, båda nämndernas beslut och slutdatum."
    ),
    space="school",
    columns=(
        replace(
            PUPIL,
            title="Elevens pseudonym",
            description="Elevens pseudonym, gjord med skolans nyckel. Aldrig personnummer.",
            headings=("elevpseudonym", "pseudonym elev", "skolans pseudonym"),
            purpose=PURPOSE,
        ),
        replace(
            PUPIL,
            name="child",
            title="Barnets pseudonym",
            description="Samma persons pseudonym hos socialtjänsten, gjord med socialtjänstens nyckel.",
            headings=("barnpseudonym", "pseudonym barn", "socialtjänstens pseudonym"),
            purpose=PURPOSE,
            space="social",
        ),
    ),
    key=("pupil",),
    retention_years=2,
    example_rows=({"pupil": "q7Hk2mZr9", "child": "b4Tn8wXs2"},),
)
