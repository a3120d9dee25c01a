"""Checks of single cells: numbers, dates, codes and school years that cannot be read, and why."""

from __future__ import annotations

from metrics.declare import Severity
from metrics.intake.checks.declared import Check, Sample

_REGISTER = "collaboration_register"


def _cell(
    code: str, sentence: str, advice: str, *, extract: str = "year9_grades", severity: Severity = "error", **cells: str
) -> Check:
    return Check(
        code=code,
        stage="cells",
        severity=severity,
        sentence=sentence,
        advice=advice,
        good=Sample(extract=extract),
        bad=Sample(extract=extract, cells=cells),
    )


CELL_CHECKS: tuple[Check, ...] = (
    _cell("cell_empty", "Uppgiften saknas på några rader.", "Fyll i den, eller ta bort raderna.", school_year=""),
    _cell(
        "cell_spreadsheet_error",
        "Kalkylbladet visar ett fel (till exempel #SAKNAS! eller ####) i stället för ett värde.",
        "Rätta formeln i kalkylbladet och spara om.",
        birth_year="#REF!",
    ),
    _cell(
        "cell_formula",
        "En cell innehåller en formel i stället för ett värde.",
        "Klistra in som värden i kalkylbladet och spara om.",
        extract=_REGISTER,
        source="=1+1",
    ),
    _cell(
        "cell_placeholder",
        "Ett ord som NULL, saknas eller okänd står där ett värde väntas.",
        "Lämna cellen tom när uppgiften saknas.",
        birth_year="NULL",
    ),
    _cell(
        "text_too_long",
        "En text är längre än {longest} tecken.",
        "Korta texten. Långa beskrivningar hör inte hemma i uttaget.",
        extract=_REGISTER,
        source="lång text " * 30,
    ),
    _cell(
        "pseudonym_missing",
        "Pseudonymen är noll eller ett ord som betyder att den saknas.",
        "Ta bort raderna, eller gör om pseudonymiseringen.",
        pupil="NULL",
    ),
    _cell(
        "pseudonym_shape",
        "Pseudonymen är längre än 128 tecken eller har tecken som inte går att skriva.",
        "Gör om pseudonymiseringen (samsyn pseudonymise).",
        pupil="x" * 129,
    ),
    _cell(
        "pseudonym_mangled",
        "Pseudonymen har gjorts om till ett tal med E+, så att flera elever kan ha fått samma.",
        "Formatera kolumnen som text i Excel innan data klistras in, eller gör uttaget som CSV.",
        pupil="4,51E+15",
    ),
    _cell(
        "code_unknown",
        "Ett värde finns inte bland dem som går att använda: {allowed}.",
        "Rätta värdet i källan eller i uttaget.",
        sex="annat",
    ),
    _cell("not_integer", "Ett heltal väntas.", "Skriv bara siffror, utan text och enheter.", birth_year="nitton"),
    _cell(
        "number_scientific",
        "Ett tal är skrivet med E+ och har tappat siffror.",
        "Formatera kolumnen som tal utan decimaler i Excel och spara om.",
        birth_year="2,0E+03",
    ),
    _cell(
        "number_ambiguous",
        "Ett tal kan läsas på två sätt: punkten eller kommat kan stå för decimal eller för tusental.",
        "Skriv decimaler med komma och tusental med mellanslag eller inget alls.",
        extract=_REGISTER,
        planned_posts="1.250",
    ),
    _cell(
        "number_too_large",
        "Ett tal har fler siffror än vad som är rimligt.",
        "Kontrollera att rätt uppgift står i kolumnen.",
        birth_year="2009200920092009200",
    ),
    _cell(
        "not_decimal",
        "Ett tal väntas.",
        "Skriv talet med decimalkomma, utan text och enheter.",
        extract=_REGISTER,
        planned_posts="två",
    ),
    _cell(
        "out_of_range",
        "Ett tal ligger utanför det möjliga ({low} till {high}).",
        "Kontrollera uppgiften i källan.",
        birth_year="1909",
    ),
    _cell(
        "not_date",
        "Ett datum väntas.",
        "Skriv datum som 2025-08-17.",
        extract=_REGISTER,
        started="hösten",
    ),
    _cell(
        "date_ambiguous",
        "Ett datum kan läsas på flera sätt, eller har bara två siffror i årtalet.",
        "Skriv datum som 2025-08-17.",
        extract=_REGISTER,
        started="8/9/2023",
    ),
    _cell(
        "date_serial",
        "Ett datum har blivit ett löpnummer (som 45000), vilket Excel gör när cellen inte är ett datum.",
        "Formatera kolumnen som datum i Excel och spara om.",
        extract=_REGISTER,
        started="45153",
    ),
    _cell(
        "date_impossible",
        "Ett datum finns inte i kalendern.",
        "Kontrollera uppgiften i källan.",
        extract=_REGISTER,
        started="2023-02-30",
    ),
    _cell(
        "date_out_of_range",
        "Ett datum ligger utanför det möjliga ({low} till {high}).",
        "Kontrollera uppgiften i källan.",
        extract=_REGISTER,
        started="1823-08-15",
    ),
    _cell(
        "not_flag",
        "Ja eller nej väntas.",
        "Skriv ja, nej eller lämna tomt om uppgiften är okänd.",
        newly_arrived="kanske",
    ),
    _cell(
        "not_school_year",
        "Ett läsår väntas.",
        "Skriv läsåret som 2024/25, där det andra året följer på det första.",
        school_year="2024/26",
    ),
    _cell(
        "school_year_alone",
        "Ett ensamt årtal eller en termin står där ett läsår väntas, så det går inte att veta vilket läsår som avses.",
        "Skriv läsåret som 2024/25.",
        school_year="2024",
    ),
    _cell(
        "school_year_impossible",
        "Läsåret har inte varit än, eller ligger orimligt långt tillbaka.",
        "Kontrollera läsåret.",
        school_year="2098/99",
    ),
    _cell(
        "not_municipality",
        "En kommunkod med fyra siffror väntas.",
        "Skriv kommunkoden, till exempel 1480.",
        home_municipality="Storstaden",
    ),
    _cell(
        "municipality_unknown",
        "Kommunkoden finns inte.",
        "Kontrollera koden; den ska vara SCB:s fyrsiffriga kommunkod.",
        home_municipality="1410",
    ),
    _cell(
        "not_school_unit",
        "En skolenhetskod med åtta siffror väntas.",
        "Hämta koden ur Skolenhetsregistret. Skolans namn går inte att använda.",
        school_unit="Exempelskolan",
    ),
)
