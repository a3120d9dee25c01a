"""The command for the printed pages of a member: the brief, and the page for the staff. Texts are Swedish."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from metrics import cli_progress
from metrics.cli_vault import DONE, WRONG_USE, Run, Say
from metrics.export import brief, bundle, staff_page
from metrics.present import school_page, team_page
from metrics.present.early_signs import find
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView
from metrics.present.staff_page import StaffView, stages
from metrics.release import read
from metrics.values import Principal, Role
from metrics.vocabulary import ALL

PACKAGE = ".zip"


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser],
    *,
    principal: Callable[[argparse.Namespace], Principal],
    say: Say,
) -> None:
    """Add `samsyn brief`; `command` makes a subparser, as in metrics.cli. A school's page is for school readers, and other
    pages hold no values of schools for anyone else.
    """

    def run(chosen: argparse.Namespace) -> int:
        folder = read.folder_of(chosen.release) if chosen.release else read.current_folder()
        if folder is None:
            return _wrong_use(f"Det finns ingen utgåva som heter {chosen.release}.")
        who = principal(chosen)
        if chosen.school:
            who.require(Role.SCHOOL_READER)
        figures = Figures(seen_by(who, opened(folder)))
        wrong = _what_is_wrong(chosen, figures)
        if wrong:
            return _wrong_use(wrong)
        chosen.to.write_bytes(_page(chosen, figures))
        what = "Paketet är skrivet" if chosen.to.suffix == PACKAGE else "Sidan är skriven"
        say(chosen, f"{what} till {chosen.to.name}.", done=True, release=figures.release.id)
        return DONE

    made = command("brief", run, "Skriv en sida att skriva ut om en kommun, till nämnden eller till personalen.")
    made.add_argument("--member", metavar="KOMMUN")
    made.add_argument(
        "--school", metavar="KOD", help="med --staff: sidan till personalen vid en skola, med dess skolenhetskod"
    )
    made.add_argument(
        "--team", metavar="TEAM", help="med --staff: sidan till personalen i ett team, med dess namn i registret"
    )
    made.add_argument("--staff", action="store_true", help="sidan till personalen: säger, säger inte, tre frågor")
    made.add_argument("--stage", default=ALL, metavar="STADIUM", help="stadium för sidan till personalen, som 7-9")
    made.add_argument("--release", metavar="UTGÅVA")
    made.add_argument("--to", required=True, type=Path, metavar="FIL.pdf|.zip", help=".zip: allt till nämndens möte")


def opened(folder: Path) -> read.Release:
    """The release in `folder`; read.ReleaseError in Swedish if it is withdrawn."""
    release = read.load(folder)
    if release.withdrawn:
        raise read.ReleaseError(
            f"Utgåva {release.id} är tillbakadragen {release.withdrawn.day}: {release.withdrawn.reason}"
        )
    return release


def seen_by(who: Principal, release: read.Release) -> read.Release:
    """The release with values of single schools for those who read schools, otherwise without them."""
    return release if Role.SCHOOL_READER in who.roles else replace(release, schools=release.schools.iloc[:0])


def _what_is_wrong(chosen: argparse.Namespace, figures: Figures) -> str:
    there = stages(figures)
    whole = chosen.to.suffix == PACKAGE
    if whole and chosen.staff:
        return "Paketet för nämnden (.zip) har inte sidan till personalen: ta bort --staff."
    if not whole and chosen.to.suffix != ".pdf":
        return f"Filen ska sluta på .pdf, eller .zip för hela paketet, inte {chosen.to.suffix or 'inget'}."
    if chosen.school and chosen.team:
        return "Ange --school eller --team, inte båda."
    for option, name, refusal in (
        ("--school", chosen.school, school_page.refusal),
        ("--team", chosen.team, team_page.refusal),
    ):
        if name:
            needs = f"{option} gäller sidan till personalen: lägg till --staff."
            return refusal(figures, name) if chosen.staff else needs
    if chosen.member not in figures.release.member_names:
        return (
            f"Det finns ingen kommun som heter {chosen.member} i utgåvan." if chosen.member else "Ange --member KOMMUN."
        )
    if chosen.stage not in there:
        return f"Stadium är ett av {', '.join(there)}, inte {chosen.stage}."
    if chosen.stage != ALL and not chosen.staff:
        return "--stage gäller sidan till personalen: lägg till --staff."
    return ""


def _page(chosen: argparse.Namespace, figures: Figures) -> bytes:
    if chosen.school:
        return staff_page.school_pdf(figures, chosen.school)
    if chosen.team:
        return staff_page.team_pdf(figures, chosen.team)
    if chosen.staff:
        return staff_page.pdf(figures, find(figures), StaffView(area=chosen.member, stage=chosen.stage))
    view = ProfileView(area=chosen.member)
    if chosen.to.suffix == PACKAGE:
        return bundle.zip_bytes(figures, view, progress=cli_progress.step)
    return brief.pdf(figures, view)


def _wrong_use(text: str) -> int:
    print(text, file=sys.stderr)
    return WRONG_USE
