"""Search finds measures, members and words however they are typed."""

from __future__ import annotations

import pytest

from metrics.present.search import Entry, find

AMONG = (
    Entry(title="Behöriga till yrkesprogram", kind="mått", page="indikator", words="årskurs 9 gymnasiet"),
    Entry(title="Godkänt i alla ämnen", kind="mått", page="indikator", words="årskurs 9"),
    Entry(title="Tjörn", kind="kommun", page="kommun"),
    Entry(title="behörighet", kind="ord", page="metod", words="betyg som krävs för gymnasiet"),
)


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("tjörn", ["Tjörn"]),
        ("TJORN", ["Tjörn"]),
        ("behor", ["Behöriga till yrkesprogram", "behörighet"]),
        ("gymnasiet", ["Behöriga till yrkesprogram", "behörighet"]),
        ("årskurs godkänt", ["Godkänt i alla ämnen"]),
        ("yrkes", ["Behöriga till yrkesprogram"]),
        ("finns inte", []),
    ],
)
def test_find(asked: str, titles: list[str]) -> None:
    assert [entry.title for entry in find(asked, AMONG)] == titles
