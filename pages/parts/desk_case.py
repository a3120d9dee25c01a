"""One dropped file on its way to be handed in: what is known about it, what the sender has answered, what is left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import streamlit as st

from metrics.intake import Findings, Staged
from metrics.intake.corrected import Correction
from metrics.intake.handing_in import unanswered
from metrics.intake.last_time import LastTime, last_time
from metrics.intake.screening import Delivery as From
from metrics.intake.screening import add_comparisons
from metrics.present import numbers
from metrics.vault import Batch, Overlap
from metrics.vault.batches import Slice
from pages.parts import desk, desk_files
from pages.parts.desk_files import Dropped, Said


@dataclass(kw_only=True)
class Answers:
    """What the sender has said about one file; kept while other files or pages are looked at."""

    extract: str = ""
    correction: Correction = field(default_factory=Correction)
    mapping: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    overlap: Literal["replace", "add"] | None = None
    confirmed: tuple[Slice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Who hands in, from which system, and what has been handed in before."""

    sender: str
    source_system: str
    batches: tuple[Batch, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """A screened file with its answers, and what it would replace."""

    dropped: Dropped
    name: str
    staged: Staged
    answers: Answers
    delivery: Delivery
    overlaps: tuple[Overlap, ...] = ()
    last: LastTime | None = None
    same_file: Batch | None = None

    @property
    def key(self) -> str:
        return self.dropped.key

    @property
    def kind(self) -> str:
        return desk.title_of(self.staged.extract.name) if self.staged.extract else "okänt slag av uttag"

    @property
    def left(self) -> list[str]:
        """What is left to do before the file can be handed in, as sentences; empty when it is ready."""
        errors = len(self.staged.findings.errors)
        if errors:
            return [f"{numbers.capital(numbers.counted(errors, 'fel', 'fel', neuter=True))} behöver rättas i filen."]
        found = [] if self.delivery.sender else ["Välj vilken organisation som lämnar in."]
        if missing := len(unanswered(self.staged.findings, self.answers.reasons)):
            found.append(f"Skriv skäl för {numbers.counted(missing, 'varning', 'varningar')}.")
        if self.overlaps and self.answers.overlap is None:
            found.append("Välj om filen ska ersätta eller läggas till det som redan finns.")
        return found

    @property
    def step(self) -> int:
        if self.staged.findings.refused:
            return 2
        return 1 if not self.delivery.sender else 2 if self.left else 3


def answers_for(dropped: Dropped) -> Answers:
    kept: dict[str, Answers] = st.session_state.setdefault("desk_answers", {})
    return kept.setdefault(dropped.key, Answers())


def open_case(dropped: Dropped, place: int, delivery: Delivery, *, of: int = 1) -> Case | None:
    """Screen the file with what the sender has said and what is remembered; None after saying why it cannot be read.

    `place` is the file's number among the `of` that were dropped.
    """
    answers = answers_for(dropped)
    which = f"fil {place} av {of}" if of > 1 else "filen"
    staged = desk.attempt(lambda: _staged(dropped, answers, delivery), f"Granskar {which}")
    if staged is None:
        answers.correction = Correction()
        return None
    staged = _compared(dropped, staged, delivery, answers)
    extract = staged.extract.name if staged.extract else ""
    return Case(
        dropped=dropped,
        name=desk_files.shown_name(staged, place),
        staged=staged,
        answers=answers,
        delivery=delivery,
        overlaps=tuple(_overlaps(staged, delivery, answers)),
        last=last_time(delivery.batches, sender=delivery.sender, extract=extract),
        same_file=_same_file(staged, delivery),
    )


def _staged(dropped: Dropped, answers: Answers, delivery: Delivery) -> Staged:
    said = Said(extract=answers.extract, correction=answers.correction, mapping=answers.mapping)
    found = desk_files.staged(dropped, said, delivery.source_system)
    if found.extract is None or not delivery.sender:
        return found
    remembered = remembered_mapping(delivery.sender, found.extract.name)
    known = {heading: name for heading, name in remembered.items() if heading in _headings(found)}
    if not known.keys() - answers.mapping.keys():
        return found
    answers.mapping = known | answers.mapping
    return _staged(dropped, answers, delivery)


def _compared(dropped: Dropped, staged: Staged, delivery: Delivery, answers: Answers) -> Staged:
    """The file with what the comparison with earlier deliveries asks; asked of the vault once until something changes."""
    if staged.findings.refused or staged.extract is None or not delivery.sender:
        return staged
    standing = tuple(each.batch for each in delivery.batches if each.undone_at is None)
    asked = (delivery.sender, delivery.source_system, answers.extract, tuple(sorted(answers.mapping.items())), standing)
    kept: dict[str, tuple[object, Findings]] = st.session_state.setdefault("desk_compared", {})
    if dropped.key not in kept or kept[dropped.key][0] != asked:
        sent = From(sender=delivery.sender, source_system=delivery.source_system)
        found = desk.attempt(
            lambda: add_comparisons(
                desk.vault(), staged, sent, principal=desk.principal(), release=desk.official_release()
            ),
            "Jämför med det som lämnats in förut",
        )
        if found is None:
            return staged
        kept[dropped.key] = (asked, found.findings)
    return replace(staged, findings=kept[dropped.key][1])


def _headings(staged: Staged) -> set[str]:
    return {*staged.findings.recognised.unknown_headings, *staged.findings.recognised.mapping}


def remembered_mapping(sender: str, extract: str) -> dict[str, str]:
    """The sender's headings as matched by hand before; asked of the vault once per session and delivery."""
    kept: dict[tuple[str, str], dict[str, str]] = st.session_state.setdefault("desk_mappings", {})
    if (sender, extract) not in kept:
        kept[sender, extract] = desk.vault().mapping(sender, extract)
    return kept[sender, extract]


def _overlaps(staged: Staged, delivery: Delivery, answers: Answers) -> list[Overlap]:
    if staged.findings.refused or staged.extract is None or not delivery.sender:
        return []
    found = desk.attempt(
        lambda: desk.vault().overlaps(
            staged, sender=delivery.sender, principal=desk.principal(), confirmed=answers.confirmed
        )
    )
    return found or []


def _same_file(staged: Staged, delivery: Delivery) -> Batch | None:
    standing = (batch for batch in delivery.batches if batch.undone_at is None)
    return next((batch for batch in standing if batch.sha256 == staged.source.sha256), None)
