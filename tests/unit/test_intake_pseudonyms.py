"""Pseudonyms: the same person gives the same one however the number is written, and no weak or open key is used."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from pathlib import Path

import pytest

from metrics.intake import screen
from metrics.intake.checks import Sample
from metrics.intake.pseudonyms import (
    Key,
    PseudonymiseError,
    UnsafeKeyError,
    _century,
    identity_of,
    new_key,
    pseudonymise,
    read_key,
)

KEY = Key(secret=bytes(range(32)))


@pytest.mark.parametrize(
    "written",
    ["811218-9876", "8112189876", "19811218-9876", "198112189876", " 811218 - 9876 ", "811218–9876", "811218 9876"],
)
def test_one_person_has_one_identity_however_it_is_written(written: str) -> None:
    assert identity_of(written) == "198112189876"


def test_temporary_numbers_and_other_ids_keep_their_letters() -> None:
    assert identity_of("20090117-tf12") == "20090117TF12"
    assert identity_of(" Elev 17 ") == "elev17"


@pytest.mark.parametrize(
    ("born", "sign", "year", "century"),
    [("811218", "-", 2026, "19"), ("090117", "-", 2026, "20"), ("160101", "+", 2026, "19"), ("260101", "", 2026, "20")],
)
def test_the_century_follows_from_the_sign_and_the_year(born: str, sign: str, year: int, century: str) -> None:
    assert _century(born, sign, year) == century


def test_a_pseudonym_is_the_first_130_bits_of_hmac_sha256_in_base32() -> None:
    digest = hmac.new(bytes(range(32)), b"198112189876", hashlib.sha256).digest()

    assert KEY.pseudonym("198112189876") == base64.b32encode(digest).decode().lower()[:26]


def test_a_new_key_is_readable_by_its_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "nyckel"
    key = new_key(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path) == key
    assert key.secret.hex() not in repr(key)
    with pytest.raises(UnsafeKeyError):
        new_key(path)


@pytest.mark.skipif(os.name != "posix", reason="file modes")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nyckel"
    new_key(path)
    path.chmod(0o644)

    with pytest.raises(UnsafeKeyError, match="andra"):
        read_key(path)


@pytest.mark.parametrize("secret", [b"", b"hemlig", b"\x00" * 32, b"ab" * 16, bytes(range(31))])
def test_a_weak_key_is_refused(secret: bytes) -> None:
    with pytest.raises(UnsafeKeyError):
        Key(secret=secret)


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nyckel"
    new_key(path)
    text = path.read_text()
    path.write_text(text[:-3] + ("0" if text[-3] != "0" else "1") + text[-2:])

    with pytest.raises(UnsafeKeyError):
        read_key(path)


def _with_numbers(encoding: str = "utf-8") -> bytes:
    numbers = ["811218-9876", "198112189876", "640823-3234"]
    sample = Sample(
        rows=3,
        drop=("pupil",),
        extra={"Personnummer": lambda row: numbers[row], "Förnamn": "Åsa", "Adress": "Storgatan"},
    )
    return sample.data().decode().encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_file_loses_its_numbers_and_names_and_is_then_accepted(tmp_path: Path, encoding: str) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "ut.csv"
    source.write_bytes(_with_numbers(encoding))

    report = pseudonymise(source, target, KEY)
    found = screen(target.read_bytes())

    assert screen(source.read_bytes()).refused
    assert [finding.code for finding in found.errors] == [
        "key_twice"
    ]  # one person stands twice, by design of the sample
    assert (report.rows, report.replaced, report.dropped) == (3, ("Personnummer",), ("Förnamn", "Adress"))
    text = target.read_text(encoding="utf-8-sig")
    assert "811218" not in text
    assert "Åsa" not in text
    assert [line.split(";")[-1] for line in text.splitlines()[1:3]] == [KEY.pseudonym("198112189876")] * 2


def test_a_file_that_cannot_be_done_leaves_nothing_behind(tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "ut.csv"
    source.write_text("Personnummer;Betyg\n811218-9876;A\n;B\n", encoding="utf-8")

    with pytest.raises(PseudonymiseError, match="Rad 3") as refused:
        pseudonymise(source, target, KEY)

    assert "811218" not in str(refused.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_a_file_without_identities_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("a;b\n1;2\n", encoding="utf-8")

    with pytest.raises(PseudonymiseError, match="rubrik"):
        pseudonymise(source, tmp_path / "ut.csv", KEY)
