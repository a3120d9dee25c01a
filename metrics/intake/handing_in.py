"""Handing in: a screened file and the sender's answers become one stored batch, or nothing at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Literal

from metrics.intake.findings import Finding, Findings, Staged
from metrics.values import Principal
from metrics.vault import Batch, Vault
from metrics.vault.batches import Slice


class RefusedError(RuntimeError):
    """The file has errors; `findings` say which. Nothing was stored."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        count = len(findings.errors)
        super().__init__(
            f"Filen kan inte tas emot: {count} fel behöver rättas först."
            if count != 1
            else "Filen kan inte tas emot: ett fel behöver rättas först."
        )


class UnansweredError(RuntimeError):
    """Warnings without a written reason; `findings` are those. Nothing was stored."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        codes = ", ".join(sorted({finding.code for finding in findings}))
        super().__init__(f"Skriv ett skäl för varje varning innan filen lämnas in: {codes}.")


def reason_key(finding: Finding) -> str:
    """What a reason is kept under: the code, and the column where the same warning can stand for several."""
    return f"{finding.code}:{finding.column}" if finding.column else finding.code


def reason_for(finding: Finding, reasons: Mapping[str, str]) -> str:
    """The reason given for this warning: for its column, or for its code wherever it stands; empty when none."""
    return (reasons.get(reason_key(finding), "") or reasons.get(finding.code, "")).strip()


def unanswered(findings: Findings, reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """The warnings that still need a reason."""
    return tuple(finding for finding in findings.acknowledgeable if not reason_for(finding, reasons))


def hand_in(
    vault: Vault,
    staged: Staged,
    *,
    sender: str,
    principal: Principal,
    reasons: Mapping[str, str] | None = None,
    overlap: Literal["replace", "add"] | None = None,
    confirmed: Sequence[Slice] = (),
) -> Batch:
    """Store the staged file; RefusedError, UnansweredError or vault.OverlapError when it cannot be, all in Swedish.

    `confirmed`: periods and units that the file covers although it has no rows for them.
    """
    given = dict(reasons or {})
    if staged.findings.refused or staged.extract is None:
        raise RefusedError(staged.findings)
    left = unanswered(staged.findings, given)
    if left:
        raise UnansweredError(left)
    said = json.dumps([asdict(finding) for finding in staged.findings], ensure_ascii=False)
    kept = {reason_key(finding): reason_for(finding, given) for finding in staged.findings.acknowledgeable}
    return vault.store(
        staged,
        sender=sender,
        principal=principal,
        # Official tables replace their earlier printing without a question: the newest wins.
        overlap=overlap or ("replace" if staged.extract.reader else None),
        confirmed=confirmed,
        reasons=kept,
        findings=said,
    )
