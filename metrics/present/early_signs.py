"""What the page of early signs says: groups that differ or have changed, what came of such groups, and who reaches them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from metrics.present import comparisons, html, lines, marks, numbers, sentences, signs
from metrics.present.charts import Spec
from metrics.present.figures import Figures, once
from metrics.present.indicator import REGION
from metrics.present.marks import Palette
from metrics.present.signs import CHANGED, COUNTED, EXPECTED, Sign
from metrics.vocabulary import ALL, BACKGROUNDS, SEXES, STAGES

QUESTION = "Vilka grupper behöver uppmärksamhet?"
EMPTY = (
    "Här visas grupper vars frånvaro, resultat i årskurs 6 eller orosanmälningar avviker. De kommer av uttagen om närvaro, "
    "betyg i årskurs 6 och stödkedjan, när de är inlämnade och en utgåva är gjord."
)
PROMPT = (
    "Det här är en anledning att titta närmare, inte ett svar. Sidan handlar om **grupper, aldrig elever**, och inget "
    "här förutsäger hur det går för en enskild."
)
TOPICS: Mapping[str, str] = {
    signs.ABSENCE: "Frånvaro",
    signs.YEAR6: "Resultat i årskurs 6",
    signs.REPORTS: "Orosanmälningar",
}
TESTS: Mapping[str, str] = {
    EXPECTED: "Skiljer sig från det väntade",
    CHANGED: "Har ändrats",
    COUNTED: "Antalet anmälda barn har ändrats",
}
DRAWN_AT_MOST = 10
LISTED_AT_MOST = 200
"""Groups in the table under a picture; where a whole country's stand out, the files have them all."""
NAMED_AT_MOST = 3
PLAIN = {"F-3": "åk F–3", "4-6": "åk 4–6", "7-9": "åk 7–9"}


@dataclass(frozen=True, kw_only=True)
class SignsView:
    """What is looked at: a member or REGION, a stage and a topic or all of them, and whether what is better is shown too."""

    area: str = REGION
    stage: str = ALL
    topic: str = ""
    better: bool = False


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One group in one topic and test: its strongest sign, and the others that say the same."""

    sign: Sign
    more: tuple[Sign, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """Every test of a release: all periods, and the newest ones. Made once; a view only chooses among them."""

    every: tuple[Sign, ...]
    newest: tuple[Sign, ...]
    hidden: int
    recent: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """Answers about single views, with the release's own (`figures.lately`)."""

    @functools.cached_property
    def telling(self) -> tuple[Sign, ...]:
        """The newest that can be told from chance, the least likely first."""
        return tuple(sorted((each for each in self.newest if each.tells), key=lambda each: (each.p, each.indicator)))

    @functools.cached_property
    def asking(self) -> tuple[Sign, ...]:
        """Those of them that are a reason to look."""
        return tuple(each for each in self.telling if each.asks)

    @functools.cached_property
    def of_area(self) -> dict[str, list[Sign]]:
        """The newest by area."""
        found: dict[str, list[Sign]] = {}
        for each in self.newest:
            found.setdefault(each.area, []).append(each)
        return found

    @functools.cached_property
    def whole(self) -> dict[str, int]:
        """How many groups the newest are about: by kind of test, and under "" counted once for each topic."""
        return {test: _number(self.newest, test) for test in ("", *TESTS)}


@once
def find(figures: Figures) -> Found:
    every = signs.tested(figures)
    newest = signs.newest(every)
    hidden = signs.unshown(figures, newest)
    return Found(every=tuple(every), newest=tuple(newest), hidden=hidden, recent=figures.recent)


def there_is_something(figures: Figures) -> bool:
    """Whether the release has any of the indicators that are looked at."""
    names = (*(name for names in signs.TOPICS.values() for name in names), signs.CHILDREN)
    return any(figures.has(name) for name in names if name in figures.definitions)


def topics(figures: Figures) -> dict[str, str]:
    there = {
        topic
        for topic, names in signs.TOPICS.items()
        for name in (*names, *((signs.CHILDREN,) if topic == signs.REPORTS else ()))
        if name in figures.definitions and figures.has(name)
    }
    return {"": "Allt"} | {topic: title for topic, title in TOPICS.items() if topic in there}


def stages(found: Found) -> dict[str, str]:
    there = {each.stage for each in found.newest}
    return {code: title for code, title in STAGES.items() if code == ALL or code in there}


def seen(found: Found, view: SignsView) -> Sequence[Sign]:
    """The newest tests that the view chooses; choosing never changes what a test says."""
    if _is_whole(view):
        return found.newest
    there = found.newest if view.area == REGION else found.of_area.get(view.area, [])
    return [each for each in there if _chosen(each, view)]


def _is_whole(view: SignsView) -> bool:
    return (view.area, view.topic, view.stage) == (REGION, "", ALL)


def groups(found: Found, view: SignsView, test: str = "") -> int:
    """How many groups can be judged in the view, by one kind of test, or by any and then once for each topic."""
    return found.whole[test] if _is_whole(view) else _number(seen(found, view), test)


def _number(tests: Sequence[Sign], test: str) -> int:
    if test:
        return len({each.group for each in tests if each.test == test})
    return len({(each.group, each.topic) for each in tests})


def _chosen(sign: Sign, view: SignsView) -> bool:
    place, what = view.area in (REGION, sign.area), view.topic in ("", sign.topic)
    return place and what and _of_stage(sign, view.stage)


def _of_stage(sign: Sign, stage: str) -> bool:
    return stage in (ALL, sign.stage) or (sign.topic == signs.YEAR6 and stage == "4-6")


def entries(found: Found, view: SignsView, test: str = "") -> list[Entry]:
    """The groups that stand out, clear ones and then the least likely first; each once per topic and test.

    A page asks for them a dozen times: nobody may change them.
    """
    key = (entries.__qualname__, view, test)
    if key not in found.recent:
        found.recent[key] = _entries(found, view, test)
    return cast("list[Entry]", found.recent[key])


def _entries(found: Found, view: SignsView, test: str) -> list[Entry]:
    told = [each for each in (found.telling if view.better else found.asking) if test in ("", each.test)]
    together: dict[tuple[object, ...], list[Sign]] = {}
    for each in told:
        if not _chosen(each, view):
            continue
        together.setdefault((each.group, each.topic, each.test, each.asks), []).append(each)
    made = [Entry(sign=first, more=tuple(rest)) for first, *rest in together.values()]
    return sorted(made, key=lambda each: (not each.sign.clear, each.sign.p))


def group_name(sign: Sign) -> str:
    """Ale, flickor, åk 4–6; a whole member without its pupils' stage is only named."""
    who = [
        SEXES[sign.sex].lower() if sign.sex != ALL else "",
        BACKGROUNDS[sign.background].lower() if sign.background != ALL else "",
        "åk 6" if sign.topic == signs.YEAR6 else PLAIN.get(sign.stage, lines.STAGE_NOTES.get(sign.stage, "")),
    ]
    return ", ".join([sign.area, *(each for each in who if each)])


def measure(figures: Figures, sign: Sign) -> str:
    """What stands out, inside a sentence: frånvaro minst 20 %, antal anmälda barn. The year stands with the group's name."""
    if sign.test == COUNTED:
        return "antal anmälda barn"
    return numbers.small(figures.definitions[sign.indicator].short_title.removesuffix(" åk 6"))


def answer(figures: Figures, found: Found, view: SignsView) -> str:
    """How many groups there is a reason to look at, of how many, and the clearest of them."""
    there = groups(found, view)
    if not there:
        return _nothing(found, view)
    asking = [each for each in entries(found, view) if each.sign.asks]
    asked = list(dict.fromkeys((each.sign.group, each.sign.topic) for each in asking))
    among = numbers.counted(there, "grupp", "grupper")
    if not asked:
        which = "Den enda grupp" if there == 1 else f"Ingen av de {among}"
        rest = "skiljer sig inte säkert" if there == 1 else "skiljer sig säkert"
        return f"{which} som kan bedömas {rest} från det väntade eller från egna tidigare år. {_unseen(found, view)}".strip()
    topics_ = [topic for _, topic in asked]
    parts = [
        f"{numbers.counted(topics_.count(topic), 'grupp', 'grupper')} i {numbers.small(title)}"
        for topic, title in TOPICS.items()
        if topic in topics_
    ]
    several = f" ({numbers.listed(parts)})" if len(parts) > 1 else ""
    names = html.distinct(f"{group_name(each.sign)}: {measure(figures, each.sign)}" for each in asking)[:NAMED_AT_MOST]
    first = f"**{numbers.capital(numbers.counted(len(asked), 'grupp', 'grupper').split(' ')[0])} av {among}** som kan"
    return f"{first} bedömas sticker ut{several}. Tydligast: {'; '.join(names)}. {_unseen(found, view)}".strip()


def _nothing(found: Found, view: SignsView) -> str:
    if view != SignsView(better=view.better) and found.newest:
        return "Ingen grupp kan bedömas i det här urvalet: för få värden visas eller kan jämföras."
    if found.hidden:
        return "Ingen grupp kan bedömas i den här utgåvan: värdena är **dolda för att skydda enskilda**."
    return "Ingen grupp kan bedömas i den här utgåvan: det finns inget att jämföra med ännu."


def _unseen(found: Found, view: SignsView) -> str:
    """That some groups have no shown value; said for the whole release, and never of which."""
    if not found.hidden or view != SignsView(better=view.better):
        return ""
    word = numbers.counted(found.hidden, "grupp", "grupper")
    return f"{numbers.capital(word)} kan inte bedömas: värdena är dolda för att skydda enskilda."


def test_sentence(figures: Figures, found: Found, view: SignsView, test: str) -> str:
    """How a picture is read, and what its strongest row says."""
    made = entries(found, view, test)
    there = groups(found, view, test)
    if not there:
        return "Inget kan bedömas: för få värden visas eller kan jämföras."
    if not made:
        if there == 1:
            return "Ingen säker skillnad för den enda grupp som kan bedömas."
        number = numbers.counted(there, "grupp", "grupper")
        return f"Ingen säker skillnad bland {number} som kan bedömas."
    sign = made[0].sign
    said = (one_sentence(figures, sign), _reading(figures, test), _older(figures, sign), _drawn(len(made)))
    return " ".join(each for each in said if each)


def _drawn(found: int) -> str:
    """That the picture holds the clearest of several, so that nobody takes it for all of them."""
    if found <= DRAWN_AT_MOST:
        return ""
    rest = "tabellen alla" if found <= LISTED_AT_MOST else f"tabellen de {LISTED_AT_MOST} tydligaste och filerna alla"
    return f"Bilden visar de {numbers.out_of(DRAWN_AT_MOST, found).replace(' av ', ' tydligaste av ')}, {rest}."


def one_sentence(figures: Figures, sign: Sign) -> str:
    """One sign in full: the value, what was expected, and the difference with its interval."""
    about, when = f"{group_name(sign)}, {measure(figures, sign)}", sentences.when(sign.label)
    low, high = numbers.interval(sign.low, sign.high), f"95{numbers.HARD}% säkerhet"
    if sign.test == COUNTED:
        years = numbers.counted(sign.earlier, "tidigare året", "tidigare åren")
        return (
            f"{about}: **{numbers.count(sign.value)}** {when} mot i snitt {numbers.count(sign.expected)} de {years} "
            f"({numbers.signed(sign.difference, 0)}{numbers.HARD}%; {high}: "
            f"{numbers.interval(sign.low, sign.high, 0)})."
        )
    value, expected = (numbers.in_unit(each, "share") for each in (sign.value, sign.expected))
    if sign.test == EXPECTED:
        against = f"mot väntade {expected}"
    else:
        against = f"mot {expected} de {numbers.counted(sign.earlier, 'tidigare året', 'tidigare åren')}"
    return f"{about}: **{value}** {when} {against} (skillnad {numbers.signed(sign.difference)} procentenheter; {high}: {low})."


def _reading(figures: Figures, test: str) -> str:
    if test == EXPECTED:
        return f"Väntat är samma grupp i övriga {figures.region_name} samma period."
    if test == CHANGED:
        return "Jämförelsen är gruppens egna senaste år, samma årstid."
    return "Fler anmälningar kan betyda fler barn som far illa, eller att fler upptäcks."


def _older(figures: Figures, sign: Sign) -> str:
    """Why an expected value is not of the newest period: the region is whole only in an earlier one."""
    last = figures.newest(sign.indicator, sign.stage)
    if sign.test != EXPECTED or last is None or last.period_to <= sign.period_to:
        return ""
    return (
        f"{numbers.capital(sentences.when(last.label))} har inte alla kommuner lämnat in, eller så visas inte värdet."
    )


def picture(figures: Figures, found: Found, view: SignsView, test: str, palette: Palette) -> Spec:
    """The differences under each other with their intervals, the clearest first."""
    made = entries(found, view, test)[:DRAWN_AT_MOST]
    decimals = 0 if test == COUNTED else 1
    dots = [_dot(figures, each.sign, decimals, palette) for each in made]
    return comparisons.gaps(dots, figures.definitions[made[0].sign.indicator], palette)


def _dot(figures: Figures, sign: Sign, decimals: int, palette: Palette) -> comparisons.Dot:
    unit = f"{numbers.HARD}%" if sign.test == COUNTED else ""
    name = group_name(sign) if sign.test == COUNTED else f"{group_name(sign)} · {measure(figures, sign)}"
    return comparisons.Dot(
        name=name,
        value=sign.difference,
        low=sign.low,
        high=sign.high,
        colour=marks.verdict_colour(sign.word, palette),
        text=f"{numbers.signed(sign.difference, decimals)}{unit}  ({sign.label})",
        words=marks.VERDICTS[sign.word].word,
    )


def title(test: str, view: SignsView, figures: Figures) -> str:
    where = figures.region_name if view.area == REGION else view.area
    unit = "procent" if test == COUNTED else "procentenheter"
    return f"{TESTS[test]}, {where}, skillnad i {unit}"


HEADS = ("Grupp", "Mått", "Period", "Värde", "Väntat", "Skillnad", f"95{numbers.HARD}% säkerhet", "n", "Jämförelse")


def twin(figures: Figures, found: Found, view: SignsView, test: str) -> str:
    """The table behind a picture: every group that stands out, each with the way to its indicator."""
    made = entries(found, view, test)
    listed = made[:LISTED_AT_MOST]
    rows = [cells(figures, sign, linked=True) for entry in listed for sign in (entry.sign, *entry.more)]
    drawn = f"Bilden visar de {numbers.counted(DRAWN_AT_MOST, 'tydligaste', 'tydligaste')} grupperna."
    said = drawn if len(made) > DRAWN_AT_MOST else ""
    caption = f"{TESTS[test]}: {title(test, view, figures).split(', ')[1]}"
    table = html.table(caption, _heads(test), rows, text_columns=3)
    return html.details(f"Tabell: {TESTS[test].lower()}", table + html.paragraphs(said))


def _heads(test: str) -> list[str]:
    names = {CHANGED: "Tidigare år", COUNTED: "Tidigare år"}
    return [names.get(test, each) if each == "Väntat" else each for each in HEADS]


def cells(figures: Figures, sign: Sign, *, linked: bool = False) -> list[str]:
    """One sign as the texts of HEADS."""
    name = group_name(sign)
    if linked:
        area = "" if sign.area_type == "region" else sign.area
        href = html.address(
            "indikator",
            indikator=sign.indicator,
            kommun=area,
            stadium=sign.stage if sign.stage != ALL else "",
            period=sign.label,
            utgava=figures.release.id,
        )
        name = html.Ready(html.link(name, href, title=figures.definitions[sign.indicator].title))
    counted = sign.test == COUNTED
    decimals, unit = (0, f"{numbers.HARD}%") if counted else (1, "")
    values = [
        numbers.count(each) if counted else numbers.in_unit(each, "share") for each in (sign.value, sign.expected)
    ]
    return [
        name,
        numbers.capital(measure(figures, sign)),
        sign.label,
        *values,
        f"{numbers.signed(sign.difference, decimals)}{unit}",
        numbers.interval(sign.low, sign.high, decimals),
        numbers.count(sign.size),
        numbers.capital(marks.VERDICTS[sign.word].word),
    ]
