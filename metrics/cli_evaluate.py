"""The commands that evaluate one model and outcome from the vault, and that write a paper of a release as PDF."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from metrics import cli_progress, engine
from metrics.cli_vault import Run, Say
from metrics.declare import ExpectedResult, Indicator
from metrics.evaluate.planned import Plan
from metrics.export import brief, decision
from metrics.present import effect, effect_checks, effect_reached, effect_undecided, sentences
from metrics.present.effect import Finding
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView
from metrics.release import plans, reached, read
from metrics.release.desk import Desk
from metrics.release.evaluations import Source, documents
from metrics.release.write import definition
from metrics.values import Principal, Role
from metrics.vocabulary import ALL, STAGES

DIRECTIONS = {"higher_is_better": "increase", "lower_is_better": "decrease"}


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser],
    *,
    desk: Callable[[], Desk],
    principal: Callable[[argparse.Namespace], Principal],
    say: Say,
) -> None:
    """Add `samsyn evaluate` and `samsyn report`; `command` makes a subparser, as in metrics.cli."""
    made = command("evaluate", lambda chosen: _evaluate(chosen, desk(), principal(chosen), say), "Utvärdera en modell.")
    made.add_argument("--model", required=True, metavar="MODELL[/KOMMUN]")
    made.add_argument("--indicator", required=True, metavar="MÅTT")
    made.add_argument("--stage", choices=sorted(STAGES), metavar="STADIUM", help="stadium, till exempel 7-9")
    out = command("report", lambda chosen: _report(chosen, desk(), say), "Skriv ett underlag som PDF.")
    out.add_argument("what", metavar="KOMMUN|MODELL/KOMMUN")
    out.add_argument("--release", metavar="UTGÅVA")
    out.add_argument("--to", required=True, type=Path, metavar="FIL.pdf")


def _evaluate(chosen: argparse.Namespace, desk: Desk, principal: Principal, say: Say) -> int:
    """Everything that is declared of the model is computed, since its results are judged together; one is told."""
    principal.require(Role.PUBLISHER)
    model, member = _model_and_member(chosen.model, desk)
    today = datetime.now(UTC).date()
    before = plans.remembered(desk.releases)
    asked = [each for each in plans.current(desk.catalogue.model_types.values(), before, today) if each.model == model]
    wanted = _wanted(asked, model, _indicator(chosen.indicator, desk), chosen.stage, today)
    with desk.vault.reading(principal) as connection:
        source = Source(
            connection=connection, catalogue=desk.catalogue, region=desk.region, thresholds=desk.thresholds,
            before=before,
        )  # fmt: skip
        every = asked if wanted in asked else [*asked, wanted]
        told = documents(source, every, progress=cli_progress.step)[wanted.hash]
        met = _met(connection, desk)
    plans.note_asked(desk.records, model, wanted.expected.indicator, wanted.expected.stage)
    finding = _finding(desk.catalogue.indicators[wanted.expected.indicator], model, wanted.expected.stage, told)
    told |= {"model": model, "indicator": wanted.expected.indicator, "member": member}
    told |= {"reached_pupils": _plain(met, model)}
    say(chosen, "\n".join(_lines(finding, member, desk, met)), **told)
    return 0


def _met(connection: engine.Connection, desk: Desk) -> pd.DataFrame:
    """The pupils whom the models met, as a release made now would carry them."""
    before = reached.released_before(desk.releases)
    return reached.reached(connection, desk.catalogue, desk.region, desk.thresholds, before)


def _plain(met: pd.DataFrame, model: str) -> dict[str, Any] | None:
    rows = met[met["model"] == model].astype(object).where(met.notna(), None).to_dict("records")
    return {str(name): value for name, value in rows[0].items()} if rows else None


def _model_and_member(said: str, desk: Desk) -> tuple[str, str]:
    """The code of a model type, by code or Swedish title, and the member's name behind a slash."""
    name, _, place = said.partition("/")
    types = desk.catalogue.model_types.values()
    model = next((each.name for each in types if name.casefold() in (each.name, each.title.casefold())), None)
    if model is None:
        raise ValueError(f"Det finns ingen modell som heter {name}.")
    members = [each.name for each in desk.region.members]
    member = next((each for each in members if each.casefold() == place.casefold()), "")
    if place and not member:
        raise ValueError(f"Det finns ingen kommun som heter {place} i {desk.region.title}.")
    return model, member


def _indicator(name: str, desk: Desk) -> Indicator:
    if name not in desk.catalogue.indicators:
        raise ValueError(f"Det finns ingen indikator som heter {name}.")
    return desk.catalogue.indicators[name]


def _wanted(asked: list[Plan], model: str, indicator: Indicator, stage: str | None, today: date) -> Plan:
    """The declared plan of the model and indicator, or a question that nobody declared."""
    declared = [each for each in asked if each.expected.indicator == indicator.name]
    found = [each for each in declared if stage in (None, each.expected.stage)]
    if found:
        return found[0]
    if indicator.polarity not in DIRECTIONS:
        raise ValueError(f"{indicator.title} har ingen riktning som är bättre, och kan inte bedömas.")
    expected = ExpectedResult(
        indicator=indicator.name,
        direction="increase" if DIRECTIONS[indicator.polarity] == "increase" else "decrease",
        smallest_size=indicator.effect_that_matters,
        earliest_year=0,
        declared=today,
        stage=stage or ALL,
    )
    return Plan(model=model, expected=expected, counts_from=today, registered=False)


def _finding(indicator: Indicator, model: str, stage: str, told: dict[str, Any]) -> Finding:
    plain = definition(indicator)
    return Finding(
        model=model,
        definition=read.Definition(**{**plain, "dimensions": tuple(plain["dimensions"])}),
        stage=stage,
        told=told,
    )


def _lines(finding: Finding, member: str, desk: Desk, met: pd.DataFrame) -> list[str]:
    """The same words as the page has, one sentence a line."""
    plan = finding.told["plan"]
    said = [f"{finding.model_title}: {finding.title}"]
    if member:
        alone = f"{member}: kan inte avgöras: avgjordes av en kommun. {effect.REASONS['one_municipality']}"
        said += [alone, f"Modellen i hela {desk.region.name}:"]
    said += [
        effect.answer(finding),
        effect.power_sentence(finding),
        effect.capped_sentence(finding),
        effect.data_sentence(finding),
        *(f"Vad som skulle krävas: {each}" for each in (() if finding.decided else effect_undecided.needed(finding))),
        *(f"Vad som går att säga ändå: {each}" for each in (() if finding.decided else _still(finding.model, met))),
        *(
            f"{effect_checks.CHECKS[each['code']].title}: {effect_checks.word_of(each, finding)} "
            f"({effect_checks.check_figures(each, finding)})"
            for each in finding.told.get("checks", [])
        ),
        f"Plan {plan['hash'][:12]}, gäller från {plan['counts_from']}."
        if plan["registered"]
        else "Resultatet är inte anmält i förväg: frågan ställdes när utfallet redan fanns.",
    ]
    return [sentences.plain(each).removesuffix(" (–)") for each in said if each]


def _still(model: str, met: pd.DataFrame) -> list[str]:
    return [*effect_undecided.elsewhere(model), *effect_reached.sentences_of(met, model)]


def _report(chosen: argparse.Namespace, desk: Desk, say: Say) -> int:
    if chosen.to.suffix != ".pdf":
        raise ValueError(f"Filen ska sluta på .pdf, inte {chosen.to.suffix or 'inget'}.")
    folder = read.folder_of(chosen.release) if chosen.release else read.current_folder()
    if folder is None:
        raise ValueError(f"Det finns ingen utgåva som heter {chosen.release}.")
    release = read.load(folder)
    if release.withdrawn:
        raise read.ReleaseError(
            f"Utgåva {release.id} är tillbakadragen {release.withdrawn.day}: {release.withdrawn.reason}"
        )
    chosen.to.write_bytes(_made(chosen.what, Figures(release), desk))
    say(chosen, f"Underlaget är skrivet till {chosen.to.name}.", done=True, file=str(chosen.to), release=release.id)
    return 0


def _made(what: str, figures: Figures, desk: Desk) -> bytes:
    """A member's page, or the two pages about a model in a member."""
    if "/" not in what:
        member = next((each for each in figures.release.member_names if each.casefold() == what.casefold()), None)
        if member is None:
            raise ValueError(f"Det finns ingen kommun som heter {what}. En modell skrivs som MODELL/KOMMUN.")
        return brief.pdf(figures, ProfileView(area=member, release=figures.release.id))
    model, member = _model_and_member(what, desk)
    try:
        return decision.pdf(figures, model, member or "")
    except decision.NoInstanceError as absent:
        raise ValueError(str(absent)) from absent
