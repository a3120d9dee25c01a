"""The draft for the state grant: what the register and the release say, what they do not, and that it is unchecked."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from metrics.export import grant as export
from metrics.present import grant, models
from metrics.present.figures import Figures
from metrics.release import read
from tests.pages.test_browse_pages import run, text
from tests.unit import pdf_ua

ReleaseOf = Callable[[str], Path]


@pytest.fixture(scope="module")
def figures(release_of: ReleaseOf) -> Figures:
    return Figures(read.load(release_of("full")))


def test_only_members_with_a_running_team_have_a_draft(figures: Figures) -> None:
    assert grant.members(figures) == ["Ale", "Partille"]


def test_the_draft_says_that_the_form_is_unchecked_and_where_everything_is_from(figures: Figures) -> None:
    said = json.dumps(grant.contents(figures, "Ale"), ensure_ascii=False)
    assert "Myndighetens formulär är inte granskat" in said
    assert "2023:179" in said
    assert figures.release.id in said
    assert "Registrets uppgift om Team Ale: Exempeldata, 1 oktober 2026." in said
    assert "720" + chr(160) + "000 kronor" in said
    assert not re.search(r"\b(nan|None)\b", said)


def test_the_rule_is_met_not_met_or_not_told(figures: Figures) -> None:
    (team,) = [each for each in models.instances(figures) if each.name == "Team Ale"]
    met = {row[0]: row[2] for row in grant.rule_rows(team)}
    assert met["Minst två heltidstjänster"] == "ja"
    assert met["Anställningar om minst sex månader"] == "framgår inte"
    small = dataclasses.replace(team, filled=1.5, staff={"staff_counsellor": 1.5})
    unmet = {row[0]: row[2] for row in grant.rule_rows(small)}
    assert unmet["Minst två heltidstjänster"] == unmet["Personal från socialtjänsten"] == "nej"
    told = dataclasses.replace(team, texts={**team.texts, "employed_six_months": "False"})
    assert {row[0]: row[2] for row in grant.rule_rows(told)}["Anställningar om minst sex månader"] == "nej"


def test_the_pdf_is_made_also_of_hidden_values(release_of: ReleaseOf) -> None:
    hidden = Figures(read.load(release_of("hidden")))
    assert pdf_ua.findings(pypdf.PdfReader(io.BytesIO(export.pdf(hidden, "Ale")))) == []
    values = [row[2] for row in grant.need_rows(hidden, "Ale")]
    assert values
    assert not any("%" in value for value in values)


def test_the_card_of_a_team_has_the_draft_and_others_do_not(
    release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("full")))
    assert "Myndighetens formulär är inte granskat" in text(run("models", visa="kort", instans="Team Ale"))
    assert "Myndighetens formulär" not in text(run("models", visa="kort", instans="SSPF Ale"))
