"""Model types against what their pupils' background leads one to expect, similar schools and combinations: for the region.

Everything here is a function of what the release shows; never a ranking, and never an effect.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from metrics import stats
from metrics.present import charts, comparisons, numbers
from metrics.present.compare import CompareView, figure, in_sentence, models, placed, row_name
from metrics.present.figures import Figure, Figures, once
from metrics.present.marks import STATUSES, Palette
from metrics.present.models import SHORT, TITLES
from metrics.vocabulary import ALL

Z = 1.96
FIELDS: Mapping[str, str] = {
    "sex": "kön",
    "foreign_background": "svensk eller utländsk bakgrund",
    "parents_education": "föräldrarnas utbildning",
    "newly_arrived": "om eleven är nyanländ",
}
WHOLE_ONLY = (
    "Väntade värden, liknande skolor och kombinationer räknas för hela regionen. Välj hela regionen för att se dem."
)
NOTHING = (
    "Den här utgåvan har inga väntade värden för måttet. De finns för behörighet, godkänt i alla ämnen, steget till "
    "nationellt program, årskurs 6 och frånvaro över 10 och 20 %, när elevernas bakgrund är inlämnad."
)
UNKNOWN = (
    "Väntade värden och liknande skolor kan inte visas för måttet och perioden: elevernas bakgrund är inte inlämnad för "
    "minst 80 % av eleverna, eller så är grupperna för små."
)
EXPECTED = (
    "Väntat värde är vad modellens skolor skulle ha om deras elever hade samma resultat som liknande elever i hela regionen. "
    "Liknande är elever med samma {fields}. Det säger om skolorna ligger högre eller lägre än elevernas bakgrund förklarar, inte varför, och "
    "inte om modellen hade effekt. Annat som skiljer skolor åt är inte borträknat."
)
ROUNDED = (
    "Värden med ”ca” är avrundade till närmaste {steps} procentenheter, så att ingen enskild elev kan räknas fram. "
    "Intervallen tar hänsyn till avrundningen och till att elever på samma skola liknar varandra."
)
SIMILAR = (
    "För varje skola med modellen tas de två skolor utan modellen som är mest lika i väntat värde och storlek. Grupperna "
    "visas när minst fem skolor i tre kommuner ingår. De kan ha andra modeller. En skillnad mot dem är inte en effekt. "
    "Intervallet är det som andra andelar har, vidgat med avrundningen."
)
ALIKE = "Skolor med modellen bredvid de skolor utan den som är mest lika i väntat värde och storlek."
COMBINED = (
    "Skolor med exakt de här modellerna samma läsår. Deras elever ingår också i varje enskild modells värde, så raderna "
    "ska inte läggas ihop med modellernas. Intervallet är det som andra andelar har, vidgat med avrundningen."
)
HIGHER, LOWER, SAME = "högre än väntat", "lägre än väntat", "går inte att skilja från det väntade"
SHORT_WORDS: Mapping[str, str] = {HIGHER: "högre", LOWER: "lägre", SAME: "kan inte skiljas"}
"""The same beside a point."""


@dataclass(frozen=True, kw_only=True)
class Against:
    """A group's value beside its expected one, in percentage points apart; low and high are the 95 % interval."""

    name: str
    value: float
    expected: float
    step: float
    low: float | None = None
    high: float | None = None
    value_step: float = 0.0

    @property
    def difference(self) -> float:
        return self.value - self.expected

    @property
    def words(self) -> str:
        if self.low is None or self.high is None:
            return "–"
        return HIGHER if self.low > 0 else LOWER if self.high < 0 else SAME


@once
def _compared(figures: Figures) -> dict[tuple[str, str, str, str], list[dict[str, Any]]]:
    """The release's comparisons by indicator, stage, period and provider."""
    found: dict[tuple[str, str, str, str], list[dict[str, Any]]] = {}
    for row in figures.release.tables["comparisons"].to_dict("records"):
        said = {str(name): value for name, value in row.items()}
        key = (str(row["indicator"]), str(row["stage"]), str(row["period"]), str(row["provider"]))
        found.setdefault(key, []).append(said)
    return found


def told(figures: Figures, view: CompareView) -> list[dict[str, Any]]:
    """The release's comparisons of the view's indicator, stage and period."""
    return _compared(figures).get((view.definition.name, view.stage, view.period, view.provider), [])


def rows_of(figures: Figures, view: CompareView, kind: str) -> dict[str, dict[str, Any]]:
    """The comparisons of one kind by model or set of models, in the order of the model types."""
    rows = {str(row["model"]): row for row in told(figures, view) if row["kind"] == kind}
    order = {name: place for place, name in enumerate(TITLES)}
    return dict(sorted(rows.items(), key=lambda each: [order.get(one, len(order)) for one in each[0].split("|")]))


def there(figures: Figures, view: CompareView) -> bool:
    """Whether the release has any expected value of the view's indicator, stage and period."""
    return view.whole and any(_number(row, "expected") is not None for row in told(figures, view))


def lacking(figures: Figures, view: CompareView) -> str:
    """Why there is no expected value to see."""
    if not view.whole and len(figures.release.member_names) > 1:
        return WHOLE_ONLY
    return UNKNOWN if told(figures, view) else NOTHING


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    return None if value is None or pd.isna(value) else float(value)


def against(name: str, value: float, pupils: float, row: Mapping[str, Any], value_step: float = 0.0) -> Against | None:
    """A value beside the row's expected one. The variance is binomial at the expected value, times the dispersion."""
    expected, step = _number(row, "expected"), _number(row, "expected_step")
    if expected is None or step is None:
        return None
    dispersion = _number(row, "dispersion")
    if dispersion is None or pupils <= 0:
        return Against(name=name, value=value, expected=expected, step=step, value_step=value_step)
    half = Z * math.sqrt(dispersion * expected * (100 - expected) / pupils) + (step + value_step) / 2
    apart = value - expected
    return Against(
        name=name, value=value, expected=expected, step=step, low=apart - half, high=apart + half, value_step=value_step
    )


def of_models(figures: Figures, view: CompareView) -> list[tuple[str, Against | None]]:
    """Every model type that anyone is at, with its value against the expected one, or None where that is hidden."""
    rows = rows_of(figures, view, "model")
    made: list[tuple[str, Against | None]] = []
    for model in models(figures, view):
        own = _numbers(figure(figures, view, model))
        known = against(TITLES[model], own[0], own[2], rows[model]) if own and model in rows else None
        made.append((model, known))
    return made


def _numbers(found: Figure | None) -> tuple[float, float, float] | None:
    """Value, numerator and denominator of a shown share."""
    if found is None or not found.shown or found.value is None or found.numerator is None or not found.denominator:
        return None
    return found.value, found.numerator, found.denominator


def without(figures: Figures, view: CompareView, model: str, found: Against | None) -> Against | None:
    """The schools without the model: expected of them is what the model's schools leave of the region's own value."""
    whole, own, other = (_numbers(figure(figures, view, each)) for each in (ALL, model, f"without:{model}"))
    if found is None or whole is None or own is None or other is None:
        return None
    expected = (100 * whole[1] - own[2] * found.expected) / other[2]
    row = rows_of(figures, view, "model")[model]
    told_as = {
        "expected": expected,
        "expected_step": found.step * own[2] / other[2],
        "dispersion": row["dispersion"],
    }
    return against(f"Utan {TITLES[model]}", other[0], other[2], told_as)


HEADINGS = (
    "Modell",
    "Värde",
    "Väntat",
    "Skillnad, procentenheter",
    "95 % intervall",
    "Med ord",
    "Utan modellen",
    "Väntat utan",
    "Skillnad utan",
)


def table(figures: Figures, view: CompareView) -> list[list[str]]:
    """Observed against expected per model type, and the same for the region's schools without it."""
    made = []
    for model, found in of_models(figures, view):
        own = figure(figures, view, model)
        value = percent(own.value) if own and own.shown and own.value is not None else word(own.status if own else "")
        other = without(figures, view, model, found)
        cells = [percent(found.expected, found.step), *_apart(found)] if found else [word("hidden"), "–", "–", "–"]
        beside = [percent(other.value), percent(other.expected), _signed(other)] if other else ["–", "–", "–"]
        made.append([TITLES[model], value, *cells, *beside])
    return made


def _apart(found: Against) -> list[str]:
    ends = "–" if found.low is None or found.high is None else numbers.interval(found.low, found.high, 1)
    return [_signed(found), ends, found.words]


def _signed(found: Against) -> str:
    return numbers.signed(found.difference, 0 if max(found.step, found.value_step) >= 1 else 1)


def percent(value: float, step: float = 0.0) -> str:
    """A share in per cent; with a rounding to the decimals it has, and "ca"."""
    if not step:
        return numbers.in_unit(value, "share", 1)
    return f"ca {numbers.in_unit(value, 'share', 0 if step >= 1 else 1)}"


def word(status: str) -> str:
    return STATUSES[status].word if status in STATUSES else "–"


SIMILAR_HEADINGS = (
    "Modell",
    "Med modellen",
    "Väntat med",
    "Liknande skolor utan",
    "95 % intervall",
    "Väntat för dem",
    "Elever i dem",
    "Skolenheter",
    "Kommuner",
)


def similar_table(figures: Figures, view: CompareView) -> list[list[str]]:
    """The schools with each model beside those without it that resemble them."""
    rows = rows_of(figures, view, "similar")
    made = []
    for model, found in of_models(figures, view):
        own = figure(figures, view, model)
        value = percent(own.value) if own and own.shown and own.value is not None else word(own.status if own else "")
        expected = percent(found.expected, found.step) if found else word("hidden")
        made.append([TITLES[model], value, expected, *_group(rows.get(model, {}))])
    return made


def _group(row: Mapping[str, Any]) -> list[str]:
    """A rounded value, its interval, the expected one, and how many pupils, schools and municipalities stand behind."""
    value, step = _number(row, "value"), _number(row, "value_step")
    if value is None or step is None:
        return [word("hidden"), "–", "–", "–", "–", "–"]
    expected, rounded = _number(row, "expected"), _number(row, "expected_step")
    beside = "–" if expected is None or rounded is None else percent(expected, rounded)
    counts = [f"ca {numbers.count(row['pupils'])}", numbers.count(row["schools"]), numbers.count(row["municipalities"])]
    low, high = rounded_interval(value, step, float(row["pupils"]))
    return [percent(value, step), numbers.interval(low, high, 0 if step >= 1 else 1), beside, *counts]


def rounded_interval(value: float, step: float, pupils: float) -> tuple[float, float]:
    """The 95 % interval (Wilson, per cent) of a share told to the nearest `step`: the true one may be a step away."""
    ends = (max(value - step, 0.0), min(value + step, 100.0))
    (low, _), (_, high) = (stats.wilson_interval(end / 100 * pupils, pupils) for end in ends)
    return 100 * float(low), 100 * float(high)


COMBINED_HEADINGS = (
    "Modeller vid samma skola",
    "Värde",
    "95 % intervall",
    "Väntat",
    "Elever",
    "Skolenheter",
    "Kommuner",
    "Mot det väntade",
)


def combined_table(figures: Figures, view: CompareView) -> list[list[str]]:
    """Every combination of models in the view, with its value where it may be told, and how many schools have it."""
    rows = rows_of(figures, view, "combination")
    schools = list(placed(figures, view).values())
    sets = dict.fromkeys([*rows, *("|".join(found) for _, found in schools if len(found) > 1)])
    made = []
    for models_of in sets:
        row = rows.get(models_of, {})
        own = [(member, found) for member, found in schools if "|".join(found) == models_of]
        cells = _group(row)
        if cells[4] == "–" and own:
            cells[4:] = [numbers.count(len(own)), numbers.count(len({member for member, _ in own}))]
        made.append([" + ".join(SHORT.get(one, one) for one in models_of.split("|")), *cells, _combined_words(row)])
    return made


def _combined_words(row: Mapping[str, Any]) -> str:
    value, step = _number(row, "value"), _number(row, "value_step")
    if value is None or step is None:
        return "–"
    found = against("", value, float(row["pupils"]), row, step)
    return found.words if found else "–"


def drawable(figures: Figures, view: CompareView) -> bool:
    """Whether any difference may be drawn."""
    return any(found is not None for _, found in of_models(figures, view))


def picture(figures: Figures, view: CompareView, colours: Palette) -> charts.Spec:
    """Differences from what is expected around a line at none, all in one colour, in the model types' own order."""
    dots = []
    for model, found in of_models(figures, view):
        text = f"{_signed(found)} {SHORT_WORDS.get(found.words, '')}".strip() if found else word("hidden")
        ends = (found.difference, found.low, found.high) if found else (None, None, None)
        dots.append(
            comparisons.Dot(
                name=row_name(model), value=ends[0], low=ends[1], high=ends[2], colour=colours.grey, text=text
            )
        )
    return comparisons.gaps(dots, view.definition, colours)


def sentence(figures: Figures, view: CompareView) -> str:
    """Which model types lie above or below what is expected, how many cannot be told from it, and how many are hidden."""
    every = of_models(figures, view)
    told = [(model, found) for model, found in every if found is not None and found.words != "–"]
    said = []
    for word_of, way in ((LOWER, "lägre"), (HIGHER, "högre")):
        names = [in_sentence(model) for model, found in told if found.words == word_of]
        if names:
            said.append(f"skolor med {numbers.listed(names)} ligger **{way} än väntat** av elevernas bakgrund")
    same = sum(found.words == SAME for _, found in told)
    if same:
        modeller = numbers.counted(same, "modell", "modeller")
        said.append(f"{modeller} **går inte att skilja** från det väntade")
    hidden = len(every) - len(told)
    rest = f" {numbers.capital(numbers.counted(hidden, 'modell', 'modeller'))} kan inte bedömas." if hidden else ""
    return f"{numbers.capital('; '.join(said))}.{rest}" if said else rest.strip()


def explained(figures: Figures, view: CompareView) -> str:
    """What the expected values are adjusted for."""
    fields = next((str(row["adjusted_for"]) for row in told(figures, view) if row["adjusted_for"]), "")
    spoken = [FIELDS[name] for name in fields.split("|") if name in FIELDS]
    return EXPECTED.format(fields=numbers.listed(spoken) if spoken else "bakgrund")


def rounded(figures: Figures, view: CompareView) -> str:
    """How far the rounded values of the view are rounded."""
    ends = [_number(row, name) for row in told(figures, view) for name in ("value_step", "expected_step")]
    steps = sorted({each for each in ends if each is not None})
    if not steps:
        return ""
    said = [numbers.number(each, 0 if each >= 1 else 1) for each in (steps[0], steps[-1])]
    return ROUNDED.format(steps=said[0] if len(steps) == 1 else f"{said[0]}–{said[1]}")
