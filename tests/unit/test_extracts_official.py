"""Official exports: every shape they come in gives the same rows, and the real files give the published values."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from metrics import catalogue, engine
from metrics.extracts.official_statistics import indicator_names, indicator_of
from metrics.intake import Staged, stage

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "skolverket"
needs_real_files = pytest.mark.skipif(not REAL.exists(), reason="the real exports are not beside the checkout")

PREAMBLE = """Statistik från Skolverket, https://www.skolverket.se

Grundskola - Behörighet till gymnasieskolan
Valt läsår: 2024/25

Noter; med semikolon i
"""
HEADER = "Kommun;Kommun-kod;Län;Läns-kod;Typ av huvudman;Kön;Antal elever;Andel (%) elever behöriga till yrkesprog.;"
BODY = """Göteborg;1480;Västra Götalands län;14;Samtliga;Samtliga;6 001;82,8;
Lilla Edet;1462;Västra Götalands län;14;Samtliga;Samtliga;141;72,3;
Alvesta;0764;Kronobergs län;07;Samtliga;Flickor;123;80,5;
Ale;1440;Västra Götalands län;14;Enskild;Samtliga;25;~100;
Alingsås;1489;Västra Götalands län;14;Enskild;Flickor;59;..;
Övertorneå;2518;Norrbottens län;25;Enskild;Flickor;..;.;
Öckerö;1407;Västra Götalands län;14;Enskild;Samtliga;*;*;
"""
FOOTER = """
Rapportbeskrivning och definitioner etc.

Antal elever;Antal elever som har avslutat årskurs 9, till exempel 1 234.;
Andel (%) elever behöriga till yrkesprog.;Minst godkänt i åtta ämnen.;
 "citat" som inte stängs
"""


def load(data: bytes, name: str = "fil.csv") -> Staged:
    """The staged file; it must be accepted."""
    staged = stage(data, name=name)
    assert not staged.findings.refused, [(finding.code, finding.where) for finding in staged.findings]
    assert staged.extract is not None
    assert staged.extract.name == "official_statistics"
    return staged


def table(staged: Staged) -> pd.DataFrame:
    return engine.frame(staged.connection, "SELECT * FROM staged ORDER BY row_number, measure, school_year")


def figure(staged: Staged, measure: str, **where: str) -> tuple[object, ...]:
    """value, status, mark, low, high, pupils of the one row that fits."""
    conditions = " AND ".join(f"{name} = ?" for name in ("measure", *where))
    sql = f"SELECT value, status, mark, low, high, pupils FROM staged WHERE {conditions}"
    [row] = engine.rows(staged.connection, sql, [measure, *where.values()])
    return row


YRK = "Andel (%) elever behöriga till yrkesprog."


@pytest.mark.parametrize(
    "data",
    [
        ("\ufeff" + PREAMBLE + HEADER + "\n" + BODY + FOOTER).encode(),
        (PREAMBLE + HEADER + "\n" + BODY + FOOTER).encode(),
        (PREAMBLE + HEADER + "\n" + BODY + FOOTER).replace("\n", "\r\n").encode("cp1252"),
        (PREAMBLE + HEADER + "\n" + BODY + FOOTER).encode("utf-16"),
        (PREAMBLE + HEADER.rstrip(";") + "\n" + BODY.replace(";\n", "\n") + FOOTER).encode(),
        (PREAMBLE + HEADER + "\n" + BODY.replace("6 001", "6001") + FOOTER * 20).encode(),
        (PREAMBLE + HEADER + "\n" + BODY.replace("6 001", "6\u00a0001")).encode(),
        (PREAMBLE + HEADER.replace("Kommun-kod", "Kommunkod") + "\n" + BODY + FOOTER).encode(),
        (PREAMBLE.replace("2024/25", "2024/2025") + HEADER + "\n" + BODY + FOOTER).encode(),
        (PREAMBLE + "\n\n\n" + HEADER + "\n" + BODY + FOOTER).encode(),
    ],
    ids=[
        "bom",
        "plain",
        "cp1252 crlf",
        "utf-16",
        "no trailing",
        "no blank",
        "hard blank",
        "code",
        "long year",
        "lower",
    ],
)
def test_every_writing_of_an_export_gives_the_same_rows(data: bytes) -> None:
    staged = load(data)

    assert staged.row_count == 14
    assert staged.coverage.periods == ("2024/25",)
    assert staged.coverage.providers == ("all", "independent")
    assert staged.coverage.tables == ("Grundskola - Behörighet till gymnasieskolan",)
    assert figure(staged, "Antal elever", municipality="1480") == (6001, "shown", None, None, None, 6001)
    assert figure(staged, YRK, municipality="1462") == (72.3, "shown", None, None, None, 141)
    assert figure(staged, YRK, municipality="0764", sex="girls") == (80.5, "shown", None, None, None, 123)
    low, high = 100 * (25 - 4) / 25, 100 * (25 - 1) / 25
    assert figure(staged, YRK, municipality="1440") == (None, "shown", "~100", low, high, 25)
    assert figure(staged, YRK, municipality="1489") == (None, "hidden", "..", None, None, 59)
    assert figure(staged, YRK, municipality="2518") == (None, "missing", ".", None, None, None)
    assert figure(staged, YRK, municipality="1407") == (None, "not_applicable", "*", None, None, None)


def test_a_line_of_group_headings_that_repeat_becomes_part_of_the_measure() -> None:
    groups = ";;;;;;Svenska;Svenska;Matematik;Matematik;"
    header = (
        "Kommun;Kommun-kod;Län;Läns-kod;Typ av huvudman;Kön;Antal elever;Andel (%) A-E;Antal elever ;Andel (%) A-E ;"
    )
    row = "Ale;1440;Västra Götalands län;14;Samtliga;Samtliga;434;91,2;430;88,0;"
    staged = load(f"{PREAMBLE}{groups}\n{header}\n{row}\n{FOOTER}".encode())

    assert figure(staged, "Svenska: Andel (%) A-E")[0] == 91.2
    assert figure(staged, "Matematik: Andel (%) A-E")[0] == 88.0
    assert figure(staged, "Matematik: Antal elever")[0] == 430
    assert staged.row_count == 4


def test_groups_that_are_years_sexes_or_providers_become_those() -> None:
    groups = ";;;;Flickor;Flickor;Pojkar;Pojkar;Samtliga;Samtliga"
    header = "Kommun;Kommunkod;Län;Typ av huvudman;2024/25;2023/24;2024/25;2023/24;2024/25;2023/24"
    row = "Ale;1440;Västra Götalands län;Kommunal;10;11;12;13;22;24"
    staged = load(f"Statistik från Skolverket\n\nAntal elever i tabell\n\n{groups}\n{header}\n{row}\n".encode())

    rows = table(staged)[["sex", "school_year", "value", "provider", "measure"]]
    assert sorted(map(tuple, rows.to_numpy().tolist())) == sorted(
        (sex, year, value, "municipal", "Antal elever i tabell")
        for sex, year, value in (
            ("girls", "2024/25", 10.0),
            ("girls", "2023/24", 11.0),
            ("boys", "2024/25", 12.0),
            ("boys", "2023/24", 13.0),
            ("all", "2024/25", 22.0),
            ("all", "2023/24", 24.0),
        )
    )


def test_a_table_by_subject_keeps_the_subject_as_breakdown() -> None:
    header = "Kommun;Kommunkod;Län;Länskod;Huvudman;Kön;Ämne;Antal elever;Genomsnittlig betygspoäng;"
    rows = "\n".join(
        f"Ale;1440;Län;14;Kommunal;Flickor;{each};200;13,{place};" for place, each in enumerate(("BL", "EN"))
    )
    staged = load(f"{PREAMBLE}{header}\n{rows}\n{FOOTER}".encode())

    assert figure(staged, "Genomsnittlig betygspoäng", breakdown="Ämne: EN")[0] == 13.1
    assert staged.row_count == 4


def workbook(sheets: dict[str, list[list[object]]], merge: bool = False) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if merge:
                sheet.merge_range(5, 4, 5, 5, "Svenska")
                sheet.merge_range(5, 6, 5, 7, "Engelska")
    return file.getvalue()


def _sheet(provider: str) -> list[list[object]]:
    return [
        [],
        [],
        ["Grundskola - Jämförelse av betygsresultat över tid"],
        [f"Typ av huvudman: {provider}"],
        ["Valt läsår: 2024/25"],
        [],
        [],
        ["Kommun", "Kommunkod", "Län", "Länskod", "Uppgift", "2024/25", "2023/24"],
        ["Ale", "1440", "Västra Götalands län", "14", "Totalt antal elever årskurs 9", 25, 48],
        ["Ale", "1440", "Västra Götalands län", "14", "Andel (%) behöriga till yrkesprogram", "~100", 100],
        ["Ale", "1440", "Västra Götalands län", "14", "Genomsnittligt meritvärde (17 ämnen)", 237.7, ".."],
    ]


def test_a_workbook_by_item_has_one_year_per_column_and_one_provider_per_sheet() -> None:
    book = workbook(
        {"Samtliga": _sheet("Samtliga"), "Enskild": _sheet("Enskild"), "Definitioner": [["* Totalt antal"]]}
    )
    staged = load(book, "fil.xlsx")

    assert staged.row_count == 12
    assert staged.coverage.periods == ("2023/24", "2024/25")
    measure = "Andel (%) behöriga till yrkesprogram"
    year = {"school_year": "2024/25", "provider": "independent"}
    assert figure(staged, measure, **year) == (None, "shown", "~100", 84, 96, 25)
    assert figure(staged, "Genomsnittligt meritvärde (17 ämnen)", **year)[0] == 237.7
    assert figure(staged, measure, school_year="2023/24", provider="all")[0] == 100


def test_a_workbook_with_merged_group_headings_and_names_that_repeat() -> None:
    rows: list[list[object]] = [
        [],
        [],
        ["Grundskola - Betyg i ämnen"],
        ["Valt läsår: 2024/25"],
        [],
        [],
        ["Kommun", "Kommunkod", "Län", "Typ av huvudman", "Antal", "Andel (%)", "Antal ", "Andel (%) "],
        ["Ale", "1440", "Västra Götalands län", "Samtliga", 434, 91.2, 430, 88],
    ]
    staged = load(workbook({"Tabell": rows}, merge=True), "fil.xlsx")

    assert figure(staged, "Svenska: Andel (%)")[0] == 91.2
    assert figure(staged, "Engelska: Andel (%)")[0] == 88
    assert figure(staged, "Engelska: Antal")[0] == 430


def test_a_table_for_a_lone_year_is_the_school_year_that_ends_then() -> None:
    staged = load((PREAMBLE.replace("Valt läsår: 2024/25", "Valt år: 2025") + HEADER + "\n" + BODY).encode())

    assert staged.coverage.periods == ("2024/25",)
    assert "official_calendar_year" in staged.findings.codes


def test_an_api_answer_keeps_the_kind_of_each_value() -> None:
    kinds = [
        ("83,6", "EXISTS", "2024/25"),
        ("..", "OMITTED_DUE_TO_BASED_ON_FEW_PUPILS", "2023/24"),
        (".", "MISSING", "2022/23"),
        ("~100", "ROUNDED_OFF_DUE_TO_FEW_PUPILS_NOT_ELIGIBLE", "2021/22"),
    ]
    figures = [{"value": value, "valueType": kind, "timePeriod": year} for value, kind, year in kinds]
    body = {"schoolUnit": "20361674", "docLinks": None, "ratioOfPupils9thGradeEligibleForNationalProgramYR": figures}
    staged = load(json.dumps({"json": {"status": "OK", "body": body}}).encode(), "svar.json")

    found = table(staged)[["school_unit", "school_year", "value", "status", "mark"]].astype(object)
    assert found.where(found.notna(), None).to_numpy().tolist() == [
        ["20361674", "2024/25", 83.6, "shown", None],
        ["20361674", "2023/24", None, "hidden", ".."],
        ["20361674", "2022/23", None, "missing", "."],
        ["20361674", "2021/22", None, "shown", "~100"],
    ]


def test_a_kolada_answer_is_read_by_sex_and_school_year() -> None:
    values = [{"gender": "T", "value": 82.80456, "status": ""}, {"gender": "K", "value": None, "status": "Missing"}]
    answer = {"count": 1, "values": [{"kpi": "N15424", "municipality": "1480", "period": 2025, "values": values}]}
    staged = load(json.dumps(answer).encode(), "kolada.json")

    assert figure(staged, "N15424", sex="all", school_year="2024/25")[:2] == (82.80456, "shown")
    assert figure(staged, "N15424", sex="girls")[:2] == (None, "missing")


def test_a_cell_that_is_no_number_is_never_taken_in_silence() -> None:
    for cell in ("8l,6", "81,6,2", "81.623", "n/a", "81,6 %"):
        staged = stage((PREAMBLE + HEADER + "\n" + BODY.replace("72,3", cell)).encode())
        assert "official_mark_unknown" in staged.findings.codes, cell


def test_a_share_above_hundred_is_refused() -> None:
    staged = stage((PREAMBLE + HEADER + "\n" + BODY.replace("72,3", "723")).encode())

    assert "official_share_outside" in staged.findings.codes
    assert staged.findings.refused
    assert engine.rows(staged.connection, "SELECT count(*) FROM staged") == [(0,)]


def test_girls_and_boys_that_do_not_add_up_need_a_reason() -> None:
    rows = "".join(
        f"Ale;1440;Län;14;Samtliga;{sex};{n};80,0;\n"
        for sex, n in (("Flickor", 214), ("Pojkar", 220), ("Samtliga", 500))
    )
    staged = stage((PREAMBLE + HEADER + "\n" + rows).encode())

    assert [finding.code for finding in staged.findings.acknowledgeable] == ["official_parts_exceed_total"]


def test_every_printing_of_a_heading_finds_its_indicator() -> None:
    names = indicator_names(catalogue.default().indicators.values())
    expected = {
        "Andel (%) elever behöriga till yrkesprog.": "eligibility_vocational",
        "Andel (%) behöriga till yrkesprogram": "eligibility_vocational",
        "Andel elever (%) behöriga till estetiskt program": "eligibility_arts",
        "Andel elever (%) behöriga till Ekonomi-, humanistiska och samhällsvetenskaps- program": (
            "eligibility_social_sciences"
        ),
        "Andel elever (%) behöriga till Naturvetenskapligt och tekniskt program": "eligibility_science_technology",
        "Andel (%) som fått godkänt betyg i alla ämnen": "all_subjects_passed",
        "Genomsnittligt meritvärde (16 ämnen)": "merit_value_16",
        "Genomsnittligt meritvärde (17 ämnen)": "merit_value_17",
        "ratioOfPupils9thGradeEligibleForNationalProgramNATE": "eligibility_science_technology",
    }
    assert {heading: indicator_of(heading, names) for heading in expected} == expected
    assert indicator_of("- andel (%) flickor", names) is None


MEMBERS_2025 = {
    "1440": 81.6,
    "1489": 81.4,
    "1480": 82.8,
    "1401": 88.7,
    "1384": 87.8,
    "1482": 84.2,
    "1441": 86.6,
    "1462": 72.3,
    "1481": 85.2,
    "1402": 85.8,
    "1415": 87.3,
    "1419": 86.1,
    "1407": 90.3,
}
"""Published shares eligible for vocational programmes 2024/25 (Skolverket, all providers, by the school's place)."""

NATION = {
    "2024/25": 84.12,
    "2023/24": 83.75,
    "2022/23": 85.18,
    "2021/22": 84.99,
    "2020/21": 86.20,
    "2019/20": 85.63,
    "2018/19": 84.32,
    "2017/18": 84.44,
    "2016/17": 82.55,
    "2015/16": 83.08,
}
"""Weighted sums of the 290 municipalities, `~100` as n - 2; each within 0.06 of the nation's published value."""


@needs_real_files
def test_the_real_csv_gives_the_members_published_values() -> None:
    [path] = REAL.glob("*.csv")
    staged = load(path.read_bytes(), path.name)

    # 2,139 data rows with five figures each; the 66 lines of footer are none of them.
    assert staged.row_count == 2139 * 5
    sql = "SELECT municipality, value FROM staged WHERE measure = ? AND provider = 'all' AND sex = 'all'"
    found = dict(engine.rows(staged.connection, sql, [YRK]))
    assert {code: found[code] for code in MEMBERS_2025} == MEMBERS_2025
    assert len(found) == 290
    statuses = dict(engine.rows(staged.connection, "SELECT mark, count(*) FROM staged GROUP BY mark"))
    assert statuses == {None: 9397, "~100": 899, "..": 371, ".": 28}


@needs_real_files
def test_the_real_workbook_gives_ten_years_and_the_nation() -> None:
    [path] = REAL.glob("*.xlsx")
    staged = load(path.read_bytes(), path.name)

    assert staged.row_count == (2610 + 2610 + 1251) * 10
    sql = """
    SELECT
        school_year,
        100 * sum(CASE WHEN mark = '~100' THEN pupils - 2 ELSE pupils * value / 100 END) / sum(pupils) AS share
    FROM staged
    WHERE measure = 'Andel (%) behöriga till yrkesprogram'
        AND provider = 'all'
        AND (value IS NOT NULL OR mark = '~100')
    GROUP BY school_year
    """
    assert dict(engine.rows(staged.connection, sql)) == pytest.approx(NATION, abs=0.005)


@needs_real_files
def test_the_two_real_files_agree_where_they_overlap() -> None:
    figures = []
    for pattern, measure in (("*.csv", YRK), ("*.xlsx", "Andel (%) behöriga till yrkesprogram")):
        [path] = REAL.glob(pattern)
        sql = """
        SELECT
            municipality,
            provider,
            value,
            status,
            coalesce(mark, '')
        FROM staged
        WHERE measure = ? AND sex = 'all' AND school_year = '2024/25'
        ORDER BY
            municipality,
            provider
        """
        figures.append(engine.rows(load(path.read_bytes(), path.name).connection, sql, [measure]))
    assert {(m, p, v) for m, p, v, s, _ in figures[0] if s == "shown"} == {
        (m, p, v) for m, p, v, s, _ in figures[1] if s == "shown"
    }


@needs_real_files
def test_the_real_api_answer_loads() -> None:
    [path] = REAL.glob("*.json")
    staged = load(path.read_bytes(), path.name)

    assert figure(staged, "ratioOfPupils9thGradeEligibleForNationalProgramYR", school_year="2024/25")[0] == 90.9
