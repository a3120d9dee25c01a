"""The regional word lists of the register and the mapping: what people may write, and the codes it is kept under.

A word that is in no list is not refused: it stays as written and is shown among the members' own words, so that GR can
take it into the list. The lists are GR's to confirm.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

SEPARATOR = "|"

TARGET_GROUPS: Mapping[str, str] = {
    "problematic_absence": "Elever med problematisk frånvaro",
    "risk_of_crime": "Unga i riskzon för brott",
    "risk_of_substance_use": "Unga i riskzon för missbruk",
    "mental_health": "Elever med psykisk ohälsa",
    "neurodevelopmental": "Elever med NPF",
    "family_support": "Familjer i behov av stöd",
    "newly_arrived": "Nyanlända elever",
    "known_to_social_services": "Elever med insats från socialtjänsten",
    "placed_children": "Placerade barn",
    "conflicts_at_school": "Elever i konflikter i skolan",
    "all_pupils": "Alla elever på skolan",
}
GOALS: Mapping[str, str] = {
    "higher_attendance": "Högre närvaro",
    "more_eligible": "Fler behöriga till gymnasiet",
    "earlier_support": "Tidigare stöd",
    "less_crime": "Färre unga i kriminalitet",
    "better_wellbeing": "Bättre psykiskt mående",
    "calmer_school": "Trygghet och studiero",
    "return_to_class": "Återgång till ordinarie klass",
    "joint_planning": "Gemensam planering kring barnet",
    "fewer_placements": "Färre placeringar",
    "better_cooperation": "Bättre samverkan mellan verksamheterna",
}
WAYS_IN: Mapping[str, str] = {
    "pupil_health": "Elevhälsan",
    "head_teacher": "Rektor",
    "teacher": "Lärare eller mentor",
    "guardian": "Vårdnadshavare",
    "pupil": "Eleven själv",
    "social_services": "Socialtjänsten",
    "police": "Polisen",
    "outreach": "Uppsökande arbete",
}
WAYS_OF_WORKING: Mapping[str, str] = {
    "individual_talks": "Enskilda samtal",
    "family_work": "Arbete med familjen",
    "home_visits": "Hembesök",
    "groups": "Gruppverksamhet",
    "classroom": "Arbete i klassen",
    "absence_mapping": "Kartläggning av frånvaro",
    "joint_meetings": "Gemensamma möten",
    "sip": "Samordnad individuell plan (SIP)",
    "consultation": "Handledning till skolpersonal",
    "leisure": "Stöd till fritidsaktivitet",
    "small_group_teaching": "Undervisning i mindre grupp",
    "presence_at_school": "Närvaro i skolans miljö",
}
SUCCESS_FACTORS: Mapping[str, str] = {
    "coordinator_time": "Tillräcklig tid för samordnare",
    "steering": "Tydlig styrning och gemensamt uppdrag",
    "shared_premises": "Gemensam plats på skolan",
    "stable_staff": "Låg personalomsättning",
    "consent_routine": "Fungerande rutin för samtycke",
    "known_roles": "Kända roller och ansvar",
    "trust": "Förtroende hos elever och familjer",
    "early_signals": "Tidiga signaler från elevhälsan",
    "management_support": "Stöd från båda ledningarna",
    "long_term_funding": "Långsiktig finansiering",
}
CHALLENGES: Mapping[str, str] = {
    "vacancies": "Svårt att tillsätta tjänster",
    "secrecy": "Sekretess mellan verksamheterna",
    "short_funding": "Kortsiktig finansiering",
    "unclear_mandate": "Otydligt uppdrag",
    "staff_turnover": "Hög personalomsättning",
    "late_referrals": "Ärenden kommer sent",
    "documentation": "Olika system för dokumentation",
    "too_many_cases": "Fler ärenden än teamet hinner",
    "different_cultures": "Olika arbetssätt och språk",
    "follow_up": "Saknad uppföljning",
}
COMPETENCES: Mapping[str, str] = {
    "social_work_degree": "Socionomexamen",
    "psychosocial_training": "Psykosocial utbildning",
    "motivational_interviewing": "Motiverande samtal (MI)",
    "neurodevelopmental": "Kunskap om NPF",
    "special_needs": "Specialpedagogik",
    "family_therapy": "Familjebehandling",
    "substance_use": "Missbruk och beroende",
    "crime_prevention": "Brottsförebyggande arbete",
    "intercultural": "Interkulturell kompetens",
    "trauma": "Traumamedveten omsorg",
    "follow_up": "Uppföljning och dokumentation",
}
FUNDING: Mapping[str, str] = {
    "state_grant": "Statsbidrag för skolsociala team",
    "esf": "ESF+",
    "own": "Egna medel",
    "region": "Regionen",
    "other_grant": "Annat bidrag",
}
ORGANISATIONS: Mapping[str, str] = {
    "school": "Skolan",
    "social_services": "Socialtjänsten",
    "both": "Skolan och socialtjänsten",
    "municipal_management": "Kommunledningen",
}
CONSENTS: Mapping[str, str] = {
    "consent_required": "Samtycke krävs",
    "consent_not_required": "Samtycke krävs inte",
    "consent_varies": "Samtycke i vissa fall",
}
SUPPORTS: Mapping[str, str] = {
    "open_support": "Öppet stöd utan beslut",
    "decision": "Stöd efter beslut",
    "open_and_decision": "Både öppet stöd och stöd efter beslut",
}
SCHOOL_FORMS: Mapping[str, str] = {
    "compulsory": "Grundskola",
    "adapted_compulsory": "Anpassad grundskola",
    "upper_secondary": "Gymnasieskola",
    "adapted_upper_secondary": "Anpassad gymnasieskola",
    "several": "Flera skolformer",
}
PRECISIONS: Mapping[str, str] = {
    "date": "datum",
    "term": "termin",
    "school_year": "läsår",
    "gradual": "gradvis",
    "unknown": "okänd",
}
"""From the most to the least exact."""
DECIDERS: Mapping[str, str] = {
    "municipality": "Kommunen",
    "school": "Skolan",
    "mixed": "Olika för olika skolor",
}

SCHOOL_STAFF: Mapping[str, str] = {
    "staff_counsellor": "Skolkurator",
    "staff_special_teacher": "Specialpedagog",
    "staff_teacher": "Lärare",
    "staff_school_other": "Annan skolpersonal",
}
SOCIAL_STAFF: Mapping[str, str] = {
    "staff_social_worker": "Socialsekreterare",
    "staff_treatment": "Behandlare",
    "staff_field": "Fältassistent",
    "staff_social_other": "Annan personal från socialtjänsten",
}
OTHER_STAFF: Mapping[str, str] = {
    "staff_coordinator": "Samordnare",
    "staff_police": "Polis",
    "staff_leisure": "Fritidsledare",
    "staff_health": "Hälso- och sjukvårdspersonal",
}
STAFF: Mapping[str, str] = {**SCHOOL_STAFF, **SOCIAL_STAFF, **OTHER_STAFF}
"""Columns of the register with full-time posts per profession."""

LISTS: Mapping[str, Mapping[str, str]] = {
    "target_groups": TARGET_GROUPS,
    "ways_in": WAYS_IN,
    "ways_of_working": WAYS_OF_WORKING,
    "goals": GOALS,
    "success_factors": SUCCESS_FACTORS,
    "challenges": CHALLENGES,
    "competences": COMPETENCES,
    "competences_needed": COMPETENCES,
    "funding": FUNDING,
}
"""Columns that hold several words, and the regional list of each."""

ASKED = (
    "goals",
    "target_groups",
    "success_factors",
    "challenges",
    "competences",
    "competences_needed",
    "planned_posts",
    "filled_posts",
)
"""Columns of the register that the mapping asks school and social services about, each by itself."""
ASKED_LISTS = tuple(name for name in ASKED if name in LISTS)
SCALES: Mapping[str, str] = {
    "scale_goals": "Vi har gemensamma mål",
    "scale_roles": "Roller och ansvar är tydliga",
    "scale_time": "Det finns tid för samverkan",
    "scale_information": "Vi får den information vi behöver av varandra",
    "scale_reach": "Vi når dem som modellen är till för",
    "scale_leadership": "Ledningarna ger samverkan stöd",
}
"""Statements that are answered from 1 (not at all) to 5 (wholly)."""
SIDES: Mapping[str, str] = {"school": "Skolan", "social_services": "Socialtjänsten"}


def parts(cell: object) -> list[str]:
    """The words of a cell, each once, as written: they are separated by an upright line."""
    words = (each.strip() for each in str(cell or "").split(SEPARATOR))
    return list(dict.fromkeys(each for each in words if each))


def codes(cell: object, known: Mapping[str, str]) -> str:
    """The cell's words as codes of the list, words of nobody's list as written; in the list's order, own words last."""
    by_title = {title.casefold(): code for code, title in known.items()}
    found = {by_title.get(word.casefold(), word) for word in parts(cell)}
    ranked = [code for code in known if code in found] + sorted(found - set(known))
    return SEPARATOR.join(ranked)


def titles(cell: object, known: Mapping[str, str]) -> list[str]:
    """What a cell's codes are called; own words as they are."""
    return [known.get(word, word) for word in parts(cell)]


def spoken(words: Iterable[str]) -> list[str]:
    """Words as they stand inside a sentence: a small first letter, but for abbreviations."""
    return [each if each[1:2].isupper() else each[:1].lower() + each[1:] for each in words]
