"""What the first page says: its answer, what stands out, the two rugs, and what changed since the last release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from metrics.models.types import MODEL_TYPES
from metrics.present import counties, html, lines, marks, numbers, rug, rug_counties, search, sentences
from metrics.present.figures import Figure, Figures, Key, once
from metrics.present.lines import Line
from metrics.present.rug import RugView
from metrics.release.read import Definition
from metrics.values import Status
from metrics.vocabulary import GLOSSARY

EMPTY = (
    "Här kommer kommunernas resultat att stå, ett mått per rad och en kommun per kolumn. Det första uttaget som behövs "
    "är slutbetygen i årskurs 9: en rad per elev med betyg i varje ämne."
)
LISTED_AT_MOST = 6
ROWS_ON_ONE_SCREEN = 10


def question(figures: Figures) -> str:
    members = figures.release.member_names
    return (
        f"Hur går det för eleverna i {members[0]}?"
        if len(members) == 1
        else "Hur går det för eleverna i våra kommuner?"
    )


def rows(figures: Figures, view: RugView) -> list[Line]:
    """The rows of the rug; on the first page only those where some member has a word to say."""
    chosen = lines.leading(list(figures.definitions.values()), view.theme)
    found = lines.lines(figures, chosen, provider=view.provider, stage=view.stage, period=view.school_year)
    every = view.theme or len(chosen) == len(figures.definitions)
    return found if every else lines.readable(figures, found)


def answer(figures: Figures, found: Sequence[Line], view: RugView) -> str:
    """The sentence under the question: the first row that is judged, and how many of all comparisons say something."""
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    members = figures.release.member_names
    if not found:
        return "Utgåvan har inga egna värden för det här urvalet."
    if len(members) == 1:
        return _alone(figures, found, view, members[0], benchmark)
    if _all_hidden(figures, found):
        return f"Alla värden {sentences.when(lines.main_period(found))} är **dolda för att skydda enskilda**."
    missing = _missing_everywhere(figures, found)
    judged = [_words(figures, line, view) for line in found]
    counted = sentences.whole_sentence([word for each in judged for word in each.values()])
    counted = f"{counted} {sentences.partly_missing(_missing_somewhere(figures, found, missing))}".strip()
    for line, words in _telling(found, judged):
        first = sentences.overview_sentence(
            words, line.definition, benchmark, missing=missing, members=len(members), title=line.title
        )
        return f"{first} {counted}"
    if len(found) > 1 and not missing:
        return sentences.none_compared(len({line.definition.name for line in found}), benchmark)
    return sentences.overview_sentence({}, found[0].definition, benchmark, missing=missing, members=len(members))


def _telling(found: Sequence[Line], judged: Sequence[Mapping[str, str]]) -> list[tuple[Line, Mapping[str, str]]]:
    """The rows that are judged, those where something can be told apart first."""
    pairs = [(line, words) for line, words in zip(found, judged, strict=True) if any(words.values())]
    return sorted(pairs, key=lambda each: not any(word not in ("", "not_distinguishable") for word in each[1].values()))


def _missing_everywhere(figures: Figures, found: Sequence[Line]) -> list[str]:
    """Members that have not delivered anything of what the rows show."""
    names = figures.release.member_names
    lacking = [lines.lacking(figures, line) for line in found]
    return [name for name in names if all(name in each for each in lacking)]


def _missing_somewhere(figures: Figures, found: Sequence[Line], everywhere: Sequence[str]) -> list[str]:
    """Members that have not delivered what some of the rows show."""
    names = {name for each in lines.missing(figures, found).values() for name in each} - set(everywhere)
    return [name for name in figures.release.member_names if name in names]


def _status(figures: Figures, line: Line, area: str) -> str:
    figure = lines.members(figures, line).get(area)
    return figure.status if figure else ""


def missing_html(figures: Figures, found: Sequence[Line]) -> str:
    """Who has not delivered, by theme, one click below; "" when everyone has."""
    absent = lines.missing(figures, found)
    if not absent:
        return ""
    members = figures.release.member_names
    table = [
        [theme, f"{len(members) - len(names)} av {len(members)}", numbers.listed(names)]
        for theme, names in absent.items()
    ]
    names = {name for each in absent.values() for name in each}
    who = numbers.listed(sorted(names, key=members.index)) if len(names) <= LISTED_AT_MOST else f"{len(names)} kommuner"
    return html.details(
        f"Uppgifter saknas från {who}",
        html.table("Vilka som inte har lämnat in", ["Tema", "Har lämnat in", "Saknas"], table, text_columns=3),
    )


def _alone(figures: Figures, found: Sequence[Line], view: RugView, area: str, benchmark: str) -> str:
    judged = [_words(figures, line, view).get(area, "") for line in found]
    words = {f"{line.definition.name} {line.stage}": word for line, word in zip(found, judged, strict=True) if word}
    said = [status for status in (_status(figures, line, area) for line in found) if status]
    return sentences.profile_sentence(area, words, said, benchmark)


def _all_hidden(figures: Figures, found: Sequence[Line]) -> bool:
    quiet = (Status.HIDDEN, Status.NOT_YET_OBSERVABLE)
    there = [figures.statuses(line.definition.name, line.key(""), line.ends) for line in found]
    return any(there) and all(status in quiet for some in there for status in some)


def _words(figures: Figures, line: Line, view: RugView) -> dict[str, str]:
    judged = lines.verdicts(figures, line, view.benchmark)
    return {area: judged[area].word if area in judged else "" for area in figures.release.member_names}


def standouts(figures: Figures, view: RugView) -> str:
    """The two lists that come first, over every indicator of the theme: worse and getting worse, better and better."""
    definitions = [each for each in figures.definitions.values() if view.theme in ("", each.theme)]
    found = lines.lines(figures, definitions, provider=view.provider, stage=view.stage, period=view.school_year)
    places = {name: place for place, name in enumerate(counties.among(figures, view.county))}
    bad, good = [], []
    for line in found:
        worse, better = _both(figures, line, view, places)
        bad += [(line, area) for area in worse]
        good += [(line, area) for area in better]
    return (
        f'<div class="sy-pair"><div class="sy-bad"><p><strong>Både sämre och försämras</strong> {_items(bad, view)}</p></div>'
        f'<div class="sy-good"><p><strong>Både bättre och förbättras</strong> {_items(good, view)}</p></div></div>'
    )


def _both(figures: Figures, line: Line, view: RugView, places: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The members that are worse and getting worse on a line, and those that are better and getting better."""
    judged = lines.verdicts(figures, line, view.benchmark)
    bad, good = (each.get(line.definition.polarity, "") for each in (marks.BAD_TREND, marks.GOOD_TREND))
    if not judged or not bad:
        return [], []
    worse, better = [], []
    for area, trend in figures.trends(line.definition.name, line.key("")).items():
        if trend.word in (bad, good) and area in judged and area in places and trend.period_to == line.ends:
            worse += [area] if trend.word == bad and judged[area].word in marks.WORSE else []
            better += [area] if trend.word == good and judged[area].word in marks.BETTER else []
    return sorted(worse, key=places.__getitem__), sorted(better, key=places.__getitem__)


def _items(found: Sequence[tuple[Line, str]], view: RugView) -> str:
    if not found:
        return "Inget som går att säga säkert."
    more = f" och {len(found) - LISTED_AT_MOST} till" if len(found) > LISTED_AT_MOST else ""
    named = [html.link(f"{area}: {line.title}", rug.href(line, area, view)) for line, area in found[:LISTED_AT_MOST]]
    return ", ".join(named) + more


def both_rugs(figures: Figures, found: Sequence[Line], view: RugView) -> str:
    """The rug with its key; published official figures under it, or above it where our own are made up."""
    definitions = official_definitions(figures, found, view)
    woven = rug.rug(figures, found, view) if found else ""
    if view.summed(figures) and found:
        return rug_counties.reading(view.benchmark, figures.region_name) + woven
    woven += rug.legend(woven)
    source = figures.official_source
    official = rug.official_rug(figures, definitions, view, source)
    if not official:
        return woven
    year = sentences.when(rug.official_period(figures, definitions, view))
    said = f"{source}. {numbers.capital(year)}, alla huvudmän, skolans kommun."
    opened = len(found) <= ROWS_ON_ONE_SCREEN
    official = html.details("Officiella värden", html.paragraphs(said) + official, opened=opened)
    if not figures.release.example:
        return woven + official
    first = [each for each in definitions if figures.has_series(each.name, "official")][:1]
    lead = rug.official_rug(figures, first, view, source, "Riktiga siffror: officiell statistik")
    line = (
        f'<p class="sy-caption"><strong>Riktiga siffror</strong> ur officiell statistik ({escape(source)}) på första '
        f"raden. Under den <strong>exempeldata</strong>: påhittade elever.</p>"
    )
    return line + lead + woven + official


def official_definitions(figures: Figures, found: Sequence[Line], view: RugView) -> list[Definition]:
    """Indicators with an official series that belong to what is shown: of its theme, or of the shown rows."""
    shown = {each.definition.name for each in found}
    every = [each for each in figures.definitions.values() if figures.has_series(each.name, "official")]
    return [each for each in every if (each.theme == view.theme if view.theme else each.name in shown or not found)]


def changes_html(figures: Figures) -> str:
    """What this release changed of earlier values, one click below."""
    changes = figures.release.tables["changes"].to_dict("records")
    if not changes:
        return ""
    rows = []
    for change in changes:
        definition = figures.definitions.get(str(change["indicator"]))
        if definition:
            ends = [_changed(change[end], definition) for end in ("before", "after")]
            rows.append([definition.short_title, str(change["area"]), str(change["school_year"]), *ends])
    said = sentences.changed_sentence(len(rows), "förra utgåvan")
    head = ["Mått", "Område", "Läsår", "Förra utgåvan", "Den här"]
    return html.details(said, html.table("Ändrade värden", head, rows, text_columns=3)) if rows else ""


def _changed(value: object, definition: Definition) -> str:
    if isinstance(value, (int, float)) and value == value:
        return numbers.in_unit(float(value), definition.unit, definition.decimals)
    text = str(value) if isinstance(value, str) else ""
    return marks.STATUSES[text].word if text in marks.STATUSES else text or "–"


def method_line(view: RugView, figures: Figures) -> str:
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    return (
        f"Jämfört med {benchmark}, 95{numbers.HARD}% och 99,8{numbers.HARD}% säkerhet, med hänsyn till att år "
        "skiljer sig åt. Många jämförelser görs samtidigt: högst 5 av 100 skillnader som sägs beror på slump"
    )


def compare_with(
    figures: Figures, other: Figures | None, found: Sequence[Line]
) -> list[tuple[str, Figure | None, Figure | None]]:
    """Every value of the rug here and in another release."""
    if other is None:
        return []
    return [
        (
            f"{line.title} {area}",
            figures.figure(line.definition.name, line.key(area), line.period),
            other.figure(line.definition.name, line.key(area), line.period),
        )
        for line in found
        for area in figures.release.member_names
    ]


def export_rows(figures: Figures, lines_: Sequence[Line], view: RugView) -> list[tuple[Definition, Key, Figure]]:
    """What the rug shows as rows for a file: own totals of every area at the row's period, and official values."""
    found = []
    for line in lines_:
        for key, series in figures.all_series(line.definition.name).items():
            total = key.sex == key.model == key.background == "all" and not key.pooled and key.series == "own"
            if total and key.provider == line.provider and key.stage in (line.stage, "all"):
                found += [(line.definition, key, each) for each in series if each.label == line.period]
    for definition in official_definitions(figures, lines_, view):
        period = rug.official_period(figures, [definition], view)
        for key, series in figures.all_series(definition.name).items():
            if key.series == "official":
                found += [(definition, key, each) for each in series if each.label == period]
    return found


@once
def index(figures: Figures, *, desk: bool, with_models: bool) -> list[search.Entry]:
    """What a search in the release looks among: pages (`desk`: also those of the desk), and models if they have one."""
    return search.entries(
        figures.definitions.values(),
        figures.release.member_names,
        GLOSSARY,
        MODEL_TYPES if with_models else (),
        figures.release.tables["evaluations"]["model"].unique(),
        (*search.PLACES, *search.DESK_PLACES) if desk else search.PLACES,
    )


def hits_html(among: Sequence[search.Entry], asked: str, chosen: Mapping[str, str]) -> str:
    """What a search found, as links that keep the view's choices."""
    if not asked:
        return ""
    found = search.find(asked, among)
    if not found:
        return html.notice(
            f"Ingen sida, inget mått, ingen kommun, ingen modell och inget ord stämmer med ”{escape(asked)}”."
        )
    kept = {name: value for name, value in chosen.items() if name in ("lasar", "huvudman", "jamfor", "utgava")}
    items = "".join(
        f"<li>{html.link(hit.title, html.address(hit.page, **(kept | dict(hit.view))) + hit.anchor)}"
        f'<span class="sy-kind">{escape(hit.kind)}</span></li>'
        for hit in found[: search.AT_MOST]
    )
    more = len(found) - search.AT_MOST
    items += f'<li class="sy-kind">och {more} till: skriv fler ord</li>' if more > 0 else ""
    return f'<ul class="sy-hits" aria-label="Träffar">{items}</ul>'
