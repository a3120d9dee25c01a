"""Safety and study peace in school, where a survey has been delivered: anonymous answers, by stage."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator
from metrics.indicators.pupil_select import UNITS, Said, declared, select, within

ANSWERS = """
school_unit school_year answer stage sex   feels_safe      study_peace
10000001    2024/25     1      7-9   girls agree_fully     agree_mostly
10000001    2024/25     2      7-9   boys  agree_mostly    disagree_mostly
10000001    2024/25     3      7-9   girls disagree_fully  disagree_fully
10000001    2024/25     4      7-9   boys  unknown         agree_fully
10000002    2024/25     1      7-9   girls disagree_mostly .
"""


COMMON: Said = {
    "denominator_label": "elever i stadiet som besvarat frågan i skolans enkät, utan dem som svarat vet ej",
    "unit": "share",
    "polarity": "higher_is_better",
    "sensitive": "remainder",
    "population": "survey_answers",
    "theme": "Tidigt",
    "perspective": "school_municipality",
    "period_kind": "school_year",
    "dimensions": ("area", "stage", "sex"),
    "extracts": ("school_survey", "school_units"),
}


def _agree(*, asked: str, about: str, counted: tuple[int, int], explanation: str, **said: Unpack[Said]) -> Indicator:
    numerator, denominator = within(f"{asked} <> 'unknown'", f"{asked} IN ('agree_fully', 'agree_mostly')")
    this: Said = {
        "name": asked,
        "numerator_label": f"av dem, elever som svarat att det stämmer helt eller ganska bra att de {about}",
        "sql": select("survey_answers", numerator=numerator, denominator=denominator),
    }
    return declared(
        tables={"school_survey": ANSWERS, "school_units": UNITS},
        expected=f"period school_municipality stage numerator denominator\n2024/25 1419 7-9 {counted[0]} {counted[1]}\n",
        explanation=explanation,
        **(COMMON | this | said),
    )


INDICATORS = (
    _agree(
        asked="feels_safe",
        title="Elever som känner sig trygga i skolan",
        short_title="Trygg i skolan",
        question="Hur många elever känner sig trygga i skolan?",
        why_it_matters="Den som är otrygg i skolan stannar oftare hemma. Svaren kan visa det innan frånvaron gör det.",
        about="känner sig trygga i skolan",
        counted=(2, 4),
        explanation="Två av fyra svarar att det stämmer helt eller ganska bra. Svaret vet ej räknas inte.",
        order=740,
    ),
    _agree(
        asked="study_peace",
        title="Elever som har studiero",
        short_title="Studiero",
        question="Hur många elever har studiero på lektionerna?",
        why_it_matters="Utan arbetsro på lektionerna når stödet runt eleven inte fram. Måttet är elevernas egen bild.",
        about="har studiero på lektionerna",
        counted=(2, 4),
        explanation="Två av fyra svarar att det stämmer helt eller ganska bra. En har hoppat över frågan.",
        order=741,
    ),
)
