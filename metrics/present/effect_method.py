"""How an evaluation is made, in words; how it is cited; and its rows for files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metrics.present import html, numbers, sentences
from metrics.present.effect import DIRECTIONS, Finding, data_sentence, power_sentence
from metrics.present.effect_charts import ROLES, events, label, picture_title
from metrics.present.effect_checks import CHECKS, check_figures, word_of
from metrics.present.effect_undecided import met, plan_lines
from metrics.present.figures import Figures

Cell = str | float | None
HEADINGS = (
    "Del",
    "Vad",
    "Slag",
    "Värde",
    "Undre gräns (95 %)",
    "Övre gräns (95 %)",
    "Uppmätt",
    "Utan modellen",
    "Skolor",
    "Kommuner",
    "Elever, omkring",
    "I ord",
)
METHOD = (
    "Skolor som börjar med modellen jämförs med skolor som inte har börjat, före och efter starten (grupptidseffekter enligt "
    "Callaway och Sant'Anna, 2021). År 0 är första hela året: arbetet började senast tre månader in i året och minst "
    "halva personalen fanns. Ett år med senare start är delat och räknas varken före eller efter. Basår är åren −2 till "
    "−5; året närmast före starten räknas aldrig, eftersom den som söker hjälp ofta gör det efter ett dåligt år.",
    "Osäkerheten kommer av att starterna flyttas runt mellan kommunerna, och bara mellan skolor inom en kommun där "
    "skolorna själva beslutat. Hur ovanlig skillnaden är bland alla sådana tänkta starter ger säkerheten. Vanliga "
    "medelfel gör att en modell utan verkan ser ut att verka mer än hälften av gångerna när så få kommuner är med.",
    "Skolor med modellen redan före mätningarna, eller med oklar start, är varken med modellen eller i jämförelsen. "
    "Jämförelsen har samma andra modeller. Minst två kommuner ska ha börjat, annars avgörs inget.",
    "En siffra visas bara om minst tre skolor står bakom den på båda sidor. Ingen av dem får väga över 60 procent, och minst "
    "fem elever ska finnas bakom varje år. Skillnader är avrundade till en decimal och elever till närmaste tiotal. Nivåer är "
    "avrundade till en tiondel, en halv eller en hel procentenhet, efter hur många elever som står bakom, eller dolda.",
    "Eleverna som modellen mött följs från terminen före deras första ärende till terminen efter det sista, i årskurs 7–9 och "
    "med frånvaro räknad på samma sätt hela tiden. Terminerna med stöd läggs ihop. Antalen visas bara om minst fem elever "
    "hade hög frånvaro och minst fem inte hade det i varje del. Inte heller får något om färre än fem följa av dem.",
)


def method(finding: Finding, figures: Figures) -> str:
    """The method and the citation, one click below."""
    body = f'<div class="sy-body">{html.paragraphs(*METHOD)}</div>'
    cited = f'<div class="sy-body"><p>Så här anges resultatet i en rapport:</p><p>{html.rich(citation(finding, figures))}</p></div>'
    return html.details("Så är det räknat", body) + html.details("Hänvisa till resultatet", cited)


def citation(finding: Finding, figures: Figures) -> str:
    """One line for a paper: who, what, which release, which plan."""
    release = figures.release
    title = str(release.region.get("title") or release.region.get("name", ""))
    example = "Exempeldata. " if release.example else ""
    return (
        f"{title}. {picture_title(finding)}. Samsyn, utgåva {release.id} ({numbers.day(release.created)}), plan "
        f"{finding.told['plan']['hash'][:12]}, definition version {finding.definition.version}. {example}".strip()
    )


def rows(finding: Finding, figures: Figures) -> list[list[Cell]]:
    """Everything that is told of an evaluation, in the order of HEADINGS: verdict, years, checks, pupils, plan."""
    told = finding.told
    counts = told.get("counts") or {}
    head: list[Cell] = [
        "Resultat", picture_title(finding), DIRECTIONS[told["plan"]["direction"]],
        told.get("estimate"), told.get("low95"), told.get("high95"), None, None, counts.get("treated_units"),
        counts.get("treated_clusters"), counts.get("treated_contributors"), str(told["words"]),
    ]  # fmt: skip
    limit: list[Cell] = ["Gräns", "Minsta skillnad som hade kunnat visas", "", told.get("smallest"), *[None] * 7]
    years = [_year(each) for each in events(finding)]
    tried: list[list[Cell]] = [
        [
            "Prövning",
            CHECKS[each["code"]].title,
            check_figures(each, finding),
            *[None] * 8,
            word_of(each, finding),
        ]
        for each in told.get("checks", [])
    ]
    pupils: list[list[Cell]] = [
        ["Elever som modellen mött", "Före, under och efter stödet", "", *[None] * 8, sentences.plain(text)]
        for text in met(figures, finding.model)
    ]
    plan: list[list[Cell]] = [["Plan", what, "", *[None] * 8, text] for what, text in plan_lines(finding, figures)]
    return [head, [*limit, power_sentence(finding)], *years, *tried, *pupils, *plan]


def _year(row: Mapping[str, Any]) -> list[Cell]:
    shown = {name: row.get(name) for name in ("estimate", "low", "high", "observed", "counterfactual")}
    sizes = [row.get(name) for name in ("units", "clusters", "contributors")]
    word = "dold" if row["hidden"] else ""
    return ["År från starten", label(row), ROLES[row["role"]], *shown.values(), *sizes, word]


def about(finding: Finding, figures: Figures) -> list[tuple[str, str]]:
    """What the second sheet of a file says beside release and protection."""
    return [
        ("Underlag", data_sentence(finding)),
        *(("Metod", text) for text in METHOD),
        ("Hänvisning", citation(finding, figures)),
    ]
