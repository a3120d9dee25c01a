"""A page for the staff of one school: what the data say, what they do not say, three questions; only of shown values."""

from __future__ import annotations

from metrics.present import indicator_tables, numbers, schools, sentences, signs_context
from metrics.present.figures import Figures, once
from metrics.present.schools import NOT_THERE, School, SchoolsView
from metrics.present.staff_page import SEEN_DAILY
from metrics.release.read import Definition
from metrics.values import Status

OUTSIDE, INSIDE = "utanför gränserna", "innanför gränserna"


def named(figures: Figures, area: str) -> dict[str, str]:
    """Code and name of the schools of a member that the release has values of, shown or hidden, by name."""
    return _named(figures).get(area, {})


@once
def _named(figures: Figures) -> dict[str, dict[str, str]]:
    """Per member, code and name of its schools."""
    rows = figures.release.schools[["municipality", "school_unit", "area"]]
    own = rows.drop_duplicates(["municipality", "school_unit"]).sort_values(["area", "school_unit"]).astype(str)
    found: dict[str, dict[str, str]] = {}
    for member, code, name in own.itertuples(index=False, name=None):
        found.setdefault(member, {})[code] = name
    return found


def refusal(figures: Figures, code: str) -> str:
    """Why there is no page for a school, in Swedish; empty when there is one."""
    if figures.release.schools.empty:
        return NOT_THERE
    if not schools.of_school(figures, code):
        return f"Utgåvan har inga värden för någon skola med koden {code}."
    return ""


def contents(figures: Figures, code: str) -> dict[str, object]:
    """The page as plain data, as `staff_page.contents` has it; the school must be one that `refusal` lets through."""
    found = schools.of_school(figures, code)
    school = found[0]
    rows = [(figures.definitions[each.figure.mark], each, _place(figures, each)) for each in found]
    return {
        "title": f"Att prata om: {school.name}",
        "subtitle": f"En sida till personalen vid skolan ({code}). Varje värde är det senaste som finns i utgåvan.",
        "example": figures.release.example,
        "says": [sentences.plain(each) for each in _says(figures, rows)],
        "silent": _says_not(rows),
        "questions": [sentences.plain(each) for each in _questions(figures, school, rows)],
        "head": ["Mått", "Värde", "n", f"95{numbers.HARD}% säkerhet", "Mot vanliga skillnader"],
        "rows": [_cells(*row) for row in rows],
    }


Row = tuple[Definition, School, str]


def _place(figures: Figures, school: School) -> str:
    """Inside or outside the region's limits; empty where nothing can be said."""
    view = SchoolsView(
        definition=figures.definitions[school.figure.mark], area=school.member, school_year=school.figure.school_year
    )
    if not school.figure.shown or schools.period(figures, view) != school.figure.period_to:
        return ""
    band = schools.limits(figures, view)
    if band is None:
        return ""
    return OUTSIDE if school.code in band.outside else INSIDE


def _says(figures: Figures, rows: list[Row]) -> list[str]:
    shown = [row for row in rows if row[1].figure.shown]
    if not shown:
        return ["Inget av skolans värden kan visas: de är dolda för att skydda enskilda."]
    found = []
    for definition, school, place in shown:
        period = sentences.when(school.figure.label, definition.population)
        said = f"{definition.short_title}: " + sentences.value_sentence(school.figure, definition, school.name, period)
        if place == OUTSIDE:
            said += f" Det ligger utanför vad slump och vanliga skillnader mellan skolor i {figures.region_name} ger."
        elif place == INSIDE:
            said += f" Det går inte att skilja från vanliga skillnader mellan skolor i {figures.region_name}."
        found.append(said)
    return found


def _says_not(rows: list[Row]) -> list[str]:
    hidden = sum(each.figure.status == Status.HIDDEN for _, each, _ in rows)
    found = [
        "Siffrorna gäller grupper. De säger inget om en enskild elev och förutsäger inget.",
        "De visar inte varför skolor skiljer sig åt. Elevernas bakgrund är inte inräknad, och ett år är lite.",
        "De säger inte om ett arbetssätt har fungerat, och de rangordnar inga skolor.",
    ]
    if hidden:
        word = numbers.capital(numbers.counted(hidden, "av måtten", "av måtten", neuter=True))
        found.append(f"{word} är {'dolt' if hidden == 1 else 'dolda'} för att skydda enskilda.")
    return found


def _questions(figures: Figures, school: School, rows: list[Row]) -> list[str]:
    outside = [definition for definition, _, place in rows if place == OUTSIDE]
    if outside:
        first = (
            f"{outside[0].short_title}: vårt värde skiljer sig från det vanliga. Stämmer det med vad vi ser, och vad kan "
            "ligga bakom?"
        )
    else:
        first = "Inget av värdena sticker ut. Vilka elever riskerar vi ändå att inte se i siffrorna?"
    running = signs_context.running(figures, school.member)
    second = (
        f"I {school.member} pågår {numbers.small(running)}. När tar vi hjälp av det, och vad hindrar oss?"
        if running
        else f"I {school.member} finns ingen samverkansmodell i registret. Vad gör skola och socialtjänst ändå tillsammans?"
    )
    return [first, second, SEEN_DAILY]


def _cells(definition: Definition, school: School, place: str) -> list[str]:
    value, about, _, size = indicator_tables.figure_cells(school.figure._replace(mark=""), definition)
    return [
        f"{definition.short_title}, {numbers.small(school.figure.label)}",
        value,
        size,
        about,
        place or "jämförs inte",
    ]
