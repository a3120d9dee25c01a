"""The members' review of a draft: open until a date, one answer per organisation, before a second person signs.

Answers lie beside the drafts, on the desk side. A release says only how many looked and how many had objections.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from metrics.values import Principal, Role


class ReviewError(RuntimeError):
    """The review cannot be opened or answered, or is still going on; the message is Swedish."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an organisation said of its coming figures: approved, or an objection in words."""

    organisation: str
    subject: str
    approves: bool
    comment: str
    moment: str


@dataclass(frozen=True, kw_only=True)
class Review:
    """A draft's review: `until` is its last day, `organisations` those that are asked."""

    draft: str
    until: date
    organisations: tuple[str, ...]
    answers: tuple[Answer, ...] = ()

    @property
    def waiting(self) -> tuple[str, ...]:
        """The organisations that have not answered."""
        answered = {answer.organisation for answer in self.answers}
        return tuple(each for each in self.organisations if each not in answered)

    @property
    def objections(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if not answer.approves)

    def is_open(self, today: date) -> bool:
        """While the last day has not passed and somebody has not answered."""
        return today <= self.until and bool(self.waiting)


def review_of(data: Path, draft: str) -> Review | None:
    """The review of a draft; None when none was opened."""
    path = _path(data, draft)
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    answers = tuple(Answer(**each) for each in said["answers"])
    return Review(
        draft=said["draft"],
        until=date.fromisoformat(said["until"]),
        organisations=tuple(said["organisations"]),
        answers=answers,
    )


def open_review(
    data: Path,
    draft: str,
    *,
    until: date,
    organisations: tuple[str, ...],
    principal: Principal,
    today: date | None = None,
) -> Review:
    """Ask these organisations to look at a draft; opened again, it keeps the answers and changes the last day."""
    principal.require(Role.PUBLISHER)
    if not (data / "drafts" / draft / "manifest.json").exists():
        raise ReviewError(f"Det finns inget utkast som heter {draft}.")
    if until < (today or _today()):
        raise ReviewError("Granskningens sista dag har redan varit. Välj en senare dag.")
    if not organisations:
        raise ReviewError("Det finns ingen organisation att fråga: ingen har lämnat in något.")
    earlier = review_of(data, draft)
    review = Review(draft=draft, until=until, organisations=organisations, answers=earlier.answers if earlier else ())
    return _keep(data, review)


def answer(
    data: Path,
    draft: str,
    *,
    organisation: str,
    approves: bool,
    comment: str = "",
    principal: Principal,
    today: date | None = None,
) -> Review:
    """Keep what an organisation says of its coming figures; said again, the newest answer stands."""
    principal.require(Role.REVIEWER, organisation)
    review = review_of(data, draft)
    if review is None or organisation not in review.organisations:
        raise ReviewError(f"{organisation} är inte tillfrågad om utkast {draft}.")
    if (today or _today()) > review.until:
        raise ReviewError(f"Granskningen av utkast {draft} tog slut {review.until}.")
    if not approves and not comment.strip():
        raise ReviewError("Skriv vad som inte stämmer, så att GR kan följa upp det.")
    said = Answer(
        organisation=organisation,
        subject=principal.subject,
        approves=approves,
        comment=comment.strip(),
        moment=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    others = tuple(each for each in review.answers if each.organisation != organisation)
    return _keep(data, replace(review, answers=(*others, said)))


def require_reviewed(
    data: Path,
    draft: str,
    *,
    asked: Sequence[str],
    reason: str = "",
    today: date | None = None,
) -> dict[str, object]:
    """What the manifest is to say of the members' review, when the draft may be signed; ReviewError when it may not.

    `asked`: the organisations whose figures are in the draft. With none there is nothing to review. Otherwise a review
    has to be over: all have answered, or its last day has passed. A written `reason` takes its place, and is kept.
    """
    review = review_of(data, draft)
    over = review is not None and not review.is_open(today or _today())
    if over or not (asked or review):
        return outcome(review)
    if reason.strip():
        return {**outcome(review), "reason": reason.strip()}
    if review is None:
        raise ReviewError(
            f"Utkast {draft} är inte granskat: {len(asked)} {'organisation' if len(asked) == 1 else 'organisationer'} har "
            "uppgifter i det. Öppna granskningen, eller skriv varför den hoppas över."
        )
    raise ReviewError(
        f"Utkast {draft} granskas till och med {review.until}. {len(review.waiting)} av "
        f"{len(review.organisations)} organisationer har inte svarat. Skriv under när alla har svarat eller dagen har "
        "gått, eller skriv varför ni inte väntar."
    )


def require_reason(asked: Sequence[str], reason: str) -> dict[str, object]:
    """As `require_reviewed`, for a release that is signed at once: nobody has had a draft to look at."""
    if not asked:
        return {}
    if not reason.strip():
        raise ReviewError(
            "En utgåva med medlemmars uppgifter granskas av dem innan den skrivs under. Gör ett utkast, eller skriv varför "
            "granskningen hoppas över."
        )
    return {"reason": reason.strip()}


def outcome(review: Review | None) -> dict[str, object]:
    """What a release's manifest says of its review: numbers, never who said what."""
    if review is None:
        return {}
    return {
        "until": review.until.isoformat(),
        "asked": len(review.organisations),
        "answered": len(review.answers),
        "objections": len(review.objections),
    }


def _today() -> date:
    return datetime.now(UTC).date()


def _path(data: Path, draft: str) -> Path:
    if not re.fullmatch(r"[\w.-]+", draft):
        raise ReviewError(f"Det finns inget utkast som heter {draft}.")
    return data / "reviews" / f"{draft}.json"


def _keep(data: Path, review: Review) -> Review:
    """Written whole or not at all."""
    path = _path(data, review.draft)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {**asdict(review), "until": review.until.isoformat()}
    making = path.with_suffix(".making")
    making.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
    making.replace(path)
    return review
