"""The gaps between a municipality's groups, as differences with intervals: picture, table and sentence."""

from __future__ import annotations

from collections.abc import Mapping

from metrics import stats
from metrics.present import comparisons, html, indicator_groups, indicator_tables, numbers
from metrics.present.charts import Spec
from metrics.present.figures import Figure, Figures, Key, lately
from metrics.present.lines import Line
from metrics.present.marks import Palette
from metrics.present.profile import ProfileView, chosen_lines
from metrics.values import Status
from metrics.vocabulary import BACKGROUNDS, SEXES

REST = "rest"
"""Everyone outside the other group: the whole minus it, where both are shown."""
GAPS: Mapping[str, tuple[str, str, str, str, str]] = {
    "kon": ("Flickor och pojkar", "sex", "girls", "boys", "flickor minus pojkar"),
    "bakgrund": ("Utländsk bakgrund och övriga", "background", "foreign", REST, "utländsk bakgrund minus övriga"),
    "utbildning": (
        "Föräldrars utbildning",
        "background",
        "post_secondary",
        "compulsory",
        "eftergymnasial utbildning minus högst grundskola",
    ),
}


@lately
def rows(figures: Figures, view: ProfileView, kind: str) -> list[tuple[Line, Figure | None, Figure | None]]:
    """Per indicator the two groups' figures; indicators without either are left out."""
    _, column, first, second, _ = GAPS[kind]
    found = []
    for line in chosen_lines(figures, view):
        if line.definition.unit in numbers.SHARES:
            one, other = (_group_figure(figures, line, view.area, column, code) for code in (first, second))
            if second == REST:
                whole = figures.figure(line.definition.name, line.key(view.area), line.period)
                other = rest_of(whole, one)
            if one or other:
                found.append((line, one, other))
    return found


@lately
def _gaps(figures: Figures, view: ProfileView, kind: str) -> list[indicator_groups.Gap | None]:
    """The gap of every row, None where it cannot be told."""
    return indicator_groups.gaps([(first, second) for _, first, second in rows(figures, view, kind)])


def any_told(figures: Figures, view: ProfileView, kind: str) -> bool:
    """Whether the gap can be told for any indicator; otherwise there is nothing to draw."""
    return any(_gaps(figures, view, kind))


def kinds(figures: Figures, view: ProfileView) -> dict[str, str]:
    """The gaps that can be told for some indicator, by their names; all of them where none can."""
    told = {kind: name for kind, (name, *_) in GAPS.items() if any_told(figures, view, kind)}
    return told or {kind: each[0] for kind, each in GAPS.items()}


def _group_figure(figures: Figures, line: Line, area: str, column: str, code: str) -> Figure | None:
    return figures.figure(line.definition.name, _group(line, area, column, code), line.period)


def rest_of(whole: Figure | None, part: Figure | None) -> Figure | None:
    """Everyone of `whole` that is not in `part`, from their shown counts; hidden where either is, or where nobody is left."""
    if whole is None or part is None:
        return None
    hidden = part._replace(status=Status.HIDDEN, value=None, low=None, high=None, numerator=None, denominator=None)
    sides = (whole.numerator, whole.denominator, part.numerator, part.denominator)
    if not whole.shown or not part.shown or any(side is None for side in sides):
        return hidden
    top, bottom = whole.numerator - part.numerator, whole.denominator - part.denominator  # type: ignore[operator]
    if bottom <= 0 or not 0 <= top <= bottom:
        return hidden
    low, high = (100 * float(end) for end in stats.wilson_interval(top, bottom))
    return part._replace(numerator=top, denominator=bottom, value=100 * top / bottom, low=low, high=high)


def _group(line: Line, area: str, column: str, code: str) -> Key:
    key = line.key(area)
    return key._replace(sex=code) if column == "sex" else key._replace(background=code)


def group_names(kind: str) -> tuple[str, str]:
    """The names of the two groups of a gap."""
    _, column, first, second, _ = GAPS[kind]
    names = SEXES if column == "sex" else BACKGROUNDS
    return names[first], "Övriga" if second == REST else names[second]


def picture(figures: Figures, view: ProfileView, kind: str, palette: Palette) -> Spec:
    """Each gap that can be computed with its interval, coloured where it can be told from none; the table has the rest."""
    dots = []
    definition = next(iter(figures.definitions.values()))
    for (line, *_), found in zip(rows(figures, view, kind), _gaps(figures, view, kind), strict=True):
        if found is None:
            continue
        definition = line.definition
        told = not found[1] <= 0 <= found[2]
        dots.append(
            comparisons.Dot(
                name=line.title,
                value=found[0],
                low=found[1],
                high=found[2],
                colour=palette.accent if told else palette.grey,
                text=numbers.signed(found[0], definition.decimals),
                words="" if told else "går inte att skilja",
            )
        )
    return comparisons.gaps(dots, definition, palette)


def table(figures: Figures, view: ProfileView, kind: str) -> str:
    """The table twin of a gap picture: each group with its value, interval and pupils."""
    groups = group_names(kind)
    lines = []
    for (line, first, second), found in zip(rows(figures, view, kind), _gaps(figures, view, kind), strict=True):
        definition = line.definition
        about = numbers.interval(found[1], found[2], definition.decimals) if found else "kan inte sägas"
        size = numbers.signed(found[0], definition.decimals) if found else "–"
        lines.append(
            [
                line.title,
                indicator_tables.short(first, definition),
                indicator_tables.short(second, definition),
                size,
                about,
            ]
        )
    head = ["Mått", *groups, "Skillnad (procentenheter)", "95 % säkerhet"]
    return html.table(f"{GAPS[kind][0]} i {view.area}, {view.when}", head, lines)


def sentence(figures: Figures, view: ProfileView, kind: str) -> str:
    """About the first indicator where the gap can be computed, otherwise why not."""
    groups = group_names(kind)
    there = rows(figures, view, kind)
    told = [each for each, found in zip(there, _gaps(figures, view, kind), strict=True) if found]
    if told:
        line, first, second = told[0]
        said = indicator_groups.gap_sentence(view.area, groups[0], groups[1], first, second, line.definition)
        return f"{line.title}: {said} {_untold(len(there) - len(told))}".strip()
    return f"{GAPS[kind][0]}: skillnaderna kan inte sägas, eftersom värdena för grupperna inte visas."


def _untold(number: int) -> str:
    """How many indicators the picture leaves out, since one of the groups' values is not shown."""
    if not number:
        return ""
    word = numbers.capital(numbers.counted(number, "mått", "mått", neuter=True))
    return f"{word} till går inte att jämföra: någon av gruppernas värden visas inte."
