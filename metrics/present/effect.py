"""Did it lead to results? One evaluation of a release as sentences: the verdict first, and when there is none the reason.

Everything is said of figures that passed the gate; what is missing in a document was not allowed out of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metrics.models.types import MODEL_TYPES
from metrics.present import numbers
from metrics.present.figures import Figures, once
from metrics.release.read import Definition
from metrics.vocabulary import ALL, STAGES, school_year_label

QUESTION = "Ledde det till resultat?"
EMPTY = (
    "Här bedöms om samverkansmodellerna lett till det som väntades av dem. Det behövs registret över samverkansmodeller, "
    "uttag om frånvaro eller betyg för flera år, och en utgåva."
)
STEPS: Mapping[str, str] = {
    "against": "talar emot",
    "no_difference": "ingen skillnad av betydelse",
    "for": "talar för",
    "strongly_for": "talar starkt för",
}
"""The scale, from the worst to the best. Not to be able to decide is no step on it."""
DIRECTED = ("for", "strongly_for", "against")
UNDECIDABLE = "undecidable"
LEADS: Mapping[str, str] = {
    "strongly_for": "Det talar starkt för det",
    "for": "Det talar för det",
    "no_difference": "Ingen skillnad av betydelse",
    "against": "Det talar emot det",
}
FEARED_LEADS: Mapping[str, str] = {
    "strongly_for": "Inget tyder på det som befarades: det talar starkt för modellen",
    "for": "Inget tyder på det som befarades: det talar för modellen",
    "no_difference": "Inget tyder på det som befarades: ingen skillnad av betydelse",
    "against": "Det som befarades syns: det talar emot modellen",
}
REASONS: Mapping[str, str] = {
    "existed_before": "Modellen fanns innan mätningarna börjar, och utan år före starten finns inget att jämföra med.",
    "unclear_start": (
        "Starten är oklar: okänd, gradvis eller inte bemannad som planerat. Då går det inte att säga vilka år som är "
        "med modellen."
    ),
    "one_municipality": (
        "Starten avgjordes av en kommun, och det går inte att skilja modellen från annat som hände där samtidigt."
    ),
    "too_early": "Det har inte gått tillräckligt lång tid sedan starten för att resultatet ska kunna synas.",
    "changed_registration": (
        "Hur mycket som rapporteras ändrades när modellen började, och skillnaden kan bero på det."
    ),
    "too_little": "Underlaget är för litet för att visa en skillnad som betyder något.",
    "too_uncertain": "Osäkerheten är för stor för att säga åt vilket håll skillnaden går.",
}
LACKING: Mapping[str, str] = {
    "no_start": "Registret har ingen start vid en skola där utfallet mäts.",
    "no_outcome": "Utgåvan har inga uppgifter om utfallet.",
}
SMALL = "Skillnaden är mindre än så: omdömet säger åt vilket håll den går, inte att den är stor."
BUT_SMALL = ", men skillnaden är mindre än den som betyder något"
"""Behind a verdict that tells a direction, where it stands without its figures."""
HIDDEN = "Så få skolor eller elever står bakom siffrorna att de är dolda för att skydda enskilda."
MODELS: Mapping[str, str] = {each.name: each.title for each in MODEL_TYPES}
DIRECTIONS = {"increase": "öka", "decrease": "minska"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One declared result of one model type, as the release tells it."""

    model: str
    definition: Definition
    stage: str
    told: Mapping[str, Any]

    @property
    def model_title(self) -> str:
        return MODELS.get(self.model, self.model)

    @property
    def step(self) -> str:
        return str(self.told["step"])

    @property
    def decided(self) -> bool:
        return self.step != UNDECIDABLE

    @property
    def intended(self) -> bool:
        return bool(self.told["plan"]["intended"])

    @property
    def words(self) -> str:
        """The verdict inside a sentence; of what was feared it says whether that is seen, and of what is small that it is."""
        small = BUT_SMALL if sure_but_small(self.told) else ""
        if self.decided and not self.intended:
            return f"det som befarades syns{small}" if self.step == "against" else "det som befarades syns inte"
        return f"{self.told['words']}{small}"

    @property
    def estimated(self) -> bool:
        """Whether there are figures that may be read."""
        return self.told.get("estimate") is not None

    @property
    def outcome(self) -> str:
        """The outcome inside a sentence: ”Frånvaro minst 20 %” i årskurs 7–9."""
        stage = STAGES.get(self.stage, self.stage)
        return f"”{self.definition.short_title}”" + (f" i {stage[:1].lower()}{stage[1:]}" if self.stage != ALL else "")

    @property
    def title(self) -> str:
        """The outcome as a heading."""
        stage = "" if self.stage == ALL else f", {STAGES.get(self.stage, self.stage).lower()}"
        return f"{self.definition.short_title}{stage}"

    @property
    def sign(self) -> int:
        """+1 where more is better."""
        return 1 if self.told["polarity"] == "higher_is_better" else -1


@once
def findings(figures: Figures, model: str = "") -> list[Finding]:
    """The evaluations of model types in the release, those of one model or all, expected results first."""
    rows = figures.release.tables["evaluations"]
    found = [
        Finding(
            model=str(row.model),
            definition=figures.definitions[str(row.indicator)],
            stage=str(row.stage or ALL),
            told=json.loads(str(row.document)),
        )
        for row in rows.itertuples()
        if row.indicator in figures.definitions and model in ("", row.model)
    ]
    return sorted(found, key=lambda each: not each.intended)


def models(figures: Figures) -> dict[str, str]:
    """The model types that the release evaluates."""
    there = {each.model for each in findings(figures)}
    return {code: title for code, title in MODELS.items() if code in there}


@once
def members(figures: Figures, model: str) -> list[str]:
    """The members that have the model, in the release's order."""
    rows = figures.release.tables["evaluations"]
    there = set(rows.loc[(rows["model"] == model) & (rows["indicator"] == ""), "area"])
    return [name for name in figures.release.member_names if name in there]


def results(found: Sequence[Finding]) -> dict[str, str]:
    """The declared results to choose between: code -> Frånvaro minst 20 %, årskurs 7–9 (väntas minska)."""
    return {code_of(each): f"{each.title} ({declared(each)})" for each in found}


def code_of(finding: Finding) -> str:
    return finding.definition.name if finding.stage == ALL else f"{finding.definition.name}-{finding.stage}"


def declared(finding: Finding) -> str:
    """Which way the outcome was said in advance to go, hoped for or feared: väntas minska."""
    word = "väntas" if finding.intended else "befaras"
    return f"{word} {DIRECTIONS[finding.told['plan']['direction']]}"


def answer(finding: Finding) -> str:
    """The verdict in one sentence, and when it cannot be decided the reason first."""
    if finding.decided:
        lead = (LEADS if finding.intended else FEARED_LEADS)[finding.step]
        return f"**{lead}.** {estimate_sentence(finding)}"
    return f"**{numbers.capital(finding.words)}.** {reason_sentence(finding)}"


def reason_sentence(finding: Finding) -> str:
    """Why it cannot be decided."""
    if finding.told["lacking"]:
        return LACKING[str(finding.told["lacking"])]
    if finding.told["reason"] == "too_little" and finding.told["hidden"]:
        return HIDDEN
    return REASONS[str(finding.told["reason"])]


def estimate_sentence(finding: Finding) -> str:
    """What the comparison says, with its uncertainty; "" where no figure may be read."""
    if not finding.estimated:
        return ""
    told, counts = finding.told, finding.told["counts"]
    schools = numbers.counted(counts["treated_units"], "skola", "skolor")
    places = numbers.counted(counts["treated_clusters"], "kommun", "kommuner")
    place = f"{schools} i {places}" if told["by_school"] else places
    where = f"Det gäller {place} med modellen {finding.model_title}."
    sure = f"(95{numbers.HARD}% säkerhet: {limits(told['low95'], told['high95'], finding)})"
    if told["estimate"] == 0:
        same = f"{numbers.capital(finding.outcome)} är lika stor som den annars hade varit enligt jämförelsen {sure}."
        return f"{same} {where}"
    way = "högre" if told["estimate"] > 0 else "lägre"
    name = f"”{finding.definition.short_title}”"
    return (
        f"{name} är **{size(told['estimate'], finding)} {way}**{finding.outcome.removeprefix(name)} än det annars hade varit "
        f"enligt jämförelsen {sure}. {where}"
    )


def size(points: float, finding: Finding) -> str:
    """The size of a difference in the outcome's unit."""
    return numbers.difference(points, finding.definition.unit)


def limits(low: float | None, high: float | None, finding: Finding) -> str:
    """An interval of differences; an end without limit is said in words."""
    if low is None and high is None:
        return "ingen gräns går att ange"
    if low is None or high is None:
        return f"minst {numbers.signed(low)}" if low is not None else f"högst {numbers.signed(high or 0.0)}"
    return f"{numbers.signed(low)} till {numbers.signed(high)}"


def power_sentence(finding: Finding) -> str:
    """The smallest effect the material could have shown, against the one that matters."""
    matters = size(finding.told["matters"], finding)
    smallest = finding.told.get("smallest")
    if not finding.estimated:
        return f"Den skillnad som betyder något är {matters}, satt regionalt för måttet."
    if smallest is None:
        return f"Så få kommuner går inte att pröva alls: ingen skillnad hade kunnat visas. Den som betyder något är {matters}."
    could = f"Underlaget hade kunnat visa en skillnad på {size(smallest, finding)} eller mer"
    if finding.told["reason"] == "too_little" and smallest <= finding.told["matters"]:
        could = f"Underlaget hade bara kunnat visa en skillnad på något mer än {size(smallest, finding)}"
    said = f"{could}. Den som betyder något är {matters}, satt regionalt för måttet."
    return f"{said} {SMALL}" if sure_but_small(finding.told) else said


def sure_but_small(told: Mapping[str, Any]) -> bool:
    """Whether a direction is told of a difference below the one that matters: sure, and not to be read as large."""
    known = told.get("estimate") is not None and told.get("matters") is not None
    return known and told.get("step") in DIRECTED and abs(told["estimate"]) < told["matters"]


def held_sentence(finding: Finding) -> str:
    """Said where changed counts are held: the evaluation is the one of the release before."""
    if not finding.told.get("held"):
        return ""
    return "Uppgifter har ändrats sedan förra utgåvan, men så lite att ändringen kan peka ut enskilda. Resultatet är det som gällde då."


def naive_sentence(finding: Finding) -> str:
    """What a plain before and after would have said, as a warning."""
    naive = finding.told.get("naive")
    if not naive or naive["estimate"] is None:
        return ""
    return (
        f"Bara före och efter, utan jämförelse, hade gett {numbers.signed(naive['estimate'])}. Den siffran visar inte "
        "vad modellen ledde till: den tar med allt annat som ändrats, och modeller börjar ofta efter ett dåligt år."
    )


def year_label(year: int, finding: Finding) -> str:
    return school_year_label(year) if finding.told["period_kind"] == "school_year" else str(year)


def data_sentence(finding: Finding) -> str:
    """What stands behind: schools, municipalities, pupils, years."""
    years = finding.told["years"]
    told = finding.told.get("counts")
    if not years:
        return ""
    span = f"{year_label(years[0], finding)}–{year_label(years[1], finding)}"
    if not told:
        return f"Mätta år: {span}."
    own = f"{_units(finding, 'treated')} med modellen"
    pupils = f"omkring {numbers.count(told['treated_contributors'])} elever under åren med den"
    return f"{numbers.capital(own)}, {pupils}. Jämförelse: {_units(finding, 'control')} som inte haft modellen. Mätta år: {span}."


def _units(finding: Finding, side: str) -> str:
    """33 skolor i sju kommuner, or sex kommuner where a municipality is what is compared."""
    counts = finding.told["counts"]
    places = numbers.counted(counts[f"{side}_clusters"], "kommun", "kommuner")
    schools = numbers.counted(counts[f"{side}_units"], "skola", "skolor")
    return f"{schools} i {places}" if finding.told["by_school"] else places


def capped_sentence(finding: Finding) -> str:
    """Said where a late declaration held the verdict down."""
    if not finding.told["capped"]:
        return ""
    return (
        "Skillnaden är så säker att den hade kunnat tala starkt för. Men resultatet anmäldes först när utfallet redan "
        "fanns, och då är ”talar för” det mesta som kan sägas."
    )


def beside(found: Sequence[Finding], chosen: Finding) -> list[str]:
    """The model's other declared results and what is said of them, the feared ones too."""
    return [
        f"{each.title} ({declared(each)}): **{each.words}**"
        + (
            f", {size(each.told['estimate'], each)} {'högre' if each.told['estimate'] > 0 else 'lägre'}"
            if each.decided
            else ""
        )
        for each in found
        if each != chosen
    ]
