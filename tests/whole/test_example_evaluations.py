"""The truths built into the example of the region's size come out of the published evaluations, in under 5 s each."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from metrics.demo import generate
from metrics.demo.release import desk_at, hand_in_all
from metrics.evaluate.planned import answer, ask
from metrics.release import plans
from metrics.release.desk import Desk
from metrics.release.evaluations import Source, begun, evaluations
from metrics.values import LOCAL_PRINCIPAL

SECONDS = 5.0


@pytest.mark.soak
def test_the_built_in_truths_come_out_of_the_published_evaluations(tmp_path: Path) -> None:
    generate(tmp_path / "extracts", scale="gr", seed=1)
    desk = desk_at(tmp_path / "data")
    hand_in_all(desk, tmp_path / "extracts")
    prove(desk)


def prove(desk: Desk) -> None:
    """Evaluate all that is declared, as publishing does, and hold it against what was built in."""
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        current = plans.current(desk.catalogue.model_types.values(), [], date(2026, 11, 23))
        source = Source(connection=connection, catalogue=desk.catalogue, region=desk.region, workers=2)
        with begun(source, current) as answers:
            table = evaluations(source, current, answers())
        asked = next(ask(connection, desk.catalogue, desk.region, current[:1]))
    began = time.perf_counter()
    answer(asked)
    took = time.perf_counter() - began
    print(f"\nOne model and outcome at the region's size: {took:.1f} s")
    said = {
        (row.model, row.indicator): (str(row.verdict), str(row.reason))
        for row in table.itertuples()
        if row.area == desk.region.name
    }
    for row in table[table["area"] == desk.region.name].itertuples():
        print(f"{row.model:24} {row.indicator:24} {json.loads(str(row.document))['words']}")
    assert said["school_social_team", "absence_20"][0] in ("for", "strongly_for")
    assert said["school_social_team", "eligibility_vocational"][0] in ("for", "strongly_for")
    assert said["attendance_team", "absence_20"][0] == said["attendance_team", "eligibility_vocational"][0]
    assert said["attendance_team", "eligibility_vocational"][0] == "no_difference"
    assert said["social_worker_in_school", "eligibility_vocational"][0] == "against"
    assert said["early_coordination", "absence_20"][1] == "changed_registration"
    assert {reason for (model, _), (_, reason) in said.items() if model == "sspf"} == {"existed_before"}
    assert _leaks(table, units=_codes(desk), names={member.code for member in desk.region.members}) == []
    assert took < SECONDS


def _codes(desk: Desk) -> set[str]:
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        return {str(code) for (code,) in connection.execute("SELECT school_unit FROM school_units").fetchall()}


def _leaks(table: Any, *, units: set[str], names: set[str]) -> list[str]:
    """Codes of schools or municipalities in any document of a model type."""
    written = [json.loads(str(each)) for each in table.loc[table["indicator"] != "", "document"]]
    words = {word for each in written for word in _words({k: v for k, v in each.items() if k != "plan"})}
    return sorted(words & (units | names))


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return {word for each in value.items() for part in each for word in _words(part)}
    if isinstance(value, list):
        return {word for each in value for word in _words(each)}
    return {value} if isinstance(value, str) else set()
