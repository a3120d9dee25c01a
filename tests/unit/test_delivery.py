"""Around a delivery: templates, corrections, reasons, what changes for the sender, the plan and the receipt."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pypdf
import pytest

from metrics import catalogue
from metrics.intake import Staged, stage
from metrics.intake.checks import Sample
from metrics.intake.corrected import Correction, CorrectionError, apply
from metrics.intake.handing_in import RefusedError, UnansweredError, hand_in
from metrics.intake.last_time import last_time, still_valid
from metrics.intake.organisations import genitive, member_of, suggested
from metrics.intake.plan import plan
from metrics.intake.preview import PreviewLimitError, own_changes, record_preview
from metrics.intake.receipt import as_csv, as_pdf, receipt
from metrics.intake.template import DICTIONARY_HEADINGS, dictionary, template
from metrics.release.read import Release, empty_table
from metrics.values import LOCAL_PRINCIPAL, LONG_COLUMNS, NotAllowedError, Principal, Published, Role
from metrics.vault import Batch, OverlapError, Vault
from metrics.vocabulary import GR

SENDER = "Tjörns kommun, barn- och utbildningsnämnden"
EXTRACTS = catalogue.default().extracts


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(path=tmp_path / "vault" / "samsyn.duckdb", catalogue=catalogue.default())


def year9(*, system: str = "", **changes: object) -> Staged:
    """A file of year-9 grades with some changes, screened."""
    found = stage(Sample(**changes).data(), "year9_grades", name="betyg.csv")  # type: ignore[arg-type]
    return replace(found, coverage=replace(found.coverage, source_system=system))


def deliver(vault: Vault, staged: Staged, **said: object) -> Batch:
    return hand_in(vault, staged, sender=SENDER, principal=LOCAL_PRINCIPAL, **said)  # type: ignore[arg-type]


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize("name", sorted(EXTRACTS))
def test_a_template_has_the_swedish_headings_and_one_row_that_is_accepted(name: str) -> None:
    extract = EXTRACTS[name]
    headings, row = rows_of(template(extract))
    assert headings == [column.title for column in extract.columns]
    assert len(row) == len(headings)
    if extract.reader is None:
        assert not stage(template(extract), name, name="mall.csv").findings.refused


@pytest.mark.parametrize("name", sorted(EXTRACTS))
def test_the_dictionary_describes_every_column(name: str) -> None:
    headings, *rows = rows_of(dictionary(EXTRACTS[name]))
    assert tuple(headings) == DICTIONARY_HEADINGS
    assert [row[0] for row in rows] == [column.title for column in EXTRACTS[name].columns]
    assert all(row[6] for row in rows)


def test_a_template_opens_right_in_a_spreadsheet() -> None:
    assert template(EXTRACTS["year9_grades"]).startswith(b"\xef\xbb\xbf")


class TestCorrections:
    def test_nothing_said_leaves_the_bytes_alone(self) -> None:
        data = Sample(encoding="cp1252").data()
        assert apply(data, Correction()) is data

    def test_another_delimiter_and_encoding_are_read_as_said(self) -> None:
        data = Sample(delimiter="|", encoding="cp1252").data()
        read = stage(apply(data, Correction(encoding="cp1252", delimiter="|")), "year9_grades")
        assert read.row_count == 25
        assert not read.findings.refused

    def test_rows_keep_their_numbers_below_a_header_that_was_pointed_out(self) -> None:
        above = b"Uttag ur skolsystemet\n\n"
        bad = Sample(cells={"birth_year": "1850"}, at=3).data()
        findings = stage(apply(above + bad, Correction(header_row=3)), "year9_grades").findings
        (wrong,) = [each for each in findings if each.code == "out_of_range"]
        assert wrong.rows == (3 + 1 + 3,)

    def test_bytes_that_are_not_what_was_said_are_refused_in_words(self) -> None:
        with pytest.raises(CorrectionError, match="går inte att läsa som UTF-8"):
            apply("åäö".encode("cp1252"), Correction(encoding="utf-8"))

    def test_a_spreadsheet_says_itself_how_it_is_written(self) -> None:
        assert apply(b"PK\x03\x04", Correction(encoding="cp1252")) == b"PK\x03\x04"


class TestReasons:
    def test_a_warning_needs_a_reason_that_is_kept_with_its_column(self, vault: Vault) -> None:
        one_sex = year9(every={"sex": "flicka"})
        with pytest.raises(UnansweredError, match="one_sex_only"):
            deliver(vault, one_sex)
        assert not vault.exists
        batch = deliver(vault, one_sex, reasons={"one_sex_only": "Flickskola."})
        assert batch.reasons == {"one_sex_only:Kön": "Flickskola."}

    def test_a_reason_of_blanks_is_none(self, vault: Vault) -> None:
        with pytest.raises(UnansweredError):
            deliver(vault, year9(every={"sex": "flicka"}), reasons={"one_sex_only:Kön": "   "})

    def test_errors_are_refused(self, vault: Vault) -> None:
        with pytest.raises(RefusedError, match="behöver rättas"):
            deliver(vault, year9(cells={"birth_year": "1850"}))
        assert not vault.exists

    def test_only_the_reasons_of_warnings_that_stand_again_are_reused(self, vault: Vault) -> None:
        deliver(vault, year9(every={"sex": "flicka"}, system="Prov"), reasons={"one_sex_only": "Flickskola."})
        last = last_time(vault.batches(LOCAL_PRINCIPAL), sender=SENDER, extract="year9_grades")
        assert last is not None
        assert last.source_system == "Prov"
        assert still_valid(last, year9(every={"sex": "pojke"}).findings) == {"one_sex_only:Kön": "Flickskola."}
        assert still_valid(last, year9().findings) == {}

    def test_nothing_was_said_by_somebody_else_or_in_an_undone_batch(self, vault: Vault) -> None:
        batch = deliver(vault, year9())
        assert last_time(vault.batches(LOCAL_PRINCIPAL), sender="Ale kommun", extract="year9_grades") is None
        vault.undo(batch.batch, reason="Fel fil", principal=LOCAL_PRINCIPAL)
        assert last_time(vault.batches(LOCAL_PRINCIPAL), sender=SENDER, extract="year9_grades") is None

    def test_after_an_unanswered_overlap_the_same_file_can_be_handed_in(self, vault: Vault) -> None:
        deliver(vault, year9())
        again = year9(rows=24)
        with pytest.raises(OverlapError):
            deliver(vault, again)
        assert deliver(vault, again, overlap="replace").row_count == 24


def official(pupils: int) -> Release:
    """A release whose only content is one official number of pupils, for Tjörn 2024/25."""
    row = dict.fromkeys(LONG_COLUMNS, "all") | {
        "indicator": "eligibility_vocational",
        "series": "official",
        "area": "Tjörn",
        "school_year": "2024/25",
        "denominator": float(pupils),
        "numerator": 1.0,
        "value": 1.0,
        "low": 1.0,
        "high": 1.0,
        "status": "shown",
    }
    values = pd.concat([empty_table("values"), pd.DataFrame([row])])
    return Release(id="1", manifest={}, values=Published(values=values), tables={}, definitions={})


class TestOwnChanges:
    def changes(self, vault: Vault, staged: Staged, sender: str = SENDER, release: Release | None = None):  # type: ignore[no-untyped-def]
        return own_changes(
            vault,
            staged,
            sender=sender,
            principal=LOCAL_PRINCIPAL,
            region=GR,
            release=release,
            indicators=catalogue.default().indicators,
        )

    def test_the_first_file_has_nothing_to_be_compared_with(self, vault: Vault) -> None:
        (only,) = self.changes(vault, year9()).periods
        assert (only.period, only.rows, only.pupils, only.units) == ("2024/25", 25, 25, 1)
        assert only.rows_before is None
        assert not vault.exists

    def test_a_correction_is_compared_with_the_same_year(self, vault: Vault) -> None:
        deliver(vault, year9(unlike={"pupil": "annan99999", "school_unit": "10000002"}))
        (only,) = self.changes(vault, year9(rows=20)).periods
        assert (only.rows_before, only.rows, only.compared_with) == (25 + 1, 20, "2024/25")
        assert only.missing_units == ("10000002",)

    def test_a_new_year_is_compared_with_the_newest_earlier_one(self, vault: Vault) -> None:
        deliver(vault, year9(every={"school_year": "2022/23"}))
        changes = self.changes(vault, year9(rows=22, every={"school_unit": "10000003"}))
        (only,) = changes.periods
        assert (only.compared_with, only.rows_before, only.rows) == ("2022/23", 25, 22)
        assert (only.missing_units, only.added_units) == (("10000001",), ("10000003",))
        assert changes.added_periods == ("2024/25",)
        assert changes.untouched_periods == ("2022/23",)

    def test_another_senders_rows_are_never_seen(self, vault: Vault) -> None:
        hand_in(vault, year9(), sender="Ale kommun", principal=LOCAL_PRINCIPAL)
        (only,) = self.changes(vault, year9()).periods
        assert only.rows_before is None

    def test_the_official_number_of_pupils_stands_beside(self, vault: Vault) -> None:
        (only,) = self.changes(vault, year9(), release=official(161)).periods
        assert only.official is not None
        assert (only.official.pupils, only.official.provider) == (161, "Alla huvudmän")
        (other,) = self.changes(vault, year9(), sender="Friskolan AB", release=official(161)).periods
        assert other.official is None

    def test_only_ones_own_organisation_can_be_looked_at(self, vault: Vault) -> None:
        ale = Principal(subject="anna", roles=frozenset({Role.DELIVERER}), organisation="Ale kommun")
        with pytest.raises(NotAllowedError):
            own_changes(vault, year9(), sender=SENDER, principal=ale, region=GR)

    def test_previews_are_logged_and_limited(self, vault: Vault) -> None:
        deliver(vault, year9())
        for _ in range(3):
            record_preview(vault, sender=SENDER, extract="year9_grades", principal=LOCAL_PRINCIPAL)
        log = vault.log(LOCAL_PRINCIPAL)
        assert list(log["act"]).count("förhandsgranskat") == 3
        with pytest.raises(PreviewLimitError, match="3 gånger i dag"):
            record_preview(vault, sender=SENDER, extract="year9_grades", principal=LOCAL_PRINCIPAL, limit=3)
        record_preview(vault, sender="Ale kommun", extract="year9_grades", principal=LOCAL_PRINCIPAL, limit=3)


class TestPlan:
    def state(self, vault: Vault, today: date) -> dict[str, str]:
        found = plan(EXTRACTS.values(), vault.batches(LOCAL_PRINCIPAL), region=GR, today=today)
        return {each.organisation: each.state for each in found if each.extract == "year9_grades"}

    def test_before_anything_every_member_is_expected_to_begin(self, vault: Vault) -> None:
        states = self.state(vault, date(2025, 8, 1))
        assert len(states) == 13
        assert set(states.values()) == {"never"}

    def test_a_delivered_year_is_done_and_the_next_falls_due(self, vault: Vault) -> None:
        deliver(vault, year9())
        assert self.state(vault, date(2025, 8, 1))[SENDER] == "delivered"
        assert self.state(vault, date(2026, 9, 15))[SENDER] == "due"
        assert self.state(vault, date(2026, 9, 16))[SENDER] == "late"
        assert len(self.state(vault, date(2026, 9, 16))) == 13

    def test_the_regions_office_delivers_the_register_for_all(self, vault: Vault) -> None:
        register = stage(Sample(extract="collaboration_register", rows=2).data(), "collaboration_register")
        office = f"{GR.title}s kommunalförbund"
        hand_in(vault, register, sender=office, principal=LOCAL_PRINCIPAL)
        found = plan(EXTRACTS.values(), vault.batches(LOCAL_PRINCIPAL), region=GR, today=datetime.now(UTC).date())
        (only,) = [each for each in found if each.extract == "collaboration_register"]
        assert (only.organisation, only.state, only.responsible) == (office, "delivered", "GR:s handläggare")


def test_a_municipality_is_recognised_in_its_boards_names() -> None:
    assert member_of("Tjörns kommun, socialnämnden", GR) == GR.member("Tjörn")
    assert member_of("Göteborgs Stad", GR) == GR.member("Göteborg")
    assert member_of("Göteborgsregionens kommunalförbund", GR) is None
    assert member_of("Alebyskolan AB", GR) is None
    assert (genitive("Tjörn"), genitive("Ale"), genitive("Alingsås")) == ("Tjörns", "Ale", "Alingsås")


def test_a_known_sender_is_suggested_instead_of_its_municipality() -> None:
    names = suggested(GR, [SENDER])
    assert SENDER in names
    assert "Tjörns kommun" not in names
    assert "Ale kommun" in names


class TestReceipt:
    def test_it_says_what_was_received_and_why_warnings_were_accepted(self, vault: Vault) -> None:
        staged = year9(every={"sex": "flicka"})
        batch = deliver(vault, staged, reasons={"one_sex_only": "=Flickskola."})
        made = receipt(batch, staged.extract)
        facts = dict(made.facts)
        assert facts["Kontrollsumma (SHA-256)"] == staged.source.sha256
        assert (facts["Rader"], facts["Organisation"], facts["Perioder"]) == ("25", SENDER, "2024/25")
        text = as_csv(made).decode("utf-8-sig")
        assert "one_sex_only" in text
        assert ";'=Flickskola." in text

    def test_the_pdf_is_tagged_swedish_and_holds_the_same(self, vault: Vault) -> None:
        staged = year9(every={"sex": "flicka"})
        batch = deliver(vault, staged, reasons={"one_sex_only": "Bara #flickor, *alla*."})
        document = pypdf.PdfReader(io.BytesIO(as_pdf(receipt(batch, staged.extract))))
        catalog = document.trailer["/Root"]
        assert catalog["/Lang"] == "sv"  # type: ignore[index]
        assert catalog["/MarkInfo"]["/Marked"] is not False  # type: ignore[index]
        text = " ".join(page.extract_text() for page in document.pages)
        assert f"Kvitto på leverans {batch.batch}" in text
        assert "Bara #flickor, *alla*." in text
        assert "Inget har getts ut" in " ".join(text.split())

    def test_an_undone_batch_says_so(self, vault: Vault) -> None:
        batch = deliver(vault, year9())
        undone = vault.undo(batch.batch, reason="Fel år", principal=LOCAL_PRINCIPAL)
        assert "Fel år" in dict(receipt(undone, None).facts)["Ångrad"]

    def test_it_tells_which_key_the_pseudonyms_were_made_with_and_whether_it_is_another(self, vault: Vault) -> None:
        told = []
        for key_id, year in (
            ("", "2021/22"),
            ("1a2b3c4d", "2022/23"),
            ("1a2b3c4d", "2023/24"),
            ("99887766", "2024/25"),
        ):
            staged = year9(every={"school_year": year})
            staged = replace(staged, coverage=replace(staged.coverage, key_id=key_id))
            batch = deliver(vault, staged)
            told.append(dict(receipt(batch, staged.extract).facts)["Pseudonymernas nyckel"])
        assert told == [
            "filen säger inte vilken",
            "1a2b3c4d (första leveransen som säger vilken)",
            "1a2b3c4d (samma som i leveransen före)",
            "99887766 (en annan än i leveransen före, som hade 1a2b3c4d)",
        ]
        assert "99887766 (en annan" in as_csv(receipt(batch, staged.extract)).decode("utf-8-sig")
        later = {each.batch: each.key_before for each in vault.batches(LOCAL_PRINCIPAL)}
        assert sorted(later.values()) == ["", "", "1a2b3c4d", "1a2b3c4d"]

    def test_times_are_swedish(self, vault: Vault) -> None:
        batch = replace(deliver(vault, year9()), stored_at=datetime(2026, 7, 1, 10, 30))
        assert dict(receipt(batch, None).facts)["Mottagen"] == "2026-07-01 12:30"
