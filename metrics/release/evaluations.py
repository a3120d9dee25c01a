"""The evaluations of a release: every declared result of every model type, estimated, judged and let through the gate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.compute import Progress, silent
from metrics.evaluate.planned import Answer, Plan, answer, ask
from metrics.evaluate.sources import read_register
from metrics.evaluate.verdict import Reason, Step, Verdict, judge_all
from metrics.protect.evaluations import figures, shown_verdict
from metrics.protect.thresholds import Thresholds
from metrics.release.plans import replaced
from metrics.release.read import TABLES, empty_table
from metrics.vocabulary import Region

NOTHING = Verdict(step=Step.UNDECIDABLE, reason=Reason.TOO_LITTLE)
ONE_MUNICIPALITY = Verdict(step=Step.UNDECIDABLE, reason=Reason.ONE_MUNICIPALITY)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where evaluations are read from, and how they are let through. before: the plans of earlier releases.

    standing: what the release before said, by plan hash, of populations whose changed counts are held: it stands.
    """

    connection: engine.Connection
    catalogue: Catalogue
    region: Region
    thresholds: Thresholds = field(default_factory=Thresholds)
    before: Sequence[Mapping[str, Any]] = ()
    asked: Mapping[str, int] = field(default_factory=dict)
    standing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    workers: int = 1


@contextmanager
def begun(
    source: Source, plans: Sequence[Plan], *, progress: Progress = silent
) -> Iterator[Callable[[], list[Answer]]]:
    """Read what the plans ask of the vault and begin to estimate, in processes of their own where there are workers.

    Inside, the call gives every answer in the plans' order, whatever else has been done in the meantime.
    """
    waiting = ask(source.connection, source.catalogue, source.region, list(plans))
    if source.workers <= 1 or len(plans) <= 1:
        yield lambda: [answer(each) for each in waiting]
        return
    pool = ProcessPoolExecutor(source.workers, mp_context=get_context("spawn"))
    try:
        started: list[Future[Answer]] = []
        for number, each in enumerate(waiting):
            progress(f"Läser underlag: {_what(source, each.plan)}", number / len(plans))
            started.append(pool.submit(answer, each))
        yield lambda: [future.result() for future in started]
    finally:
        pool.shutdown(cancel_futures=True)


def evaluations(source: Source, plans: Sequence[Plan], answers: Sequence[Answer]) -> pd.DataFrame:
    """The release's table: one row per model type and declared result, and one per model type and member that has it.

    answers: of the plans, in their order. Columns as read.TABLES says; `document` is JSON.
    """
    rows: list[dict[str, Any]] = []
    for model in dict.fromkeys(plan.model for plan in plans):
        own = [each for each in answers if each.plan.model == model]
        judged = zip(own, judge_together(own, source.thresholds), strict=True)
        made = [_row(each, verdict, source, len(answers), len(own)) for each, verdict in judged]
        rows += [*made, *_members(source, model, made)]
    return pd.DataFrame(rows, columns=list(TABLES["evaluations"]))


def previous(releases: Path, table: str = "evaluations") -> pd.DataFrame:
    """The table of the newest release there has been with it, withdrawn or not: someone may have kept it."""
    made = [path.parent for path in releases.glob("[!.]*/manifest.json")]
    told = [each for each in made if (each / "open" / f"{table}.parquet").exists()]
    if not told:
        return empty_table(table)
    return pd.read_parquet(max(told, key=_made_at) / "open" / f"{table}.parquet")


def _made_at(folder: Path) -> tuple[str, int]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return str(manifest.get("created", "")), int(manifest.get("number", 0))


def standing(rows: pd.DataFrame, populations: Mapping[str, str], held: set[str]) -> dict[str, dict[str, Any]]:
    """By plan hash, the documents of a release's table whose indicator's population is held; populations by indicator."""
    pairs = zip(rows["indicator"], rows["document"], strict=True)
    told = [json.loads(str(text)) for name, text in pairs if populations.get(str(name), "") in held]
    return {str(each["plan"]["hash"]): each for each in told}


def documents(source: Source, plans: Sequence[Plan], *, progress: Progress = silent) -> dict[str, dict[str, Any]]:
    """What may be read of each of one model's plans, judged together, by the plan's hash.

    Asked for one model, one process is quicker than several: estimating takes less time than starting another.
    """
    answers = []
    for number, each in enumerate(ask(source.connection, source.catalogue, source.region, list(plans))):
        progress(f"Utvärderar {_what(source, each.plan)}", number / len(plans))
        answers.append(answer(each))
    judged = zip(answers, judge_together(answers, source.thresholds), strict=True)
    return {each.plan.hash: document(each, verdict, source.thresholds, source.before) for each, verdict in judged}


def judge_together(answers: Sequence[Answer], thresholds: Thresholds) -> list[Verdict]:
    """The verdicts of one model's results with false discovery held over all of them, as they may be read."""
    told = [each.evaluation for each in answers if each.evaluation is not None]
    judged = iter(judge_all([each.evidence for each in told]))
    verdicts = [NOTHING if each.evaluation is None else next(judged) for each in answers]
    return [shown_verdict(each.evaluation, v, thresholds) for each, v in zip(answers, verdicts, strict=True)]


def document(
    answer: Answer, verdict: Verdict, thresholds: Thresholds, before: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """What a page may know of one evaluation: verdict, plan, and the figures that may be read."""
    expected, evaluation = answer.plan.expected, answer.evaluation
    return {
        **_words(verdict),
        "lacking": answer.lacking,
        "plan": {
            "hash": answer.plan.hash,
            "registered": answer.plan.registered,
            "declared": expected.declared.isoformat(),
            "counts_from": answer.plan.counts_from.isoformat(),
            "before": answer.before,
            "direction": expected.direction,
            "intended": expected.intended,
            "size": expected.smallest_size,
            "earliest_year": expected.earliest_year,
            "replaced": replaced(answer.plan, [dict(each) for each in before]),
        },
        "stage": expected.stage,
        "matters": answer.outcome.indicator.effect_that_matters,
        "polarity": answer.plan.polarity,
        "period_kind": answer.outcome.period_kind,
        "by_school": answer.outcome.by_school,
        "years": list(answer.years) if answer.years else None,
        "first": answer.first,
        "timings": dict(sorted(evaluation.timings.items())) if evaluation else {},
        **figures(answer, thresholds),
    }


def _words(verdict: Verdict) -> dict[str, Any]:
    reason = str(verdict.reason) if verdict.reason else ""
    return {"step": str(verdict.step), "reason": reason, "capped": verdict.capped, "words": verdict.words}


def _what(source: Source, plan: Plan) -> str:
    title = source.catalogue.model_types[plan.model].title
    return f"{title}, {source.catalogue.indicators[plan.expected.indicator].short_title}"


def _row(answer: Answer, verdict: Verdict, source: Source, release: int, model: int) -> dict[str, Any]:
    outside = source.asked.get(answer.plan.model, 0)
    told = dict(source.standing.get(answer.plan.hash, {})) | {"held": True}
    if answer.plan.hash not in source.standing:
        told = document(answer, verdict, source.thresholds, source.before) | {"held": False}
    told["computed"] = {"release": release, "model": model, "outside": outside}
    return {
        "model": answer.plan.model,
        "area": source.region.name,
        "indicator": answer.plan.expected.indicator,
        "stage": answer.plan.expected.stage,
        "verdict": told["step"],
        "reason": told["reason"],
        "document": _json(told),
    }


def _members(source: Source, model: str, made: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What lies in one municipality is never decided by itself; what is said of the model type stands beside it."""
    register = read_register(source.connection, source.catalogue, model).rows
    names = {member.code: member.name for member in source.region.members}
    of_type = [{name: row[name] for name in ("indicator", "stage", "verdict", "reason")} for row in made]
    told = {**_words(ONE_MUNICIPALITY), "type": of_type}
    for code in sorted(set(register.municipality) & set(names), key=lambda code: names[code]):
        yield {
            "model": model,
            "area": names[code],
            "indicator": "",
            "stage": "",
            "verdict": told["step"],
            "reason": told["reason"],
            "document": _json(told),
        }


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
