"""What others have found about each kind of model: said neutrally, with effect size, limits and source.

Only what could be read in the source, or in its own summary, on the day in SEARCHED; a figure that could not is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SEARCHED = "2026-11-26"
NOT_COMPARED = f"För just den här modellen är ingen utvärdering med jämförelsegrupp funnen (sökt {SEARCHED})."


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One finding in Swedish, and where it is written. compared: about this kind of model, with a comparison group."""

    says: str
    source: str
    compared: bool = False


ATTENDANCE = Evidence(
    says=(
        "En översikt samlade 28 studier i USA, Kanada, Storbritannien och Australien om insatser för elever med mycket ogiltig "
        "frånvaro. Den fann i medeltal 4,7 fler dagars närvaro per elev när insatsen slutade. Insatser där flera verksamheter "
        "samarbetade gav inte mer än andra. Studierna var ofta små och skilde sig mycket åt, och vad som hände senare mättes "
        "inte."
    ),
    source="Maynard m.fl. 2012, Campbell Systematic Reviews 2012:10",
)
EVIDENCE: Mapping[str, tuple[Evidence, ...]] = {
    "school_social_team": (ATTENDANCE,),
    "sspf": (
        Evidence(
            says=(
                "Tillräcklig tid för samordnaren är den viktigaste framgångsfaktorn; den varierade från 10 till 200 procent."
            ),
            source="FoU i Väst/GR, rapport 2:2015, om SSPF i Göteborg och Mölndal",
        ),
        Evidence(
            says=(
                "I England jämfördes 15 skolor som fått en polis på skolan med 15 liknande skolor, före och efter. Skolket "
                "och elevernas utsatthet för brott minskade; uppgifterna om brott i skolan var svaga. Modellen är en annan "
                "än SSPF."
            ),
            source="Youth Justice Board 2005, Safer School Partnerships (läst i sammanfattning)",
        ),
    ),
    "social_worker_in_school": (
        Evidence(
            says=(
                "Ett lottat försök med 268 skolor och omkring 280 000 elever i England prövade en socialsekreterare på "
                "skolan. Det fann ingen nytta, varken för närvaro, skolresultat eller behov av socialtjänst. Utredningar om "
                "skydd av barn blev 5,5 procent fler (95 procents säkerhet: 4,5 procent färre till 16,6 procent fler). "
                "Skolor och elever uppskattade arbetet. Uppdraget och lagarna är andra än i Sverige."
            ),
            source=(
                "SWIS-försöket, What Works for Early Intervention and Children's Social Care 2023; uppföljningen läst i "
                "sammanfattning, konferensen SSWR 2025"
            ),
            compared=True,
        ),
    ),
    "attendance_team": (ATTENDANCE,),
    "early_coordination": (
        Evidence(
            says=(
                "I Borås prövades tidiga insatser mot frånvaro i årskurs 1–3 vid sex skolor, med tre skolor som jämförelse. "
                "Vad jämförelsen visade har inte kunnat kontrolleras här."
            ),
            source="Lundberg Rodin och Jutengren 2018, FoU Sjuhärad Välfärd, rapport 38",
            compared=True,
        ),
        Evidence(
            says=(
                "En översikt av 33 studier av samarbete mellan verksamheter kring barns psykiska hälsa fann blandade "
                "resultat. I en del studier nådde stödet fler, i andra blev det sämre. Både personal och familjer såg "
                "samarbetet som till hjälp."
            ),
            source="Cooper, Evans och Pybis 2016, Child: Care, Health and Development",
        ),
    ),
    "coordinated_plan": (
        Evidence(
            says=(
                "En översikt samlade 17 studier i USA av samordnat stöd till barn med allvarlig psykisk ohälsa. Den fann att "
                "det gick bättre i skolan (standardiserad effekt 0,40; 95 procents säkerhet 0,11 till 0,69). Många av studierna hade "
                "svag metod, och stödet var mer omfattande än en samordnad individuell plan."
            ),
            source="Olson m.fl. 2021, Journal of the American Academy of Child & Adolescent Psychiatry 60:1353",
        ),
    ),
    "resource_centre": (
        Evidence(
            says=(
                "En översikt jämförde elever i behov av särskilt stöd i vanlig klass med elever i särskilda grupper eller "
                "skolor. I medeltal syntes ingen säker skillnad i kunskaper eller mående; i enskilda studier var "
                "skillnaderna stora åt båda hållen. Den gällde inte undervisning en kortare tid med plan för återgång."
            ),
            source="Dalgaard m.fl. 2022, Campbell Systematic Reviews 18:e1291",
        ),
    ),
    "family_centre": (
        Evidence(
            says=(
                "Av 16 studier om familjecentraler var en kvantitativ, och ingen undersökte barnen själva. Vårdnadshavare "
                "beskrev dem som trygga och som ett stöd."
            ),
            source="Folkhälsomyndigheten 2024, artikelnummer 24026",
        ),
        Evidence(
            says=(
                "För sociala insatsgrupper finns en jämförelse av 34 ungdomar med andra ungdomar i 24 kommuner. Vad den "
                "visade har inte kunnat kontrolleras här."
            ),
            source="Socialstyrelsen 2017, Utvärdering av sociala insatsgrupper – effekter för individen",
            compared=True,
        ),
    ),
}


def lines(model: str) -> list[str]:
    """What others have found of a model type, each with its source, and that nobody compared it where that is so."""
    found = EVIDENCE.get(model, ())
    said = [f"{each.says} Källa: {each.source}." for each in found]
    return said if not found or any(each.compared for each in found) else [*said, NOT_COMPARED]
