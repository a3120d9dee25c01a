"""Computed Swedish sentences: a value with its uncertainty, what it can be told apart from, or why it cannot be said.

Text between ** is the part a reader should see first. Nothing is said from a value that is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from metrics.present import marks, numbers
from metrics.present.figures import Figure, TrendFound, Verdict
from metrics.release.read import Definition
from metrics.stats import TREND_POINTS
from metrics.values import Status

NAMES_AT_MOST = 4
PART = re.compile(r"\d+ av \d+")
"""How many of its members an incomplete region holds."""


def place(area: str, nation: str = "Riket") -> str:
    """in a sentence: i Ale, i GR, i GR (11 av 13 kommuner), i riket."""
    return "i riket" if area == nation else f"i {named(area)}"


def named(area: str) -> str:
    """An area inside a sentence or a heading: the incomplete region "GR, 11 av 13" is GR (11 av 13 kommuner)."""
    name, _, part = area.partition(", ")
    return f"{name} ({part} kommuner)" if PART.fullmatch(part) else area


def benchmark_name(benchmark: str, region: str) -> str:
    """The benchmark inside a sentence: övriga GR, GR, riket."""
    return {
        "rest_of_region": f"övriga {region}",
        "region": region,
        "nation": "riket",
        "peers": "liknande kommuner",
    }.get(benchmark, benchmark)


def of_unit(definition: Definition) -> str:
    """What the value is, as the subject of a sentence."""
    return "Andelen" if definition.unit in numbers.SHARES else "Värdet"


COHORT_WORDS: Mapping[str, str] = {
    "upper_secondary_starters": "bland dem som började",
    "upper_secondary_leavers": "bland dem som slutade",
}
"""What a period means where a population is followed from, or back to, another time than the one that is measured."""


def when(period: str, population: str = "") -> str:
    """A period's label inside a sentence: läsåret 2024/25, vårterminen 2025, år 2024; with whose it is."""
    said = _period(period)
    return f"{COHORT_WORDS[population]} {said}" if population in COHORT_WORDS else said


def _period(label: str) -> str:
    first, _, last = label.partition(" ")
    if last and first in TERMS:
        return f"{TERMS[first]} {last}"
    year, _, half = label.partition(":")
    if half:
        return f"{'första' if half == '1' else 'andra'} halvåret {year}"
    if "–" in label:
        return f"läsåren {label}"
    return f"läsåret {label}" if "/" in label else f"år {label}" if label else ""


TERMS = {"VT": "vårterminen", "HT": "höstterminen"}


def value_sentence(figure: Figure | None, definition: Definition, area: str, period: str) -> str:
    """The value with n and interval, or why there is none."""
    if figure is None:
        return f"Utgåvan har inget värde för {area} {when(period, definition.population)}."
    about = when(figure.label, definition.population)
    if not figure.shown or figure.value is None:
        return _no_value(figure, area, about)
    said = f"**{numbers.in_unit(figure.value, definition.unit, definition.decimals)}** {place(area)} {about}"
    behind = [part for part in (_of(figure, definition), _uncertainty(figure, definition)) if part]
    return f"{said} ({'; '.join(behind)})." if behind else f"{said}."


def _of(figure: Figure, definition: Definition) -> str:
    if figure.denominator is None:
        return ""
    if figure.numerator is None or definition.unit not in numbers.SHARES:
        return f"n{numbers.HARD}{numbers.count(figure.denominator)}"
    said = f"{numbers.count(figure.numerator)} av {numbers.count(figure.denominator)}"
    return f"{said} minuter" if "(minuter)" in definition.denominator_label else said


def _uncertainty(figure: Figure, definition: Definition) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"95{numbers.HARD}% säkerhet: {numbers.interval(figure.low, figure.high, definition.decimals)}"


def _no_value(figure: Figure, area: str, when: str) -> str:
    return {
        Status.HIDDEN: f"Värdet {place(area)} {when} är **dolt för att skydda enskilda**.",
        Status.NOT_YET_OBSERVABLE: f"Värdet {place(area)} {when} **kan inte observeras ännu**.",
        Status.MISSING: f"{area} har **inte lämnat in** uppgifter för {when.removeprefix('bland ')}.",
        Status.NOT_APPLICABLE: f"Måttet är **inte aktuellt** {place(area)} {when}.",
        Status.NOT_COMPARABLE: f"Värdet {place(area)} {when} är **inte jämförbart** och visas inte.",
    }.get(Status(figure.status), f"Värdet {place(area)} {when} är känt bara inom gränser ({figure.mark}).")


def verdict_sentence(verdict: Verdict | None, definition: Definition, benchmark: str, reason: str = "") -> str:
    """How the value stands against the benchmark, `benchmark` being its name inside a sentence."""
    if verdict is None:
        return f"Ingen jämförelse med {benchmark} görs{f': {reason}' if reason else ''}."
    size = numbers.difference(verdict.difference, definition.unit, definition.decimals)
    if verdict.word == "not_distinguishable":
        return (
            f"Det **går inte att skilja** från {benchmark} "
            f"({numbers.in_unit(verdict.benchmark_value, definition.unit, definition.decimals)}; "
            f"{_range(verdict.low, verdict.high, definition)}){_despite(verdict)}."
        )
    word = marks.VERDICTS[verdict.word].word
    way = "högre" if verdict.difference > 0 else "lägre"
    about = _about(verdict.low, verdict.high, definition)
    opening = f"Det är **{word}** än i {benchmark}"
    if _is_tiny(verdict.difference, definition):
        return f"{opening}, med mindre än {_least(definition)}."
    size_words = f"{size} {way}" if word not in ("högre", "lägre", "klart högre", "klart lägre") else size
    return f"{opening}: {size_words} (95{numbers.HARD}% säkerhet: {about})."


def _despite(verdict: Verdict) -> str:
    """Why an interval that leaves out zero still says nothing."""
    alone = verdict.low > 0 or verdict.high < 0
    return ": skillnaden håller inte när så många jämförelser görs samtidigt" if alone else ""


def _about(low: float, high: float, definition: Definition) -> str:
    """An interval of a difference whose way stands beside it: sizes, the smaller first."""
    least, most = sorted((abs(low), abs(high)))
    return numbers.interval(least, most, definition.decimals)


def _range(low: float, high: float, definition: Definition) -> str:
    """The interval of a difference in words, also where it is too small for the value's decimals."""
    if _is_tiny(low, definition) and _is_tiny(high, definition):
        return f"skillnaden är mindre än {_least(definition)}"
    text = numbers.interval(low, high, definition.decimals)
    return f"skillnad {text} procentenheter" if definition.unit in numbers.SHARES else f"skillnad {text}"


def _is_tiny(size: float, definition: Definition) -> bool:
    """Whether a difference is written as 0 with the decimals of the value."""
    return not any(digit in "123456789" for digit in numbers.number(size, definition.decimals))


def _least(definition: Definition) -> str:
    return numbers.difference(10**-definition.decimals, definition.unit, definition.decimals)


def trend_sentence(trend: TrendFound | None, definition: Definition, break_year: str = "") -> str:
    """Whether the newest five points show a trend, or why that cannot be said."""
    if trend is None:
        return "Trend kan inte beräknas: det senaste värdet visas inte."
    if trend.word == "too_few":
        have = _counted(trend.points, trend, definition)
        return f"Trend kan inte beräknas ännu: {have} i följd av de fem som behövs."
    if trend.word == "stopped":
        since = f" läsåret {break_year}" if break_year else " nyligen"
        return f"Trend kan inte beräknas: serien bröts{since}."
    span = f"de senaste {numbers.SMALL_NUMBERS[TREND_POINTS]} {_periods(trend, definition)}"
    if trend.word == "none":
        return f"Ingen säker trend {span}."
    direction = "ökat" if trend.word == "rising" else "minskat"
    judged = marks.trend_word(trend.word, definition.polarity)
    judged = f": den **{judged}**" if judged.startswith("för") else ""
    if definition.unit not in numbers.SHARES:
        judged = judged.replace("den", "det")
    pace = (
        f", ungefär {numbers.difference(trend.slope, definition.unit, definition.decimals)} per år"
        if trend.slope
        else ""
    )
    return f"{of_unit(definition)} har säkert {direction} {span}{pace}{judged}."


def _periods(trend: TrendFound, definition: Definition) -> str:
    """What the points of a trend are, all of them: läsåren, åren, vårterminerna."""
    if definition.period_kind == "term":
        return "höstterminerna" if trend.period_to[5:7] == "12" else "vårterminerna"
    return {"calendar_year": "åren", "half_year": "halvåren"}.get(definition.period_kind, "läsåren")


def _counted(number: int, trend: TrendFound, definition: Definition) -> str:
    """One or several of them: ett läsår, tre år, två vårterminer."""
    if definition.period_kind == "term":
        season = "höst" if trend.period_to[5:7] == "12" else "vår"
        return numbers.counted(number, f"{season}termin", f"{season}terminer")
    word = {"calendar_year": "år", "half_year": "halvår"}.get(definition.period_kind, "läsår")
    return numbers.counted(number, word, word, neuter=True)


def overview_sentence(
    words: Mapping[str, str],
    definition: Definition,
    benchmark: str,
    *,
    missing: Sequence[str] = (),
    members: int = 0,
    title: str = "",
) -> str:
    """How many members differ on one indicator (or on its row `title`); `words`: member -> verdict code, "" = none."""
    judged = {area: word for area, word in words.items() if word}
    if not judged:
        return _nothing_judged(definition, benchmark, missing, members)
    low, high = (marks.WORSE, marks.BETTER) if definition.polarity != "no_judgement" else (marks.LOWER, marks.HIGHER)
    low_word, high_word = ("sämre", "bättre") if definition.polarity != "no_judgement" else ("lägre", "högre")
    below = [area for area, word in judged.items() if word in low]
    above = [area for area, word in judged.items() if word in high]
    same = len(judged) - len(below) - len(above)
    title = f"”{title or definition.short_title}”"
    if not below and not above:
        return f"På {title} **går ingen kommun att skilja** från {benchmark}. {_missing(missing)}".strip()
    parts = [f"**{_who(areas)}** är {word}" for areas, word in ((below, low_word), (above, high_word)) if areas]
    first = f"{' och '.join(parts)} än {benchmark} på {title}"
    rest = f"För {_others(same)} **går det inte att skilja**." if same else ""
    return " ".join(part for part in (f"{_capital(first)}.", rest, _missing(missing)) if part)


def whole_sentence(words: Sequence[str]) -> str:
    """How many of all comparisons in a view say something."""
    judged = [word for word in words if word]
    better, worse = (sum(word in group for word in judged) for group in (marks.BETTER, marks.WORSE))
    other = sum(word in (*marks.HIGHER, *marks.LOWER) for word in judged)
    groups = ((better, "bättre"), (worse, "sämre"), (other, "högre eller lägre"))
    parts = [numbers.counted(size, word, word, neuter=True) for size, word in groups if size]
    whole = numbers.counted(len(judged), "jämförelse", "jämförelser")
    if len(judged) < 2:
        return ""
    if not parts:
        return f"I tabellen görs {whole}; ingen skillnad är säker."
    first = "värde är" if (better or worse or other) == 1 else "värden är"
    return f"I tabellen görs {whole}: {numbers.listed(parts).replace(' ', f' {first} ', 1)}."


def _capital(text: str) -> str:
    """The first letter as a capital, also behind the marks of emphasis."""
    start = 2 if text.startswith("**") else 0
    return text[:start] + numbers.capital(text[start:])


def _who(areas: Sequence[str]) -> str:
    return (
        numbers.listed(list(areas))
        if len(areas) <= NAMES_AT_MOST
        else numbers.counted(len(areas), "kommun", "kommuner")
    )


def _others(number: int) -> str:
    return numbers.counted(number, "kommun", "kommuner")


def _missing(missing: Sequence[str]) -> str:
    if not missing:
        return ""
    return f"Uppgifter saknas från {numbers.listed(list(missing))}."


def none_compared(number: int, benchmark: str) -> str:
    """That nothing in a view has a verdict."""
    which = "Måttet" if number == 1 else f"Inget av de {numbers.counted(number, 'måttet', 'måtten', neuter=True)}"
    how = "kan inte jämföras" if number == 1 else "kan jämföras"
    return f"{which} {how} med {benchmark} i den här utgåvan: **för lite visas eller är inlämnat**."


def partly_missing(names: Sequence[str]) -> str:
    """Who has delivered only some of what a view shows."""
    return f"Uppgifter saknas delvis från {_who(names)}." if names else ""


def _nothing_judged(definition: Definition, benchmark: str, missing: Sequence[str], members: int) -> str:
    title = f"”{definition.short_title}”"
    if missing:
        have = members - len(missing)
        return (
            f"**{have} av {members}** kommuner har lämnat in. Ingen jämförelse med {benchmark} görs förrän alla finns. "
            f"{_missing(missing)}"
        )
    return f"På {title} kan **ingen jämförelse** med {benchmark} göras i den här utgåvan."


def profile_sentence(area: str, words: Mapping[str, str], statuses: Sequence[str], benchmark: str) -> str:
    """A member's standing over all indicators; `words`: indicator -> verdict code, for those judged."""
    kept = _untold(statuses, len(words))
    if statuses and all(status == Status.MISSING for status in statuses):
        return f"{area} har **inte lämnat in** uppgifter för läsåret."
    if not words:
        return f"Inget mått för {area} kan jämföras med {benchmark} i den här utgåvan.{kept}"
    better = sum(word in marks.BETTER for word in words.values())
    worse = sum(word in marks.WORSE for word in words.values())
    other = sum(word in (*marks.HIGHER, *marks.LOWER) for word in words.values())
    same = len(words) - better - worse - other
    groups = ((better, "bättre på"), (worse, "sämre på"), (other, "annorlunda, utan att det är bättre eller sämre, på"))
    parts = [f"**{word} {numbers.counted(size, 'mått', 'mått', neuter=True)}**" for size, word in groups if size]
    if not parts:
        which = "det enda mått" if len(words) == 1 else f"något av de {numbers.counted(len(words), 'mått', 'mått')}"
        return f"{area} **går inte att skilja** från {benchmark} på {which} som kan jämföras.{kept}"
    rest = f" På {numbers.counted(same, 'mått', 'mått', neuter=True)} går det inte att skilja." if same else ""
    return f"Jämfört med {benchmark} är {area} {numbers.listed(parts)}.{rest}{kept}"


def _untold(statuses: Sequence[str], judged: int) -> str:
    """Why the other indicators of a profile say nothing: hidden, not delivered, or nothing to compare with."""
    hidden = sum(status == Status.HIDDEN for status in statuses)
    missing = sum(status == Status.MISSING for status in statuses)
    alone = sum(status == Status.SHOWN for status in statuses) - judged if judged else 0
    said = (
        (hidden, "är dolt för att skydda enskilda", "är dolda för att skydda enskilda"),
        (missing, "är inte inlämnat", "är inte inlämnade"),
        (alone, "saknar ett fullständigt värde att jämföra med", "saknar ett fullständigt värde att jämföra med"),
    )
    return "".join(
        f" {numbers.capital(numbers.counted(size, 'mått', 'mått', neuter=True))} {one if size == 1 else several}."
        for size, one, several in said
        if size > 0
    )


def rank_sentence(area: str, best: int, worst: int, of: int, members: int) -> str:
    """A rank is an interval among those shown: plats 3–9 av 13, or av de 8 kommuner vars värden visas."""
    among = f"{of}" if of == members else f"de {of} kommuner vars värden visas"
    if best == 1 and worst == of:
        return f"Platsen bland kommunerna går inte att säga: {area} kan ligga var som helst av {among}."
    where = f"{best}–{worst}" if best != worst else f"{best}"
    return f"{area} ligger på plats {where} av {among}, så noga det går att säga."


def gap_sentence(
    area: str, first: str, second: str, size: float, low: float, high: float, definition: Definition
) -> str:
    """The difference between two groups with its interval, or that it cannot be told."""
    about = _about(low, high, definition)
    if low <= 0 <= high:
        return f"{first} och {second.lower()} **går inte att skilja** {place(area)} ({_range(low, high, definition)})."
    way = "högre" if size > 0 else "lägre"
    words = numbers.difference(size, definition.unit, definition.decimals)
    return f"{first} ligger **{words} {way}** än {second.lower()} {place(area)} (95{numbers.HARD}% säkerhet: {about})."


def changed_sentence(number_of: int, since: str) -> str:
    """What the newest release changed, for the first page."""
    if not number_of:
        return f"Inga tidigare värden har ändrats sedan {since}."
    return f"{numbers.capital(numbers.counted(number_of, 'tidigare värde', 'tidigare värden', neuter=True))} har ändrats sedan {since}."


def plain(sentence: str) -> str:
    return sentence.replace("**", "")
