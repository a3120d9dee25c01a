"""A whole and its parts: everyone in exactly one state, drawn as a ribbon with a row per state, and a table that adds up.

A part that is hidden is never computed. Where two or more are hidden and everything else is shown, what they are
together follows from the shown values and is drawn as one hatched part; where only one is hidden, no ribbon is drawn.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from metrics.present import charts, html, indicator_tables, numbers, sentences
from metrics.present.charts import Spec
from metrics.present.figures import Figure, Figures
from metrics.present.marks import STATUSES, Palette
from metrics.present.where import UNCUT, Where, figure_of
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status

ROW = 26
"""The height of a row, in pixels."""
HALF = 0.34
"""Half the height of a bar, in rows."""
TOGETHER = "De dolda delarna tillsammans"
ROUNDED = "Andelarna är avrundade och kan därför bli någon tiondel mer eller mindre än 100."


@dataclass(frozen=True, kw_only=True)
class Part:
    """One state of a whole and its figure."""

    definition: Definition
    words: str
    figure: Figure | None
    rest: bool = False
    """Whether it is every state that is not divided so far, as one."""

    @property
    def shown(self) -> bool:
        return self.figure is not None and self.figure.shown and self.figure.numerator is not None

    @property
    def hidden(self) -> bool:
        return self.figure is not None and self.figure.status == Status.HIDDEN

    @property
    def number(self) -> float:
        return self.figure.numerator or 0.0 if self.figure else 0.0


@dataclass(frozen=True, kw_only=True)
class Whole:
    """The states of one group; what is said of it is a function of the parts that are shown."""

    parts: tuple[Part, ...]

    @property
    def shown(self) -> list[Part]:
        return [each for each in self.parts if each.shown]

    @property
    def hidden(self) -> list[Part]:
        return [each for each in self.parts if each.hidden]

    @property
    def size(self) -> float | None:
        """How many everyone is, where the shown parts agree on it."""
        found = {each.figure.denominator for each in self.parts if each.shown and each.figure}
        return next(iter(found)) if len(found) == 1 else None

    @property
    def together(self) -> float | None:
        """What two or more hidden parts are together; None where fewer are hidden or anything else is unknown."""
        if self.size is None or len(self.hidden) < 2 or len(self.shown) + len(self.hidden) < len(self.parts):
            return None
        rest = self.size - sum(each.number for each in self.shown)
        return rest if rest > 0 else None

    @property
    def adds_up(self) -> bool:
        """Whether what is shown, with the hidden parts as one, is the whole."""
        if self.size is None:
            return False
        return self.together is not None or sum(each.number for each in self.shown) == self.size

    @property
    def area(self) -> str:
        return next((each.figure.area for each in self.parts if each.figure), "")


def share(number: float, size: float) -> float:
    return 100.0 * number / size if size else 0.0


def percent(value: float) -> str:
    return numbers.in_unit(value, "share")


def words_of(definition: Definition) -> str:
    """The state that a title ends with: nationellt program, klar inom fyra månader."""
    return definition.title.partition(": ")[2].removesuffix(", inkl. introduktionsprogram")


def whole_of(figures: Figures, prefix: str, where: Where) -> Whole:
    """The states whose names start with `prefix`, in the order of the catalogue."""
    found = [each for each in figures.definitions.values() if each.unit == "flow" and each.name.startswith(prefix)]
    every = [Part(definition=each, words=words_of(each), figure=figure_of(figures, each.name, where)) for each in found]
    told = [each for each in every if each.figure is not None]
    if where.cut != UNCUT and len(told) == 1 and len(every) > 1:
        return Whole(parts=(*told, *(_rest(each, every) for each in told)))
    return Whole(parts=tuple(every))


def _rest(told: Part, every: Sequence[Part]) -> Part:
    """All other states as one, where a single state is divided so far: what its own share leaves."""
    figure = told.figure
    if figure is not None and figure.value is not None and told.shown:
        low, high = (None if end is None else 100.0 - end for end in (figure.high, figure.low))
        left = (figure.denominator or 0.0) - told.number
        figure = figure._replace(value=100.0 - figure.value, low=low, high=high, numerator=left)
    other = next(each for each in every if each is not told)
    return Part(definition=other.definition, words=f"annat än {told.words}", figure=figure, rest=True)


def lead_sentence(whole: Whole, who: str) -> str:
    """The largest parts among those that can be told apart from the hidden ones; `who` is without its number."""
    ranked = sorted(whole.shown, key=lambda each: (each.rest, -each.number))
    if not ranked or not whole.size:
        return ""
    if ranked[-1].rest:
        value = percent(share(ranked[0].number, whole.size))
        everyone = f"{numbers.count(whole.size)} {who}"
        return f"För **{value}** av de {everyone} är det {ranked[0].words}. De andra delas inte upp så långt."
    said = [f"{each.words}, {percent(share(each.number, whole.size))}" for each in ranked[:2] if each.number]
    if not said:
        return hidden_sentence(whole)
    everyone = f"{numbers.count(whole.size)} {who}"
    if whole.together is not None and whole.together >= ranked[0].number:
        return f"{_mostly_hidden(whole, everyone)} Störst av de andra är **{said[0]}**."
    among = (
        "Vanligast av de delar som visas"
        if len(whole.shown) < len(whole.parts) and whole.together is None
        else "Vanligast"
    )
    following = f"Därefter kommer {said[1]}." if len(said) > 1 else ""
    text = f"{among} för de {everyone} är **{said[0]}**. {following}".strip()
    return " ".join(part for part in (text, hidden_sentence(whole)) if part)


def _mostly_hidden(whole: Whole, everyone: str) -> str:
    """That the hidden parts together are larger than any that is shown."""
    value = percent(share(whole.together or 0.0, whole.size or 0.0))
    several = numbers.counted(len(whole.hidden), "del", "delar")
    return f"Av de {everyone} finns **{value}** i {several}. Delarna är **dolda för att skydda enskilda**."


def reading_sentence(whole: Whole) -> str:
    """How the picture is read: everyone once, or why the parts are not put together."""
    number = numbers.counted(len(whole.parts), "del", "delar")
    if whole.size and whole.adds_up:
        kept = " Streckade delar är dolda för att skydda enskilda." if whole.hidden else ""
        return f"Var och en av de {numbers.count(whole.size)} finns i exakt en av {number}.{kept}"
    said = hidden_sentence(whole)
    return f"Delarna läggs inte ihop. {said}" if said else "Delarna läggs inte ihop: någon av dem saknas."


def hidden_sentence(whole: Whole) -> str:
    """How many parts are hidden, and what they are together where that follows from the rest."""
    number = len(whole.hidden)
    if not number:
        return ""
    several = numbers.counted(number, "del", "delar")
    said = f"{numbers.capital(several)} är {'dold' if number == 1 else 'dolda'}"
    rest = whole.together
    if rest is not None and rest == whole.size:
        return f"Alla finns i de {several} som är **dolda för att skydda enskilda**."
    if rest is None or whole.size is None:
        return f"{said} för att skydda enskilda."
    return f"{said} för att skydda enskilda; tillsammans är de {percent(share(rest, whole.size))}."


def silent_sentence(whole: Whole, area: str, period: str) -> str:
    """Why there is nothing to show of a whole: the word of its first part."""
    first = whole.parts[0]
    return sentences.value_sentence(first.figure, first.definition, area, period)


def tones(palette: Palette) -> list[str]:
    """Nine colours that judge nothing, neighbours apart, the last ones grey."""
    strong = (palette.accent, palette.neutral)
    found = [mixed(each, palette.ground, part) for part in (1.0, 0.62, 0.36) for each in strong]
    return [*found[:4], palette.grey, *found[4:], *(mixed(palette.grey, palette.ground, part) for part in (0.7, 0.45))]


def mixed(colour: str, ground: str, part: float) -> str:
    """`part` of a colour on its ground, as #RRGGBB."""
    pairs = [(int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(over * part + under * (1 - part)):02X}" for over, under in pairs)


def hatch(box: Spec, slant: float, apart: float) -> list[Spec]:
    """Lines that fill a box, as segments from (x, y) to (x2, y2): `slant` along x from foot to top, `apart` from each
    other."""
    width, height = box["x2"] - box["x"], box["y2"] - box["y"]
    found = []
    for number in range(math.ceil((width + slant) / apart)):
        start = number * apart - slant
        begin, end = max(start, 0.0), min(start + slant, width)
        ends = [box["y"] + height * (at - start) / slant for at in (begin, end)]
        if end > begin:
            found.append({"x": box["x"] + begin, "x2": box["x"] + end, "y": ends[0], "y2": ends[1]})
    return found


def hatched(
    boxes: Sequence[Spec], palette: Palette, x: Spec, y: Spec, slant: float = 2.8, apart: float = 1.6
) -> list[Spec]:
    """Boxes (x, x2, y, y2, told) drawn as hatched areas: something is there, and is not shown."""
    if not boxes:
        return []
    lines = [line for box in boxes for line in hatch(box, slant, apart)]
    ends = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    tooltip = {"tooltip": {"field": "told", "type": "nominal", "title": " "}}
    return [
        {"data": {"values": list(boxes)}, "mark": {"type": "rect", "color": palette.faint}, "encoding": ends | tooltip},
        {
            "data": {"values": lines},
            "mark": {"type": "rule", "color": palette.grey, "strokeWidth": 1, "tooltip": None},
            "encoding": ends,
        },
    ]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the ribbon's picture: its name, the words at the right, and its bars (from, to, colour, told)."""

    name: str
    text: str
    bars: tuple[tuple[float, float, str, str], ...] = ()


HATCHED = ""
"""The colour of a bar that stands for hidden parts."""


def rows(whole: Whole, palette: Palette) -> list[Row]:
    """The ribbon first, where the parts add up; then a row per part, and one for the hidden parts together."""
    colours = dict(zip([each.words for each in whole.parts], tones(palette), strict=False))
    found = [_part_row(each, colours.get(each.words, palette.grey)) for each in whole.parts]
    if whole.size and whole.together is not None:
        value = share(whole.together, whole.size)
        told = f"{TOGETHER}: {_amount(value, whole.together)}"
        found.append(Row(name=TOGETHER, text=_amount(value, whole.together), bars=((0.0, value, HATCHED, told),)))
    if not whole.size or not whole.adds_up:
        return found
    return [Row(name="Alla", text=_amount(100.0, whole.size), bars=_ribbon(found)), *found]


def _amount(value: float, number: float) -> str:
    return f"{percent(value)}  ({numbers.count(number)})"


def _part_row(part: Part, colour: str) -> Row:
    name = numbers.capital(part.words)
    if not part.shown or part.figure is None or part.figure.value is None:
        return Row(name=name, text=STATUSES[part.figure.status].word if part.figure else "–")
    text = _amount(part.figure.value, part.number)
    return Row(name=name, text=text, bars=((0.0, part.figure.value, colour, f"{name}: {text}"),))


def _ribbon(below: Sequence[Row]) -> tuple[tuple[float, float, str, str], ...]:
    found, start = [], 0.0
    for _, value, colour, told in (bar for row in below for bar in row.bars):
        found.append((start, start + value, colour, told))
        start += value
    return tuple(found)


def picture(whole: Whole, palette: Palette) -> Spec:
    """The ribbon and its parts under each other, names at the left and amounts at the right."""
    drawn = rows(whole, palette)
    x = {"field": "x", "type": "quantitative", "scale": {"domain": [0, 100], "nice": False}, "axis": _share_axis()}
    y = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": [len(drawn) - 0.5, -0.5], "nice": False, "zero": False},
        "axis": _row_axis([row.name for row in drawn], palette),
    }
    boxes = [
        {"x": bar[0], "x2": bar[1], "y": at - HALF, "y2": at + HALF, "colour": bar[2], "told": bar[3]}
        for at, row in enumerate(drawn)
        for bar in row.bars
    ]
    layers = [
        _bars([box for box in boxes if box["colour"] != HATCHED], palette, x, y),
        *hatched([box for box in boxes if box["colour"] == HATCHED], palette, x, y),
        _amounts(drawn, palette, x, y),
    ]
    return charts.frame(palette, height=ROW * len(drawn) + 34) | {"layer": layers}


def _share_axis() -> Spec:
    return {
        "title": None,
        "values": [0, 25, 50, 75, 100],
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "labelExpr": f"datum.label + '{numbers.HARD}%'",
    }


def _row_axis(names: Sequence[str], palette: Palette) -> Spec:
    return {
        "title": None,
        "values": list(range(len(names))),
        "grid": False,
        "domain": False,
        "ticks": False,
        "labelPadding": 8,
        "labelLimit": 260,
        "labelColor": palette.ink,
        "labelFontSize": 13,
        "labelExpr": f"{json.dumps(list(names), ensure_ascii=False)}[round(datum.value)]",
    }


def _bars(boxes: Sequence[Spec], palette: Palette, x: Spec, y: Spec) -> Spec:
    return {
        "data": {"values": list(boxes)},
        "mark": {"type": "rect", "stroke": palette.ground, "strokeWidth": 0.8},
        "encoding": {
            "x": x,
            "x2": {"field": "x2"},
            "y": y,
            "y2": {"field": "y2"},
            "color": charts.COLOUR,
            "tooltip": {"field": "told", "type": "nominal", "title": " "},
        },
    }


def _amounts(drawn: Sequence[Row], palette: Palette, x: Spec, y: Spec) -> Spec:
    values = [{"x": 100, "y": at, "text": row.text, "silent": not row.bars} for at, row in enumerate(drawn)]
    return {
        "data": {"values": values},
        "mark": {"type": "text", "align": "left", "dx": 10, "clip": False, "fontSize": 12.5},
        "encoding": {
            "x": x,
            "y": y,
            "text": {"field": "text", "type": "nominal"},
            "color": {"condition": {"test": "datum.silent", "value": palette.quiet}, "value": palette.ink},
        },
    }


def table(whole: Whole, caption: str) -> str:
    """The twin: a row per part, hidden ones said as such, and the rows that make it add up."""
    found = []
    for each in whole.parts:
        value, about, top, _ = indicator_tables.figure_cells(each.figure, each.definition)
        found.append([numbers.capital(each.words), top, value, about])
    if whole.size is not None and whole.together is not None:
        found.append([TOGETHER, numbers.count(whole.together), percent(share(whole.together, whole.size)), ""])
    if whole.size:
        found.append(["Alla", numbers.count(whole.size), percent(100.0) if whole.adds_up else "", ""])
    return html.table(caption, ["Del", "Antal", "Andel", f"95{numbers.HARD}% säkerhet"], found)


def twin(whole: Whole, caption: str) -> str:
    """The table one click below its picture, with what is rounded and what is hidden said."""
    said = ROUNDED if whole.adds_up else ""
    kept = f"Dold betyder {STATUS_TEXT[Status.HIDDEN]}. Det är inte detsamma som noll." if whole.hidden else ""
    return html.details(f"Tabell: {caption}", table(whole, caption) + html.paragraphs(said, kept))
