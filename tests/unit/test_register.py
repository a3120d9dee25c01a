"""The register of models: one row per instance in a release, files that survive Excel, and every edit a new version."""

from __future__ import annotations

import io
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from metrics import catalogue
from metrics.extracts.collaboration_register import EXTRACT
from metrics.intake import register_file, stage
from metrics.intake.handing_in import hand_in
from metrics.models import words
from metrics.release import register
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Vault
from metrics.vocabulary import GR
from tests.spec.example_database import database

SENDER = "Göteborgsregionens kommunalförbund"
TEAM = {
    "instance": "Team Tjörn",
    "model_type": "skolsocialt team",
    "municipality": "1419",
    "school_unit": "10000001",
    "started": "2020-08-15",
    "start_precision": "datum",
    "decided_by": "kommun",
    "planned_posts": "2,5",
    "filled_posts": "2",
    "goals": "Tidigare stöd|Högre närvaro|Gladare elever",
    "source": "Exempeldata",
    "entry_date": "2025-01-01",
}


def texts(*rows: dict[str, str]) -> pd.DataFrame:
    named = [column.name for column in EXTRACT.columns]
    return pd.DataFrame([{name: row.get(name, "") for name in named} for row in rows])


def released(*rows: dict[str, str]) -> pd.DataFrame:
    staged = stage(register_file.csv_bytes(texts(*rows)), EXTRACT)
    assert not staged.findings.refused, staged.findings
    staged.connection.execute("CREATE VIEW collaboration_register AS SELECT * FROM staged")
    return register.register(staged.connection, GR)


def test_an_instance_is_one_row_and_its_worst_start_precision_wins() -> None:
    other = TEAM | {"school_unit": "10000002", "started": "2022-01-10", "start_precision": "gradvis"}
    (row,) = released(TEAM, other).to_dict("records")
    assert (row["school_units"], row["started"], row["start_precision"]) == (
        "10000001|10000002",
        "2020-08-15",
        "gradual",
    )


def test_a_start_nobody_has_dated_is_unknown_whatever_the_other_schools_say() -> None:
    other = TEAM | {"school_unit": "10000002", "start_precision": ""}
    assert released(TEAM, other)["start_precision"].tolist() == ["unknown"]


def test_an_instance_has_ended_when_it_has_ended_everywhere() -> None:
    ended = TEAM | {"ended": "2023-06-15"}
    other = TEAM | {"school_unit": "10000002"}
    assert released(ended, other)["ended"].tolist() == [""]
    assert released(ended, other | {"ended": "2024-06-15"})["ended"].tolist() == ["2024-06-15"]


def test_two_municipalities_with_the_same_name_of_an_instance_are_two() -> None:
    ale = TEAM | {"municipality": "1440", "school_unit": "10000009", "decided_by": "skola"}
    found = released(TEAM, ale)
    assert dict(zip(found["municipality"], found["decided_by"], strict=True)) == {
        "Ale": "school",
        "Tjörn": "municipality",
    }


def test_words_are_kept_under_the_regional_codes_and_own_words_as_written() -> None:
    assert released(TEAM)["goals"].tolist() == ["higher_attendance|earlier_support|Gladare elever"]


def test_the_newest_entry_speaks_for_the_instance() -> None:
    newer = TEAM | {"school_unit": "10000002", "filled_posts": "3,5", "entry_date": "2026-01-01", "goals": ""}
    (row,) = released(TEAM, newer).to_dict("records")
    assert (row["filled_posts"], row["goals"]) == (3.5, "higher_attendance|earlier_support|Gladare elever")


def test_a_school_with_two_models_has_both_and_an_ended_instance_stops() -> None:
    connection = database(
        {
            "collaboration_register": """
            instance model_type         municipality school_unit started    ended
            a        school_social_team 1419         1           2020-08-15 .
            b        sspf               1419         1           2021-08-15 2023-06-15
            """
        }
    )
    found = register.models_by_year(connection, catalogue.default(), GR, ["2020/21", "2022/23", "2023/24"])
    assert dict(zip(found["school_year"], found["models"], strict=True)) == {
        "2020/21": "school_social_team",
        "2022/23": "school_social_team|sspf",
        "2023/24": "school_social_team",
    }


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(path=tmp_path / "vault" / "samsyn.duckdb", catalogue=catalogue.default())


def store(vault: Vault, data: bytes) -> None:
    staged = stage(data, EXTRACT)
    reasons = {each.code: "Prov" for each in staged.findings}
    hand_in(vault, staged, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="replace", reasons=reasons)
    staged.connection.close()


def test_an_edit_is_a_new_version_and_undo_brings_back_the_old(vault: Vault) -> None:
    store(vault, register_file.csv_bytes(texts(TEAM)))
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        before = register_file.standing(connection, SENDER)
        assert register.version(connection)["version"] == 1
    after = before.assign(filled_posts="2,5")
    assert register_file.changed(before, after) == [("Team Tjörn", "Tillsatta tjänster", "2", "2,5")]
    store(vault, register_file.csv_bytes(after))
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert register.version(connection)["version"] == 2
        assert register.register(connection, GR)["filled_posts"].tolist() == [2.5]
        assert register.history(connection, GR).values.tolist() == [
            ["2", "Team Tjörn", "Tillsatta tjänster", "2", "2,5"]
        ]
    vault.undo(2, reason="Fel", principal=LOCAL_PRINCIPAL)
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert register.version(connection)["version"] == 1
        assert register.history(connection, GR).empty


def test_a_new_start_or_name_is_a_change_of_the_row_and_another_school_is_another_row() -> None:
    before = texts(TEAM, TEAM | {"school_unit": "10000002"})
    moved = before.assign(started=["2020-08-17", before.started[1]])
    assert register_file.changed(before, moved) == [("Team Tjörn", "Start", before.started[0], "2020-08-17")]
    named = before.assign(instance="Team Ö")
    assert register_file.changed(before, named) == [("Team Ö", "Team", "Team Tjörn", "Team Ö")]
    other = before.assign(school_unit=["10000001", "10000003"])
    assert register_file.changed(before, other) == [
        ("Team Tjörn", "Rad borttagen", "10000002", ""),
        ("Team Tjörn", "Rad tillagd", "", "10000003"),
    ]


def test_a_file_survives_excel(vault: Vault) -> None:
    team = TEAM | {
        "staff_counsellor": "1,25",
        "social_staff_degree": "ja",
        "grant_ends": "2026-12-31",
        "staff_social_worker": "1",
    }
    team["goals"] = "Högre närvaro|Tidigare stöd|Gladare elever"
    before = texts(team, team | {"school_unit": "10000002"})
    book = openpyxl.load_workbook(io.BytesIO(register_file.xlsx_bytes(before)))
    saved = io.BytesIO()
    book.save(saved)
    store(vault, saved.getvalue())
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        after = register_file.standing(connection, SENDER)
    assert register_file.changed(before, after) == []
    assert set(after["school_unit"]) == {"10000001", "10000002"}
    assert after["goals"].tolist() == [team["goals"]] * 2


def test_two_hundred_instances_are_read_checked_and_stored_without_waiting(vault: Vault) -> None:
    rows = [TEAM | {"instance": f"Team {n}", "school_unit": f"{10000000 + n}"} for n in range(200)]
    begun = time.perf_counter()
    store(vault, register_file.csv_bytes(texts(*rows)))
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert len(register.register(connection, GR)) == 200
        assert len(register_file.standing(connection, SENDER)) == 200
    assert time.perf_counter() - begun < 10


def test_a_team_that_breaks_the_grants_rule_is_told_so() -> None:
    small = TEAM | {"filled_posts": "1,5", "staff_counsellor": "1,5", "employed_six_months": "nej"}
    found = stage(register_file.csv_bytes(texts(small)), EXTRACT).findings
    assert {"team_under_two_posts", "team_without_social_services", "team_short_employment"} <= set(found.codes)
    assert "team_without_school_staff" not in found.codes


def test_an_old_file_with_the_first_eleven_columns_is_still_accepted() -> None:
    old = [column.name for column in EXTRACT.columns][:11]
    titles = [EXTRACT.column(name).title for name in old]
    data = ";".join(titles) + "\n" + ";".join(TEAM.get(name, "") for name in old) + "\n"
    assert not stage(data.encode(), EXTRACT).findings.refused


def test_every_list_is_a_column_and_no_word_stands_twice_in_it() -> None:
    names = {column.name for column in EXTRACT.columns}
    assert names >= set(words.LISTS) | set(words.STAFF)
    for known in words.LISTS.values():
        assert len({title.casefold() for title in known.values()}) == len(known)
        assert not any(words.SEPARATOR in title for title in known.values())


def test_a_word_written_twice_is_one_word() -> None:
    assert words.codes("Högre närvaro|högre NÄRVARO| ", words.GOALS) == "higher_attendance"
