"""When a plan counts from, and how many evaluations have been asked: what releases and the desk's records remember.

A declared result counts from the first release that carried it word for word, never from the day written in it alone.
Each manifest lists every plan there has been, so that a plan that was changed or taken away is seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from metrics.declare import ModelType
from metrics.evaluate.planned import Plan

ASKED = "evaluations.jsonl"


def remembered(releases: Path) -> list[dict[str, Any]]:
    """Every plan that any release has carried, withdrawn ones too, with the first day it did; oldest first."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(releases.glob("[!.]*/manifest.json")):
        for plan in json.loads(path.read_text(encoding="utf-8")).get("plans", []):
            known = found.get(plan["hash"])
            if known is None or plan["from"] < known["from"]:
                found[plan["hash"]] = plan
    return sorted(found.values(), key=_order)


def current(models: Iterable[ModelType], before: list[dict[str, Any]], day: date) -> list[Plan]:
    """The declared plans of all models, each with the day it counts from: `day` where no release has carried it."""
    carried = {plan["hash"]: date.fromisoformat(plan["from"]) for plan in before}
    plans = []
    for model in models:
        for expected in model.expected_results:
            first = carried.get(expected.content_hash(model.name), day)
            plans.append(Plan(model=model.name, expected=expected, counts_from=max(first, expected.declared)))
    return plans


def carried(plans: Iterable[Plan], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the manifest lists: every earlier plan, and the current ones."""
    known = {plan["hash"] for plan in before}
    new = [_entry(plan) for plan in plans if plan.hash not in known]
    return sorted([*before, *new], key=_order)


def replaced(plan: Plan, before: list[dict[str, Any]]) -> list[dict[str, str]]:
    """The earlier plans of the same model, indicator and stage, oldest first."""
    place = {"model": plan.model, "indicator": plan.expected.indicator, "stage": plan.expected.stage}
    same = [each for each in before if all(each[name] == value for name, value in place.items())]
    return [{"hash": each["hash"], "from": each["from"]} for each in same if each["hash"] != plan.hash]


def _entry(plan: Plan) -> dict[str, Any]:
    said = plan.expected
    return {
        "model": plan.model,
        "indicator": said.indicator,
        "stage": said.stage,
        "direction": said.direction,
        "intended": said.intended,
        "size": said.smallest_size,
        "earliest_year": said.earliest_year,
        "declared": said.declared.isoformat(),
        "hash": plan.hash,
        "from": plan.counts_from.isoformat(),
    }


def _order(plan: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    return (plan["from"], plan["model"], plan["indicator"], plan["stage"], plan["hash"])


def note_asked(records: Path, model: str, indicator: str, stage: str) -> None:
    """Remember that an evaluation outside publishing was computed: the page counts it."""
    records.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"model": model, "indicator": indicator, "stage": stage}, sort_keys=True)
    with (records / ASKED).open("a", encoding="utf-8") as out:
        out.write(line + "\n")


def asked(records: Path) -> dict[str, int]:
    """How many evaluations have been computed outside publishing, per model."""
    path = records / ASKED
    found: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        model = json.loads(line)["model"]
        found[model] = found.get(model, 0) + 1
    return found
