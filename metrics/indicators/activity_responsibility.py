"""The municipal activity responsibility (KAA): how young people leave it, and whether they are given anything to do."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator, Official
from metrics.indicators.pupil_select import Said, declared, one_if, select, total

REGISTERED = """
pupil school_year home_municipality registered deregistered reason             took_part sex
k1    2024/25     1419              2024-09-01 2025-01-10   national_programme yes       girls
k2    2024/25     1419              2023-10-01 .            .                  yes       boys
k3    2024/25     1419              2024-09-01 2024-11-01   moved              no        boys
k4    2024/25     1419              2024-09-01 2024-10-01   national_programme no        girls
k4    2024/25     1419              2025-02-01 .            .                  no        girls
k5    2024/25     1419              2024-09-01 .            .                  .         girls
"""


COMMON: Said = {
    "why_it_matters": "Kommunen ansvarar för unga under 20 år utan gymnasieutbildning. Många av dem har mött socialtjänsten.",
    "denominator_label": "unga som någon gång under läsåret var registrerade i kommunens aktivitetsansvar",
    "unit": "share",
    "population": "activity_responsibility",
    "theme": "Gymnasiet",
    "perspective": "home_municipality",
    "period_kind": "school_year",
    "dimensions": ("area", "sex", "background"),
    "extracts": ("activity_responsibility",),
}


def _share(
    *,
    numbers: tuple[str, str],
    counted: tuple[int, int],
    explanation: str,
    kpi: tuple[str, str],
    **said: Unpack[Said],
) -> Indicator:
    """`kpi`: the same share in Kolada, its id and title."""
    this: Said = {
        "sql": select("activity_responsibility_years", numerator=numbers[0], denominator=numbers[1]),
        "official": (Official(source="kolada", table=kpi[0], column=kpi[1]),),
    }
    return declared(
        tables={"activity_responsibility": REGISTERED},
        expected=total("2024/25", *counted, perspective="home"),
        explanation=explanation,
        **(COMMON | this | said),
    )


INDICATORS = (
    _share(
        name="activity_left_for_national_programme",
        title="Lämnade aktivitetsansvaret för ett nationellt program",
        short_title="Från KAA till nationellt program",
        question="Hur många lämnar kommunens aktivitetsansvar för att studera på ett nationellt program?",
        numerator_label="av dem, unga som avregistrerats för studier på nationellt program och inte registrerats igen",
        numbers=(one_if("reason = 'national_programme'"), "1"),
        counted=(1, 5),
        explanation="k1 går till ett nationellt program. k4 gjorde det också men är registrerad igen vid läsårets slut.",
        kpi=(
            "N18743",
            "Avregistrering från kommunens aktivitetsansvar på grund av studier på nationellt program, andel (%)",
        ),
        polarity="higher_is_better",
        sensitive="remainder",
        order=270,
        implies={"activity_left_moved": "remainder"},
    ),
    _share(
        name="activity_left_moved",
        title="Lämnade aktivitetsansvaret på grund av flytt",
        short_title="Från KAA genom flytt",
        question="Hur många lämnar kommunens aktivitetsansvar för att de flyttat från kommunen?",
        numerator_label="av dem, unga som avregistrerats för att de inte längre är folkbokförda i kommunen",
        numbers=(one_if("reason = 'moved'"), "1"),
        counted=(1, 5),
        explanation="Bara k3 har flyttat.",
        kpi=("N18742", "Avregistrering från kommunens aktivitetsansvar på grund av flytt, andel (%)"),
        polarity="no_judgement",
        sensitive="none",
        order=271,
    ),
    _share(
        name="activity_took_part",
        title="Deltog i minst en åtgärd i aktivitetsansvaret",
        short_title="Deltog i åtgärd (KAA)",
        question="Hur många i kommunens aktivitetsansvar deltar i minst en åtgärd?",
        numerator_label="av dem, unga som deltog i minst en åtgärd under läsåret",
        numbers=(one_if("took_part"), one_if("participation_known")),
        counted=(2, 4),
        explanation="k1 och k2 deltog. För k5 saknas uppgiften, så k5 räknas inte.",
        kpi=("N18746", "Personer i kommunens aktivitetsansvar som deltagit i minst en åtgärd, andel (%)"),
        polarity="higher_is_better",
        sensitive="remainder",
        order=272,
    ),
)
