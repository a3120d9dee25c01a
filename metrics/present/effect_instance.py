"""A model in one municipality: never decided by itself, but with staff, reach, cost and what is said of the model type."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from metrics.present import numbers, sentences
from metrics.present.effect import (
    BUT_SMALL,
    FEARED_LEADS,
    LEADS,
    MODELS,
    REASONS,
    Finding,
    declared,
    estimate_sentence,
    findings,
    members,
    reason_sentence,
    sure_but_small,
)
from metrics.present.effect_undecided import elsewhere, instances, met, reach, section, staff_sentence
from metrics.present.figures import Figure, Figures, Key

DECIDERS = {"school": "skolan", "municipality": "kommunen", "mixed": "olika för olika skolor"}
STARTS = {
    "term": " (terminen är känd, inte dagen)",
    "school_year": " (läsåret är känt, inte dagen)",
    "gradual": " (gradvis start, dagen är ungefärlig)",
    "unknown": " (okänd start, dagen är den tidigaste kända)",
}
"""How sure a start is, where it is not sure to the day."""
REACHED = "target_group_reached"
LOWER_SECONDARY = "7-9"
NOT_ENOUGH = (
    "Om arbetet just här har lett till resultat. Det kan bara sägas om modellen i flera kommuner tillsammans.",
    "Om en annan modell hade gett mer för samma pengar. Modellerna har inte prövats mot varandra.",
    "Hur det gått för enskilda elever, eller om stödet till dem varit rätt.",
    "Om arbetet kan avslutas utan följder. Det som byggts upp tar tid att bygga igen.",
)


def answer(figures: Figures, chosen: Finding) -> str:
    """Why nothing is decided here, and what is said of the model type."""
    return (
        f"**Kan inte avgöras: avgjordes av en kommun.** {REASONS['one_municipality']} {type_sentence(chosen, figures)}"
    )


def type_sentence(finding: Finding, figures: Figures) -> str:
    """The model type's verdict, in a sentence that stands beside an instance."""
    return f"För modellen i hela {figures.region_name}, {finding.outcome}: **{finding.words}**."


def sections(figures: Figures, found: Sequence[Finding], member: str) -> str:
    """Everything the page says about a model in one municipality."""
    model = found[0].model
    rows = instances(figures, model, member)
    return (
        section("Så ser det ut här", delivered(rows))
        + section("Når det eleverna?", reached(figures, model, member))
        + section(f"Eleverna som modellen mött i {figures.region_name}", met(figures, model))
        + section("Vad som sägs om modellen i flera kommuner", [*results(found), *elsewhere(model)])
        + section("Kostnad", cost(figures, rows, model, member))
        + section(f"Andra modeller i {figures.region_name}, samma resultat", alternatives(figures, model, found[0]))
        + section("Vad detta inte räcker till att besluta", list(NOT_ENOUGH))
    )


def delivered(rows: pd.DataFrame) -> list[str]:
    """When, where and by whom each instance began, and whether it is staffed as planned."""
    return [*(_begun(each) for each in rows.to_dict("records")), *([staff_sentence(rows)] if len(rows) else [])]


def _begun(row: Mapping[Hashable, object]) -> str:
    units = str(row["school_units"] or "")
    schools = numbers.counted(len([each for each in units.split("|") if each]), "skola", "skolor")
    ended = f" till {numbers.day(str(row['ended']))}" if row["ended"] else ""
    decided = DECIDERS.get(str(row["decided_by"]), "")
    who = f", beslutat av {decided}" if decided else ""
    sure = STARTS.get(str(row["start_precision"]), "")
    return f"{row['instance']}: {schools}, från {numbers.day(str(row['started']))}{ended}{sure}{who}."


def reached(figures: Figures, model: str, member: str) -> list[str]:
    """How the model reaches pupils here, or in the region where this municipality's value is hidden or missing."""
    here = [f"Här: {text[:1].lower()}{text[1:]}" for text in reach(figures, model, member)]
    whole = [f"Hela {figures.region_name}: {text[:1].lower()}{text[1:]}" for text in reach(figures, model)]
    none = [] if here else ["För den här kommunen är värdena dolda för att skydda enskilda, eller saknas."]
    return [*here, *none, *whole]


def results(found: Sequence[Finding]) -> list[str]:
    """Each declared result of the model type, expected ones first, in the verdict's words."""
    return [_result(each) for each in found]


def _result(finding: Finding) -> str:
    about = f"{finding.title} ({declared(finding)})"
    if finding.decided:
        lead = (LEADS if finding.intended else FEARED_LEADS)[finding.step]
        small = BUT_SMALL if sure_but_small(finding.told) else ""
        return f"{about}: **{lead[:1].lower()}{lead[1:]}{small}**. {estimate_sentence(finding)}"
    return f"{about}: **{finding.words}**. {reason_sentence(finding)}"


def cost(figures: Figures, rows: pd.DataFrame, model: str, member: str) -> list[str]:
    """The yearly cost, and per reached pupil between two bounds; what is missing is said."""
    known = pd.to_numeric(rows["yearly_cost"], errors="coerce")
    if not len(rows) or known.isna().all():
        return ["Registret har ingen uppgift om kostnaden. Då kan kostnaden per elev inte räknas."]
    total = float(known.sum())
    some = "" if known.notna().all() else f" (i {int(known.notna().sum())} av {len(rows)} team)"
    said = f"Kostnad per år enligt registret: {numbers.count(total)} kronor{some}."
    between = pupils(figures, model, member)
    if between is None or known.isna().any():
        return [said, "Kostnad per nådd elev kan inte räknas: antalet nådda elever är dolt eller saknas."]
    fewest, most = between
    ends = f"{numbers.count(round(total / most, -2))} och {numbers.count(round(total / fewest, -2))} kronor"
    return [
        said,
        f"Kostnad per nådd elev: mellan {ends}. Räknat på elever i årskurs 7–9 med minst 20 procents frånvaro som mött "
        f"modellen; möter den även andra elever är kostnaden per elev lägre.",
    ]


def pupils(figures: Figures, model: str, member: str) -> tuple[float, float] | None:
    """Pupils reached in the newest school year: at least as many as in one term, at most both terms added."""
    if REACHED not in figures.definitions:
        return None
    key = Key(area=member, provider=figures.provider_of(REACHED), model=model, stage=LOWER_SECONDARY)
    series = figures.series(REACHED, key)
    newest = max((each.school_year for each in series), default="")
    terms = [each for each in series if each.school_year == newest]
    found = [each.numerator for each in terms if _told(each)]
    if len(found) < 2 or len(found) < len(terms):
        return None
    counts = [float(each) for each in found if each is not None]
    return max(counts), sum(counts)


def _told(figure: Figure) -> bool:
    return figure.shown and figure.numerator is not None and figure.numerator > 0


def alternatives(figures: Figures, model: str, first: Finding) -> list[str]:
    """Other model types of the region on the same outcome, and in how many municipalities they are."""
    found = [
        each
        for each in findings(figures)
        if each.model != model and each.definition.name == first.definition.name and each.stage == first.stage
    ]
    return [
        f"{each.model_title}, i {numbers.counted(len(there), 'kommun', 'kommuner')}{_basis(each, len(there))}: "
        f"**{each.words}**."
        for each in found
        if (there := members(figures, each.model))
    ]


def _basis(finding: Finding, there: int) -> str:
    """How many municipalities the verdict rests on, where they are not all that have the model."""
    counted = (finding.told.get("counts") or {}).get("treated_clusters")
    if not finding.estimated or counted is None or counted == there:
        return ""
    return f" (omdömet bygger på {numbers.counted(counted, 'kommun', 'kommuner')})"


def title(model: str, member: str) -> str:
    return f"{MODELS.get(model, model)} {sentences.place(member)}"
