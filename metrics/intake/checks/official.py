"""Checks of official exports: what their reader could not make sense of."""

from __future__ import annotations

import json

from metrics.declare import Severity
from metrics.intake.checks.declared import Check, Sample

PREAMBLE = """Statistik från Skolverket, https://www.skolverket.se

Grundskola - Behörighet till gymnasieskolan
{year}

"""
HEADER = "Kommun;Kommun-kod;Län;Läns-kod;{provider}Kön;Antal elever;Andel (%) elever behöriga till yrkesprog.;{more}"
ROWS = """
Ale;1440;Västra Götalands län;14;{kind}Flickor;214;83,2;{cells}
Ale;1440;Västra Götalands län;14;{kind}Pojkar;220;80,0;{cells}
Ale;1440;Västra Götalands län;14;{kind}Samtliga;434;81,6;{cells}
"""
FOOTER = "\nRapportbeskrivning och definitioner etc.\n  \nAntal elever;Antal elever som har avslutat årskurs 9.;\n"


def export(
    *, year: str = "Valt läsår: 2024/25", provider: bool = True, more: str = "", cells: str = "", end: str = ""
) -> bytes:
    """A small export in the shape of the real ones."""
    header = HEADER.format(provider="Typ av huvudman;" if provider else "", more=more)
    rows = ROWS.format(kind="Samtliga;" if provider else "", cells=cells).lstrip("\n")
    return f"\ufeff{PREAMBLE.format(year=year)}{header}\n{rows}{end}{FOOTER}".encode()


def _kolada(code: str) -> bytes:
    values = [{"gender": "T", "value": 81.6, "status": ""}]
    records = [{"kpi": "N15424", "municipality": each, "period": 2025, "values": values} for each in (code, "1440")]
    return json.dumps({"values": records}).encode()


def _check(code: str, sentence: str, advice: str, bad: Sample, severity: Severity = "error") -> Check:
    return Check(
        code=code,
        stage="rows",
        severity=severity,
        sentence=sentence,
        advice=advice,
        good=Sample(extract="official_statistics", raw=export),
        bad=bad,
    )


def _bad(**changes: object) -> Sample:
    return Sample(extract="official_statistics", raw=lambda: export(**changes))  # type: ignore[arg-type]


_AGAIN = "Hämta filen på nytt från källan och lämna in den utan att ändra i den."

OFFICIAL_CHECKS: tuple[Check, ...] = (
    _check(
        "official_level",
        "Tabellen gäller inte kommuner utan en annan nivå, till exempel skolor eller län.",
        "Hämta tabellen på kommunnivå.",
        Sample(
            extract="official_statistics",
            raw=lambda: (
                b"Statistik fr\xc3\xa5n Skolverket\n\nTabell\n\nSkola;Skolenhetskod;Kommun;Antal\nA;10000001;Ale;3\n"
            ),
        ),
    ),
    _check(
        "official_no_title",
        "Tabellens rubrik saknas ovanför kolumnerna.",
        _AGAIN,
        Sample(
            extract="official_statistics",
            raw=lambda: export().replace(b"Grundskola - Beh\xc3\xb6righet till gymnasieskolan", b""),
        ),
    ),
    _check(
        "official_no_year",
        "Det framgår inte vilket läsår siffrorna gäller.",
        'Hämta filen på nytt; raden "Valt läsår" ska stå ovanför tabellen.',
        _bad(year=""),
    ),
    _check(
        "official_calendar_year",
        "Tabellen anger ett kalenderår. Det räknas som läsåret som slutar det året.",
        "Inget behöver göras om det gäller avslutade läsår.",
        _bad(year="Valt år: 2025"),
        severity="info",
    ),
    _check(
        "official_no_provider",
        "Det framgår inte vilka huvudmän siffrorna gäller. De räknas som alla huvudmän.",
        "Skriv som skäl hur du vet att det är alla huvudmän, eller hämta tabellen med Typ av huvudman.",
        _bad(provider=False),
        severity="warning",
    ),
    _check(
        "official_other_provider",
        "Rader för andra huvudmän än kommunala och enskilda (till exempel statliga) läses inte.",
        "Inget behöver göras; de ingår i Samtliga.",
        _bad(end="Ale;1440;Västra Götalands län;14;Statlig;Samtliga;12;50,0;\n"),
        severity="info",
    ),
    _check(
        "official_nation",
        "Rader för riket, län eller regioner läses inte; här lagras kommunernas värden.",
        "Inget behöver göras.",
        Sample(extract="official_statistics", raw=lambda: _kolada("0000"), name="fil.json"),
        severity="info",
    ),
    _check(
        "official_row_broken",
        "En rad har siffror men fel bredd, fel kommunkod eller okänt kön.",
        _AGAIN,
        _bad(end="Ale;144;0;Västra Götalands län;14;Samtliga;Flickor;214;83,2;81,0;\n"),
    ),
    _check(
        "official_mark_unknown",
        "En cell har varken ett tal eller ett av källans tecken (.. . * ~100). Värdet räknas som saknat.",
        "Kontrollera cellen mot källan. Är filen oförändrad: skriv det som skäl.",
        _bad(
            more="Andel (%) elever med slutbetyg;", cells="81,6;", end="Ale;1440;V;14;Kommunal;Samtliga;9;8l,6;80,0;\n"
        ),
        severity="warning",
    ),
    _check(
        "official_same_heading",
        "Två kolumner har samma rubrik. De hålls isär med nummer efter ordningen i filen.",
        "Kontrollera mot källan vilken som är vilken, och skriv det som skäl.",
        _bad(more="Andel elever;Andel elever ;", cells="1,0;2,0;"),
        severity="warning",
    ),
)
