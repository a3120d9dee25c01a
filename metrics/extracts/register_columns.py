"""The register's columns about an instance as a whole: said on any of its rows, the same on all of them."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.declare import Column, ColumnKind, Rule
from metrics.models import words

SEVERAL = "Flera skrivs med lodstreck emellan: {example}."
LONGEST_LIST = 600


def _optional(name: str, title: str, kind: ColumnKind, description: str, *headings: str, **bounds: float) -> Column:
    return Column(
        name=name,
        title=title,
        kind=kind,
        description=description,
        headings=headings,
        required=False,
        may_be_empty=True,
        low=bounds.get("low"),
        high=bounds.get("high"),
    )


def _list(name: str, title: str, description: str, *headings: str) -> Column:
    """Several words of a regional list, or own ones."""
    example = words.SEPARATOR.join(list(words.LISTS[name].values())[:2])
    said = f"{description} {SEVERAL.format(example=example)}"
    return _optional(name, title, "text", said, *headings, high=LONGEST_LIST)


def _coded(name: str, title: str, description: str, known: Mapping[str, str], *headings: str) -> Column:
    return Column(
        name=name,
        title=title,
        kind="code",
        description=description,
        headings=headings,
        codes={title.lower(): code for code, title in known.items()} | {code: code for code in known},
        required=False,
        may_be_empty=True,
    )


def _posts(name: str, profession: str) -> Column:
    said = f"Tillsatta heltidstjänster i hela teamet: {profession}."
    return _optional(name, f"Tjänster: {profession.lower()}", "decimal", said, profession.lower(), low=0, high=500)


ABOUT_INSTANCE: tuple[Column, ...] = (
    _coded("school_form", "Skolform", "Vilken skolform teamet arbetar i.", words.SCHOOL_FORMS),
    _optional("year_groups", "Årskurser", "text", "Årskurser eller stadier: F-3|4-6|7-9.", "stadier i modellen"),
    _coded("organisation", "Organisatorisk hemvist", "Var teamet hör hemma.", words.ORGANISATIONS, "hemvist"),
    _optional("steering_group", "Styrgrupp", "text", "Vilka verksamheter och roller som styr; aldrig namn."),
    _list("target_groups", "Målgrupper", "Vilka som modellen är till för.", "målgrupp"),
    _list("ways_in", "Vägar in", "Vilka som kan föreslå att modellen kopplas in.", "väg in", "vem initierar"),
    _coded("consent", "Samtycke", "Om samtycke krävs.", words.CONSENTS),
    _coded("support", "Beslut eller öppet stöd", "Om stödet ges utan beslut eller efter beslut.", words.SUPPORTS),
    _list("ways_of_working", "Arbetssätt", "Hur teamet arbetar.", "arbetsmetoder"),
    _list("goals", "Mål", "Vad som ska uppnås.", "målsättning"),
    _optional(
        "expected_indicators",
        "Förväntade mått",
        "text",
        "De mått som väntas ändras, med Samsyns korta namn och lodstreck emellan.",
        high=LONGEST_LIST,
    ),
    *(_posts(name, profession) for name, profession in words.STAFF.items()),
    _optional("coordinator_share", "Samordnarens andel", "decimal", "Procent av en heltid.", low=0, high=1000),
    _optional("school_staff_trained", "Skolpersonal med utbildning", "flag", "Minst en har psykosocial utbildning."),
    _optional(
        "social_staff_degree",
        "Socialtjänstpersonal med examen",
        "flag",
        "Minst en har socionomexamen eller annan relevant examen.",
    ),
    _optional("employed_six_months", "Anställda minst sex månader", "flag", "Anställningarna är minst sex månader."),
    _list("competences", "Kompetenser som finns", "Kompetenser i teamet.", "kompetenser"),
    _list("competences_needed", "Kompetenser som behövs", "Kompetenser som saknas eller behövs.", "kompetensbehov"),
    _list("funding", "Finansiering", "Vad som betalar arbetet.", "finansieras av"),
    _optional("yearly_cost", "Kostnad per år", "decimal", "Kronor per år för hela teamet.", "årskostnad", low=0),
    _optional("grant_ends", "Bidraget slutar", "date", "Sista dagen som bidraget betalar.", "bidragets slut"),
    _list("success_factors", "Framgångsfaktorer", "Vad som får arbetet att fungera."),
    _list("challenges", "Utmaningar", "Vad som gör arbetet svårt.", "hinder"),
    _optional("note", "Notering om teamet", "text", "Högst 200 tecken, aldrig om enskilda personer."),
    _optional("documentation", "Dokumentation", "text", "Var och hur arbetet dokumenteras."),
    _optional("secrecy", "Sekretesslösning", "text", "Hur uppgifter får delas mellan verksamheterna."),
    _optional("contact_role", "Kontaktroll", "text", "Roll och verksamhet att kontakta; aldrig namn.", "kontakt"),
    _optional("entry_date", "Uppgiftens datum", "date", "När uppgifterna om teamet senast kontrollerades."),
)

_TEAM = "model_type = 'school_social_team'"
_UNLIKE = ("organisation", "target_groups", "goals", "planned_posts", "filled_posts", "funding", "contact_role")


def _sum(names: Mapping[str, str]) -> str:
    return " + ".join(f"coalesce({name}, 0)" for name in names)


def _known(column: str) -> str:
    found = {each.lower() for pair in words.LISTS[column].items() for each in pair}
    return ", ".join(f"'{each}'" for each in sorted(found))


def _own_words() -> str:
    each = (
        f"SELECT row_number, lower(trim(unnest(string_split({column}, '|')))) AS word, [{_known(column)}] AS known FROM staged"
        for column in words.LISTS
    )
    found = " UNION ALL ".join(each)
    return f"SELECT DISTINCT row_number FROM ({found}) AS said WHERE word <> '' AND NOT list_contains(known, word)"


def _differing() -> str:
    """Rows of an instance that say something else than its other rows; an empty cell says nothing."""
    unlike = " OR ".join(f"count(DISTINCT {name}) > 1" for name in _UNLIKE)
    return (
        "SELECT row_number FROM staged SEMI JOIN (SELECT instance, municipality FROM staged "
        f"GROUP BY instance, municipality HAVING {unlike}) AS unlike USING (instance, municipality)"
    )


def _two_types() -> str:
    return (
        "SELECT row_number FROM staged SEMI JOIN (SELECT instance, municipality FROM staged "
        "GROUP BY instance, municipality HAVING count(DISTINCT model_type) > 1) AS two USING (instance, municipality)"
    )


TEAM = {"model_type": "skolsocialt team", "planned_posts": "2,0", "filled_posts": "2,0"}
RULES: tuple[Rule, ...] = (
    Rule(
        code="ended_before_started",
        severity="error",
        sentence="Slutet är tidigare än starten.",
        advice="Kontrollera de två datumkolumnerna; de kan ha bytt plats.",
        columns=("started", "ended"),
        bad_when="ended < started",
        good={"started": "2022-08-15", "ended": "2024-06-15"},
        bad={"started": "2024-08-15", "ended": "2022-06-15"},
    ),
    Rule(
        code="team_under_two_posts",
        severity="warning",
        sentence=(
            "Ett skolsocialt team har under två heltidstjänster och uppfyller därför inte statsbidragets regel "
            "(förordning 2023:179)."
        ),
        advice="Rätta antalet tjänster, eller skriv att teamet inte betalas med statsbidraget eller är under uppbyggnad.",
        columns=("planned_posts", "filled_posts"),
        bad_when=f"{_TEAM} AND coalesce(filled_posts, planned_posts) < 2",
        good=TEAM,
        bad=TEAM | {"filled_posts": "1,5"},
    ),
    Rule(
        code="team_without_social_services",
        severity="warning",
        sentence=(
            "Ett skolsocialt team saknar personal från socialtjänsten med socionomexamen eller annan relevant examen "
            "och uppfyller därför inte statsbidragets regel (förordning 2023:179)."
        ),
        advice="Fyll i personalen från socialtjänsten, eller skriv varför den saknas.",
        columns=("social_staff_degree", *words.SOCIAL_STAFF),
        bad_when=(
            f"{_TEAM} AND (social_staff_degree IS FALSE OR "
            f"({_sum(words.SOCIAL_STAFF)} = 0 AND {_sum(words.STAFF)} > 0))"
        ),
        good=TEAM | {"staff_counsellor": "1,0", "staff_social_worker": "1,0"},
        bad=TEAM | {"staff_counsellor": "2,0", "staff_social_worker": ""},
    ),
    Rule(
        code="team_without_school_staff",
        severity="warning",
        sentence=(
            "Ett skolsocialt team saknar skolpersonal med psykosocial utbildning och uppfyller därför inte "
            "statsbidragets regel (förordning 2023:179)."
        ),
        advice="Fyll i personalen från skolan, eller skriv varför den saknas.",
        columns=("school_staff_trained", *words.SCHOOL_STAFF),
        bad_when=(
            f"{_TEAM} AND (school_staff_trained IS FALSE OR "
            f"({_sum(words.SCHOOL_STAFF)} = 0 AND {_sum(words.STAFF)} > 0))"
        ),
        good=TEAM | {"staff_counsellor": "1,0", "staff_social_worker": "1,0"},
        bad=TEAM | {"staff_social_worker": "2,0", "staff_counsellor": ""},
    ),
    Rule(
        code="team_short_employment",
        severity="warning",
        sentence="Ett skolsocialt team har anställningar under sex månader, vilket statsbidraget inte godtar.",
        advice="Rätta uppgiften, eller skriv hur teamet ändå betalas.",
        columns=("employed_six_months",),
        bad_when=f"{_TEAM} AND employed_six_months IS FALSE",
        good=TEAM | {"employed_six_months": "ja"},
        bad=TEAM | {"employed_six_months": "nej"},
    ),
    Rule(
        code="more_filled_than_planned",
        severity="info",
        sentence="Fler tjänster är tillsatta än planerade.",
        advice="Kontrollera de två kolumnerna.",
        columns=("planned_posts", "filled_posts"),
        bad_when="filled_posts > planned_posts",
        good={"planned_posts": "2,0", "filled_posts": "2,0"},
        bad={"planned_posts": "2,0", "filled_posts": "3,0"},
    ),
    Rule(
        code="instance_of_two_types",
        severity="warning",
        sentence="Samma team har olika modelltyper på olika rader.",
        advice="Ge dem olika namn om det är två samverkansmodeller, annars samma modelltyp.",
        columns=("instance", "model_type"),
        sql=_two_types(),
    ),
    Rule(
        code="instance_rows_differ",
        severity="warning",
        sentence="Rader för samma team säger olika saker om det; uppgifterna ska gälla hela teamet.",
        advice="Skriv samma uppgifter på alla rader, eller lämna tomt på alla utom en.",
        columns=("instance", *_UNLIKE),
        sql=_differing(),
    ),
    Rule(
        code="words_of_its_own",
        severity="info",
        sentence="Några ord finns inte i den regionala listan. De sparas som egna ord och kan inte jämföras med andras.",
        advice="Välj ord ur listan om något passar; listan står i beskrivningen av uttaget.",
        columns=tuple(words.LISTS),
        sql=_own_words(),
        good={"goals": "Högre närvaro|Tidigare stöd"},
        bad={"goals": "Gladare elever"},
    ),
    Rule(
        code="entry_without_source",
        severity="info",
        sentence="Uppgiftens källa saknas.",
        advice="Skriv varifrån uppgiften kommer, så att andra kan lita på den.",
        columns=("source",),
        bad_when="source IS NULL",
        good={"source": "Kommunens överenskommelse"},
        bad={"source": ""},
    ),
)
