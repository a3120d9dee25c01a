"""Publishing as a job of the process: it can be left and come back to, and it says how far it is."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

import streamlit as st

from metrics import cli
from metrics.release.desk import Desk
from metrics.release.publish import Publication, publish
from metrics.values import Principal
from pages.parts import desk


def publishing_desk() -> Desk:
    """The desk of this process, waiting as little for the vault as a page can bear."""
    return replace(cli.desk(), vault=desk.vault())


@dataclass(kw_only=True)
class Job:
    """One publishing: what it does now, how far it is, and what came of it."""

    what: str = "Väntar på valvet"
    share: float = 0.0
    made: Publication | None = None
    problem: str = ""

    @property
    def running(self) -> bool:
        return self.made is None and not self.problem


@dataclass(kw_only=True)
class Jobs:
    """The newest publishing of this process, shared by every session."""

    latest: Job | None = None

    def __post_init__(self) -> None:
        self._starting = threading.Lock()

    @property
    def running(self) -> bool:
        return self.latest is not None and self.latest.running

    def start(self, where: Desk, *, principal: Principal, note: str, sign: str | None, unreviewed: str = "") -> bool:
        """Begin publishing unless one is under way; returns at once."""
        with self._starting:
            if self.running:
                return False
            job = self.latest = Job()
        said = (job, where, principal, note, sign, unreviewed)
        thread = threading.Thread(target=_run, args=said, name="publishing", daemon=True)
        thread.start()
        return True

    def forget(self) -> None:
        """Put the finished publishing away."""
        if not self.running:
            self.latest = None


def _run(job: Job, where: Desk, principal: Principal, note: str, sign: str | None, unreviewed: str) -> None:
    def tell(what: str, share: float) -> None:
        job.what, job.share = what, share

    try:
        job.made = publish(where, principal=principal, note=note, sign=sign, unreviewed=unreviewed, progress=tell)
    except Exception as problem:
        desk.record(problem)
        job.problem = desk.sentence_of(problem)


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The publishings of this process."""
    return Jobs()
