"""The model types: what each kind of collaboration is. Expected results are declared before anything is evaluated."""

from __future__ import annotations

from metrics.declare import ModelType
from metrics.models.expected import EXPECTED_RESULTS

MODEL_TYPES: tuple[ModelType, ...] = tuple(
    ModelType(
        name=name,
        title=title,
        description=description,
        expected_results=EXPECTED_RESULTS.get(name, ()),
        comparison=name == "pupil_health_only",
    )
    for name, title, description in (
        (
            "school_social_team",
            "Skolsocialt team",
            "Personal från skola och socialtjänst arbetar tillsammans i ett team på eller nära skolan.",
        ),
        (
            "sspf",
            "SSPF",
            "Skola, socialtjänst, polis och fritid samordnar stödet till unga som riskerar brott eller missbruk.",
        ),
        (
            "social_worker_in_school",
            "Socialsekreterare i skolan",
            "Socialsekreterare eller socialarbetare har sin plats på skolan en bestämd del av veckan.",
        ),
        (
            "attendance_team",
            "Närvaroteam",
            "Ett team som utreder och bryter frånvaro tillsammans med elev, hem och skola.",
        ),
        (
            "early_coordination",
            "TSI",
            "Tidiga och samordnade insatser: verksamheterna agerar tidigt och samordnat kring barn i förskola och skola.",
        ),
        (
            "coordinated_plan",
            "Västbus och SIP",
            "Gemensam planering enligt regionens överenskommelse, ofta med samordnad individuell plan.",
        ),
        (
            "resource_centre",
            "Resurscentrum",
            "Undervisning i mindre sammanhang under en tid, med stöd av båda verksamheterna och en plan för återgång.",
        ),
        (
            "family_centre",
            "Familjecentral, fältare eller social insatsgrupp",
            "Öppet eller uppsökande arbete nära barn, unga och familjer, i samarbete med skolan.",
        ),
        (
            "pupil_health_only",
            "Endast elevhälsa",
            "Skolans egen elevhälsa utan organiserad samverkan; används som jämförelse.",
        ),
    )
)
