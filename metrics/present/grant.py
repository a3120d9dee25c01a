"""The draft for the state grant to skolsociala team: need, the team against the rule, reach and results, all from a release."""

from __future__ import annotations

from collections.abc import Iterable

from metrics.models import words
from metrics.present import model_card, models, numbers, sentences
from metrics.present.compare import CompareView
from metrics.present.compare import figure as model_figure
from metrics.present.figures import Figure, Figures, Key
from metrics.present.indicator_tables import figure_cells, short
from metrics.present.models import Instance, ModelsView, start_words
from metrics.vocabulary import STAGES

MODEL = "school_social_team"
RULE = "Förordning (2023:179) om statsbidrag för skolsociala team"
UNCHECKED = (
    "Detta är ett utkast. Myndighetens formulär är inte granskat, och reglerna är återgivna i korthet. Läs formuläret "
    "och förordningen innan ansökan eller redovisning skickas."
)
NEED = (
    ("absence_20", "7-9"),
    ("absence_20", "4-6"),
    ("unexcused_absence_10", "7-9"),
    ("eligibility_vocational", "all"),
    ("next_step_national", "all"),
    ("reported_by_school", "all"),
)
REACH = (
    ("covered_by_model", "7-9"),
    ("staff_per_1000", "7-9"),
    ("target_group_reached", "7-9"),
    ("first_contact_within_30_days", "all"),
    ("support_completed_within_182_days", "all"),
)
NEED_HEADINGS = ("Mått", "Period", "Kommunen", "Nämnare", "Övriga kommuner i regionen")
REACH_HEADINGS = ("Mått", "Period", "Kommunen, alla modeller", "Skolor med skolsocialt team, regionen")
RULE_HEADINGS = ("Villkor", "Enligt registret", "Uppfyllt")
FEWEST_POSTS = 2
CANNOT_SAY = (
    "Siffrorna säger inte vad som hade hänt utan teamet. En jämförelse av före och efter överskattar effekten, eftersom "
    "team placeras där problemen är störst och ärenden kommer när det är som svårast.",
    "Ett värde för kommunen gäller alla dess elever, inte bara dem som teamet möter.",
    "En enda kommuns resultat går inte att avgöra för sig; utfallet gäller modellen i hela regionen.",
    "Värden som är dolda för att skydda enskilda får inte räknas fram ur andra.",
    "Att anställningar och utbildning uppfyller reglerna framgår bara av registrets uppgifter; de är inte kontrollerade.",
)


def members(figures: Figures) -> list[str]:
    """The members with a running team."""
    return sorted({each.municipality for each in _teams(figures)}, key=numbers.order)


def _teams(figures: Figures, member: str = "") -> list[Instance]:
    found = models.chosen(figures, ModelsView(area=member or "*", model=MODEL), running=True)
    return [each for each in found if not member or each.municipality == member]


def contents(figures: Figures, member: str) -> dict[str, object]:
    """Everything the document says, as plain data."""
    release, teams = figures.release, _teams(figures, member)
    return {
        "title": f"Underlag för statsbidrag till skolsociala team, {member}",
        "subtitle": f"Utkast till behovsbeskrivning och uppföljning. {RULE}.",
        "example": release.example,
        "unchecked": UNCHECKED,
        "need": {"lead": need_lead(figures, member), "head": NEED_HEADINGS, "rows": need_rows(figures, member)},
        "teams": [{"title": each.key, "facts": team_facts(figures, each), "rows": rule_rows(each)} for each in teams],
        "rule_head": RULE_HEADINGS,
        "reach": {"head": REACH_HEADINGS, "rows": reach_rows(figures, member)},
        "results": {"head": model_card.EXPECTED_HEADINGS, "rows": model_card.expected_rows(figures, MODEL)},
        "feared": feared(figures),
        "silent": CANNOT_SAY,
        "sources": sources(figures, teams),
    }


def need_lead(figures: Figures, member: str) -> str:
    """How many of the member's school units have no model at all, if the release knows its schools."""
    table = figures.release.tables["school_units"]
    running = {unit for each in _teams(figures, member) for unit in each.school_units}
    own = table[(table["municipality"] == member) & (table["valid_to"].fillna("") == "")]
    with_stage = [str(row["school_unit"]) for row in own.to_dict("records") if "7-9" in words.parts(row["stages"])]
    if not with_stage:
        return ""
    has = sum(unit in running for unit in with_stage)
    return f"{numbers.count(has)} av {numbers.count(len(with_stage))} skolenheter med årskurs 7–9 har skolsocialt team."


def need_rows(figures: Figures, member: str) -> list[list[str]]:
    """The member's newest own values of what the grant is meant for, with the other members beside."""
    rows = []
    for name, stage in _there(figures, NEED):
        definition, newest = figures.definitions[name], figures.newest(name, stage)
        if newest is None:
            continue
        key = Key(area=member, provider=figures.provider_of(name), stage=stage)
        own = figures.figure(name, key, newest.label)
        others = figures.figure(name, key._replace(area_type="rest_of_region"), newest.label)
        value, _, _, n = figure_cells(own, definition)
        rows.append([_title(figures, name, stage), newest.label, value, n, short(others, definition)])
    return rows


def reach_rows(figures: Figures, member: str) -> list[list[str]]:
    """How far the work reaches: the member as a whole, and the region's schools with a team."""
    rows = []
    for name, stage in _there(figures, REACH):
        definition, newest = figures.definitions[name], figures.newest(name, stage)
        if newest is None:
            continue
        provider = figures.provider_of(name)
        own = figures.figure(name, Key(area=member, provider=provider, stage=stage), newest.label)
        view = CompareView(definition=definition, area="*", stage=stage, period=newest.label, provider=provider)
        of_type: Figure | None = model_figure(figures, view, MODEL)
        rows.append([_title(figures, name, stage), newest.label, short(own, definition), short(of_type, definition)])
    return rows


def _there(figures: Figures, wanted: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [each for each in wanted if each[0] in figures.definitions and figures.has(each[0])]


def _title(figures: Figures, name: str, stage: str) -> str:
    title = figures.definitions[name].title
    return title if stage == "all" else f"{title}, {STAGES[stage].lower()}"


def team_facts(figures: Figures, each: Instance) -> list[list[str]]:
    """What the register says about the team that the documents ask for."""
    names = model_card.unit_names(figures)
    wanted = ("För vem", "Väg in", "Arbetssätt", "Mål", "Personal", "Kostnad per år", "Kontaktroll", "Källa och datum")
    facts = [pair for pair in model_card.facts(each, names) if pair[0] in wanted]
    half = f"{numbers.count(each.cost / 2)} kronor" if each.cost is not None else ""
    found = [("Sedan", start_words(each)), *facts, ("Halva kostnaden enligt registret", half)]
    return [[name, text or "ingen uppgift"] for name, text in found]


def rule_rows(each: Instance) -> list[list[str]]:
    """The rule's conditions as far as the register tells: yes, no, or not told."""
    posts = each.filled if each.filled is not None else each.planned
    school, social = (
        sum(each.staff.get(name, 0.0) for name in side) for side in (words.SCHOOL_STAFF, words.SOCIAL_STAFF)
    )
    told = bool(each.staff)
    return [
        ["Minst två heltidstjänster", _posts(posts), _answer(None if posts is None else posts >= FEWEST_POSTS)],
        ["Personal från skolan", _posts(school if told else None), _answer(school > 0 if told else None)],
        ["Minst en i skolan med psykosocial utbildning", "", _flag(each.texts["school_staff_trained"])],
        ["Personal från socialtjänsten", _posts(social if told else None), _answer(social > 0 if told else None)],
        ["Minst en från socialtjänsten med relevant examen", "", _flag(each.texts["social_staff_degree"])],
        ["Anställningar om minst sex månader", "", _flag(each.texts["employed_six_months"])],
    ]  # fmt: skip


def _posts(posts: float | None) -> str:
    return "ingen uppgift" if posts is None else f"{numbers.number(posts)} heltidstjänster"


def _answer(met: bool | None) -> str:
    return "framgår inte" if met is None else "ja" if met else "nej"


def _flag(text: str) -> str:
    return _answer({"true": True, "false": False}.get(text.casefold()))


def feared(figures: Figures) -> list[str]:
    """The unintended effects that are watched, as plain sentences."""
    return model_card.feared_lines(figures, MODEL)


def sources(figures: Figures, teams: Iterable[Instance]) -> list[str]:
    """Where everything is from: the release, the register's entries, and the rule."""
    release = figures.release
    entries = [
        f"{each.key}: {each.source or 'ingen källa angiven'}"
        + (f", {numbers.day(each.texts['entry_date'])}" if each.texts["entry_date"] else "")
        for each in teams
    ]
    return [
        f"Utgåva {release.id}, nr {release.manifest.get('number', '')}, {numbers.day(release.created)}.",
        sentences.plain(models.version_sentence(figures)),
        *(f"Registrets uppgift om {each}." for each in entries),
        f"{RULE}; återgiven i korthet.",
    ]
