"""The checks beside an evaluation in words, and which step of the scale it reaches and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metrics.present import html, numbers
from metrics.present.effect import STEPS, Finding, limits, size

UNKNOWN = "Kan inte prövas"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A check: its name, what it asks, and its words when it holds and when it does not."""

    title: str
    why: str
    holds: str
    fails: str
    silent: str = UNKNOWN


CHECKS: Mapping[str, Asked] = {
    "pretrend": Asked(
        title="Lika utveckling före starten",
        why="Skolorna ska ha följt jämförelsen innan modellen kom.",
        holds="Ja, sammantaget syns ingen säker skillnad. Det är i sig ett svagt bevis.",
        fails="Nej, skolorna utvecklades annorlunda redan före.",
    ),
    "smoothness": Asked(
        title="Avvikande trend",
        why="Hur mycket trenden får böja av per år innan skillnaden kan förklaras av det.",
        holds="Skillnaden tål en avvikelse.",
        fails="Skillnaden tål ingen avvikelse alls.",
    ),
    "leave_one_out": Asked(
        title="Utan en kommun i taget",
        why="Ingen enskild kommun ska svara för hela resultatet.",
        holds="Håller: riktningen är densamma vilken kommun som än tas bort.",
        fails="Nej, utan en av kommunerna går skillnaden åt andra hållet.",
        silent="Visas inte: för få skolor blir kvar.",
    ),
    "second_opinion": Asked(
        title="Annan beräkning",
        why="En tvåstegsmetod på samma underlag.",
        holds="Samma riktning.",
        fails="Motsatt riktning.",
    ),
    "placebo_start": Asked(
        title="Påhittad start",
        why="Om starten flyttas tre år bakåt ska ingenting synas.",
        holds="Ingen skillnad, som väntat.",
        fails="Skillnad redan före starten.",
    ),
    "dip": Asked(
        title="Dåligt år före starten",
        why="Den som söker hjälp börjar ofta efter ett dåligt år. Det året räknas aldrig.",
        holds="Nej, året före var inte ovanligt dåligt.",
        fails="Ja, året före var ovanligt dåligt. Det ingår inte i jämförelsen.",
    ),
    "placebo": Asked(
        title="Sådant modellen inte kan ändra",
        why="Elevernas bakgrund ska inte ändras av modellen.",
        holds="Ingen skillnad, som väntat.",
        fails="Elevgruppen har ändrats. Skillnaden kan bero på det.",
    ),
    "registration": Asked(
        title="Ändrad rapportering",
        why="Mer rapporterad frånvaro på grund av modellen är inte mer frånvaro.",
        holds="Nej, rapporteringen ändrades inte.",
        fails="Ja, rapporteringen ändrades när modellen började.",
    ),
    "followed": Asked(
        title="Andel som kunnat följas",
        why="De som försvinner ur uppföljningen kan ha gått annorlunda.",
        holds="Minst 90 procent vid alla skolor alla år.",
        fails="Under 90 procent vid någon skola något år.",
    ),
    "dose": Asked(
        title="Bemannat som planerat",
        why="En modell utan personal kan inte verka.",
        holds="",
        fails="",
        silent="Uppgift om tjänster saknas i registret.",
    ),
    "controls": Asked(
        title="Vad det jämförs med",
        why="Skolor som inte haft modellen och har samma andra modeller.",
        holds="",
        fails="",
        silent="",
    ),
    "moved_start": Asked(
        title="Osäkra starter flyttade ett år",
        why="Skolor med oklar start tas med, ett år tidigare och ett år senare.",
        holds="Samma riktning i båda fallen.",
        fails="Riktningen beror på när starten var.",
    ),
}


def check_word(check: Mapping[str, Any], *, by_school: bool = True) -> str:
    """What a check came to, in words."""
    asked, code = CHECKS[str(check["code"])], str(check["code"])
    figures = check["figures"]
    if code == "dose":
        mean = figures.get("mean")
        return asked.silent if mean is None else f"{numbers.count(100 * mean)}{numbers.HARD}% av tjänsterna tillsatta."
    if code == "controls":
        return _controls(figures, by_school)
    if check["passed"] is None:
        return asked.silent
    return asked.holds if check["passed"] else asked.fails


def _controls(figures: Mapping[str, Any], by_school: bool) -> str:
    """How many are compared with, and how many were left out because they have other models."""
    places = numbers.counted(int(figures["clusters"]), "kommun", "kommuner")
    schools = numbers.counted(int(figures["units"]), "skola", "skolor")
    left = int(figures["left_out_other_models"])
    said = numbers.capital(f"{schools} i {places}." if by_school else f"{places}.")
    return said + (f" {left} med andra modeller är inte med." if left else "")


def check_figures(check: Mapping[str, Any], finding: Finding) -> str:
    """The figures under the words."""
    figures, code = check["figures"], check["code"]
    said = []
    if code == "leave_one_out" and figures.get("smallest") is not None:
        said.append(limits(figures["smallest"], figures["largest"], finding))
    if code == "moved_start" and figures.get("earlier") is not None and figures.get("later") is not None:
        said.append(f"tidigare {numbers.signed(figures['earlier'])}, senare {numbers.signed(figures['later'])}")
    if code == "smoothness" and figures.get("breakdown") is not None:
        said.append(f"{size(figures['breakdown'], finding)} per år")
    said += [numbers.signed(figures[name]) for name in ("two_stage", "estimate") if figures.get(name) is not None]
    if figures.get("p") is not None:
        said.append(f"p {numbers.number(figures['p'], 3)}")
    return ", ".join(said) or "–"


def word_of(check: Mapping[str, Any], finding: Finding) -> str:
    """What a check of this evaluation came to, in words."""
    return check_word(check, by_school=bool(finding.told["by_school"]))


def checks(finding: Finding) -> str:
    """Every check in words, one click from its figures."""
    told = finding.told.get("checks", [])
    if not told:
        return ""
    items = "".join(
        f"<dt>{html.rich(CHECKS[each['code']].title)}</dt><dd>{html.rich(word_of(each, finding))}</dd>" for each in told
    )
    head = ["Prövning", "Fråga", "Utfall", "Siffror"]
    rows = [
        [CHECKS[each["code"]].title, CHECKS[each["code"]].why, word_of(each, finding), check_figures(each, finding)]
        for each in told
    ]
    table = html.details("Tabell: prövningarna med siffror", html.table("Prövningar", head, rows, text_columns=4))
    return f'{html.section("Vad vi prövat")}<dl class="sy-facts">{items}</dl>{table}'


def scale(finding: Finding) -> str:
    """The four steps with the one reached marked; where it cannot be decided none is."""
    items = []
    for code, word in STEPS.items():
        mark = ' class="sy-reached" aria-current="true"' if code == finding.step else ""
        items.append(f"<li{mark}>{html.rich(word)}</li>")
    none = "" if finding.decided else '<p class="sy-lead">Kan inte avgöras: inget av stegen gäller.</p>'
    return f'<ol class="sy-steps" aria-label="Bevisskala">{"".join(items)}</ol>{none}'


def requirements(finding: Finding) -> list[tuple[str, bool]]:
    """What "talar starkt för" asks, and whether it is met; [] where no figure may be read."""
    told = finding.told
    if not finding.estimated:
        return []
    better = finding.sign * told["estimate"]
    near95 = told["low95"] if finding.sign > 0 else told["high95"]
    near99 = told["low99"] if finding.sign > 0 else told["high99"]
    known = [each for each in told["checks"] if each["reverses"]]
    return [
        (f"95{numbers.HARD}% säkerhet ligger helt på den sida som är bättre", _beyond(near95, finding)),
        (f"99{numbers.HARD}% säkerhet ligger helt på den sida som är bättre", _beyond(near99, finding)),
        (f"skillnaden är minst {size(told['matters'], finding)} åt det hållet", better >= told["matters"]),
        ("resultatet anmäldes innan utfallet var känt", bool(told["plan"]["before"])),
        ("ingen prövning vänder på resultatet", not known),
    ]


def _beyond(limit: float | None, finding: Finding) -> bool:
    return limit is not None and finding.sign * limit > 0


def steps(finding: Finding) -> str:
    """The scale and, one click below, what each demand of the highest step came to."""
    asked = requirements(finding)
    if not asked:
        return scale(finding)
    rows = [[numbers.capital(text), "Ja" if met else "Nej"] for text, met in asked]
    several = int(finding.told["computed"]["model"])
    note = (
        f"Modellens {numbers.counted(several, 'resultat', 'resultat', neuter=True)} prövas tillsammans, så att inget ser "
        "ut att lyckas bara för att flera provats."
        if several > 1
        else ""
    )
    table = html.table("Vad som krävs för att tala starkt för", ["Krav", "Uppfyllt"], rows, text_columns=2)
    body = table + f'<div class="sy-body">{html.paragraphs(RULE, note)}</div>'
    return scale(finding) + html.details("Varför just det steget" if finding.decided else "Vad varje steg kräver", body)


RULE = (
    "Alla fem krav ger ”talar starkt för”. Det första ensamt ger ”talar för”. Ligger säkerheten helt på den sämre sidan "
    "blir det ”talar emot”. Ryms den inom den skillnad som betyder något, och täcker noll, är det ”ingen skillnad av "
    "betydelse”. Allt annat går inte att avgöra."
)
