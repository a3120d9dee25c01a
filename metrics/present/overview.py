"""What the first page says: its answer, what stands out, the two rugs, and what changed since the last release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from metrics.present import html, marks, numbers, rug, search, sentences
from metrics.present.figures import Figure, Figures, Key
from metrics.present.rug import RugView
from metrics.release.read import Definition
from metrics.values import Status
from metrics.vocabulary import GLOSSARY

EMPTY = (
    "Här kommer kommunernas resultat att stå, ett mått per rad och en kommun per kolumn. Det första uttaget som behövs "
    "är slutbetygen i årskurs 9: en rad per elev med betyg i varje ämne. Mallen finns på sidan Lämna in."
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


def key_of(area: str, view: RugView) -> Key:
    return Key(area=area, provider=view.provider, stage=view.stage)


def missing_members(figures: Figures, definitions: Sequence[Definition], view: RugView) -> list[str]:
    """Members that have not delivered the year: every figure says so."""
    found = []
    for name in figures.release.member_names:
        there = [figures.figure(each.name, key_of(name, view), view.school_year) for each in definitions]
        said = [each.status for each in there if each]
        if said and all(status == Status.MISSING for status in said):
            found.append(name)
    return found


def answer(figures: Figures, definitions: Sequence[Definition], view: RugView) -> str:
    """The sentence under the question, about the first indicator that is judged."""
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    members = figures.release.member_names
    missing = missing_members(figures, definitions, view)
    if len(members) == 1:
        return _alone(figures, definitions, view, members[0], benchmark)
    if definitions and _all_hidden(figures, definitions, view):
        return f"Alla värden för läsåret {view.school_year} är **dolda för att skydda enskilda**."
    judged = {each.name: _words(figures, each, view) for each in definitions}
    for definition in definitions:
        words = judged[definition.name]
        if any(words.values()):
            said = sentences.overview_sentence(words, definition, benchmark, missing=missing, members=len(members))
            return f"{said} {sentences.whole_sentence([word for each in judged.values() for word in each.values()])}"
    return sentences.overview_sentence({}, definitions[0], benchmark, missing=missing, members=len(members))


def _alone(figures: Figures, definitions: Sequence[Definition], view: RugView, area: str, benchmark: str) -> str:
    found = {
        each.name: figures.verdict(each.name, key_of(area, view), view.school_year, view.benchmark)
        for each in definitions
    }
    there = [figures.figure(each.name, key_of(area, view), view.school_year) for each in definitions]
    words = {name: verdict.word for name, verdict in found.items() if verdict}
    return sentences.profile_sentence(area, words, [each.status for each in there if each], benchmark)


def _all_hidden(figures: Figures, definitions: Sequence[Definition], view: RugView) -> bool:
    there = [
        figures.figure(each.name, key_of(area, view), view.school_year)
        for each in definitions
        for area in figures.release.member_names
    ]
    said = [each.status for each in there if each]
    return bool(said) and all(status in (Status.HIDDEN, Status.NOT_YET_OBSERVABLE) for status in said)


def _words(figures: Figures, definition: Definition, view: RugView) -> dict[str, str]:
    words = {}
    for area in figures.release.member_names:
        verdict = figures.verdict(definition.name, key_of(area, view), view.school_year, view.benchmark)
        words[area] = verdict.word if verdict else ""
    return words


def standouts(figures: Figures, definitions: Sequence[Definition], view: RugView) -> str:
    """The two lists that come first: worse and getting worse, better and getting better."""
    bad, good = [], []
    for definition in definitions:
        for area in figures.release.member_names:
            key = key_of(area, view)
            verdict = figures.verdict(definition.name, key, view.school_year, view.benchmark)
            trend = figures.trend(definition.name, key)
            if not verdict or not trend or trend.school_year != view.school_year:
                continue
            item = html.link(f"{area}: {definition.short_title}", _href(definition, area, view))
            if verdict.word in marks.WORSE and trend.word == marks.BAD_TREND.get(definition.polarity):
                bad.append(item)
            if verdict.word in marks.BETTER and trend.word == marks.GOOD_TREND.get(definition.polarity):
                good.append(item)
    return (
        f'<div class="sy-pair"><div class="sy-bad"><p><strong>Sämre och försämras</strong> {_items(bad)}</p></div>'
        f'<div class="sy-good"><p><strong>Bättre och förbättras</strong> {_items(good)}</p></div></div>'
    )


def _items(found: Sequence[str]) -> str:
    if not found:
        return "Inget som går att säga säkert."
    more = f" och {len(found) - LISTED_AT_MOST} till" if len(found) > LISTED_AT_MOST else ""
    return ", ".join(found[:LISTED_AT_MOST]) + more


def _href(definition: Definition, area: str, view: RugView) -> str:
    return html.address(
        "indikator",
        indikator=definition.name,
        kommun=area,
        lasar=view.school_year,
        huvudman=view.provider,
        jamfor=view.benchmark,
        utgava=view.release,
    )


def both_rugs(figures: Figures, definitions: Sequence[Definition], view: RugView) -> str:
    """The rug with its key; published official figures under it, or above it where our own are made up."""
    own = [each for each in definitions if figures.has_series(each.name, "own")]
    woven = rug.rug(figures, own, view) if own else ""
    woven += rug.legend(woven)
    source = figures.official_source
    official = rug.official_rug(figures, definitions, view, source)
    if not official:
        return woven
    said = f"{source}. Läsåret {view.school_year}, alla huvudmän, skolans kommun."
    opened = len(own) <= ROWS_ON_ONE_SCREEN
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
        "skiljer sig åt och att många jämförelser görs samtidigt (högst 5 av 100 skillnader som sägs beror på slump)"
    )


def compare_with(
    figures: Figures, other: Figures | None, definitions: Sequence[Definition], view: RugView
) -> list[tuple[str, Figure | None, Figure | None]]:
    """Every value of the rug here and in another release."""
    if other is None:
        return []
    return [
        (
            f"{definition.name} {area}",
            figures.figure(definition.name, key_of(area, view), view.school_year),
            other.figure(definition.name, key_of(area, view), view.school_year),
        )
        for definition in definitions
        for area in figures.release.member_names
    ]


def export_rows(
    figures: Figures, definitions: Sequence[Definition], view: RugView
) -> list[tuple[Definition, Key, Figure]]:
    """What the rug shows as rows for a file: own and official values of the year."""
    found = []
    for definition in definitions:
        for key, series in figures.all_series(definition.name).items():
            total = key.sex == key.model == key.background == "all" and not key.pooled
            own = key.series == "own" and key.provider == view.provider and key.stage == view.stage
            if total and (own or key.series == "official"):
                found += [(definition, key, each) for each in series if each.school_year == view.school_year]
    return found


def hits_html(figures: Figures, asked: str, chosen: Mapping[str, str]) -> str:
    """What a search found, as links."""
    if not asked:
        return ""
    found = search.find(asked, search.entries(figures.definitions.values(), figures.release.member_names, GLOSSARY))
    if not found:
        return html.notice(f"Inget mått, ingen kommun och inget ord stämmer med ”{escape(asked)}”.")
    kept = {name: value for name, value in chosen.items() if name in ("lasar", "huvudman", "jamfor", "utgava")}
    items = "".join(
        f"<li>{html.link(hit.title, html.address(hit.page, **(kept | dict(hit.view))) + hit.anchor)}"
        f'<span class="sy-kind">{escape(hit.kind)}</span></li>'
        for hit in found
    )
    return f'<ul class="sy-hits" aria-label="Träffar">{items}</ul>'
