"""historik, Leveranser: every batch, what was said about it, and undo with a reason."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from metrics.intake.receipt import kept_findings, local_time
from metrics.present import numbers
from metrics.present.html import address, link, notice, section, table
from metrics.vault import Batch
from pages.parts import desk, desk_receipts

HEADINGS = ("Nr", "Mottagen", "Organisation", "Slag av uttag", "Perioder", "Enheter", "Rader", "Fynd", "Läge")
MOST = 40


def show(batches: list[Batch]) -> None:
    """The table of batches, and one of them in full."""
    if not batches:
        st.html(section("Inga leveranser ännu") + _teaching())
        return
    st.html(section("Leveranser", _sentence(batches)))
    wanted = st.text_input(
        "Sök organisation, slag, period eller fil", key="batches_search", placeholder="Till exempel Tjörn"
    )
    found = [each for each in batches if _matches(each, wanted or "")]
    if not found:
        st.html(notice("Ingen leverans stämmer med sökningen."))
        return
    rows = [_row(each) for each in found[:MOST]]
    st.html(desk.wide(table("Leveranser, nyaste först", HEADINGS, rows, text_columns=5)))
    if len(found) > MOST:
        st.html(desk.quiet(f"De {MOST} nyaste av {len(found)} visas. Sök för att hitta äldre."))
    _one(found)


def _teaching() -> str:
    text = (
        "Här står varje fil som lämnats in: vem, när, vad, hur många rader, vad som anmärktes och varför det ändå "
        "togs emot. En leverans kan ångras, och det den ersatte gäller då igen. "
    )
    return f'<p class="sy-lead">{text}{link("Lämna in den första filen", address("lamna-in"))}</p>'


def _sentence(batches: list[Batch]) -> str:
    standing = [each for each in batches if each.undone_at is None]
    rows, senders = sum(each.row_count for each in standing), len({each.sender for each in standing})
    undone = len(batches) - len(standing)
    said = (
        f"**{numbers.capital(numbers.counted(len(standing), 'leverans', 'leveranser'))}** med {numbers.count(rows)} rader "
        f"från {numbers.counted(senders, 'organisation', 'organisationer')}"
    )
    return said + (f", och {numbers.counted(undone, 'ångrad', 'ångrade')}." if undone else ".")


def _matches(batch: Batch, wanted: str) -> bool:
    text = " ".join((batch.sender, desk.title_of(batch.extract), batch.file_name, *batch.periods, str(batch.batch)))
    return wanted.strip().casefold() in text.casefold()


def periods_of(periods: tuple[str, ...]) -> str:
    return numbers.listed(periods) if len(periods) < 4 else f"{periods[0]} till {periods[-1]}"


def _row(batch: Batch) -> tuple[str, ...]:
    return (
        str(batch.batch),
        local_time(batch.stored_at),
        batch.sender,
        desk.title_of(batch.extract),
        periods_of(batch.periods) or "–",
        numbers.count(batch.units) if batch.units else "–",
        numbers.count(batch.row_count),
        _found(batch),
        "ångrad" if batch.undone_at else "gäller" if batch.mode == "replace" else "gäller, tillagd",
    )


def _found(batch: Batch) -> str:
    counts = Counter(each.severity for each in kept_findings(batch))
    said = [numbers.counted(counts["warning"], "varning", "varningar")] if counts["warning"] else []
    said += [numbers.counted(counts["info"], "upplysning", "upplysningar")] if counts["info"] else []
    return ", ".join(said) or "–"


def _one(batches: list[Batch]) -> None:
    """One batch with its receipt, and undo."""
    named = {each.batch: f"{each.batch} – {each.sender}, {desk.title_of(each.extract)}" for each in batches}
    with st.expander("Se en leverans, hämta kvittot eller ångra den", icon=":material/receipt_long:"):
        number = st.selectbox("Leverans", list(named), format_func=lambda each: named[each], key="batch_shown")
        batch = next(each for each in batches if each.batch == number)
        desk_receipts.one(batch, heading=False)
        if batch.undone_at is None:
            _undo(batch)


def _undo(batch: Batch) -> None:
    said = "Det leveransen ersatte gäller igen. Utgåvor som redan är ute ändras inte; det som ångrats saknas i nästa."
    st.html('<div class="sy-section"><h3>Ångra leveransen</h3></div>' + desk.quiet(said))
    with st.form(f"undo_{batch.batch}", border=False):
        reason = st.text_input("Varför ångras den?", max_chars=500, key=f"undo_reason_{batch.batch}")
        if st.form_submit_button(f"Ångra leverans {batch.batch}", icon=":material/undo:"):
            undone = desk.attempt(
                lambda: desk.vault().undo(batch.batch, reason=reason or "", principal=desk.principal()),
                "Ångrar leveransen",
            )
            if undone is not None:
                st.session_state["history_said"] = f"Leverans {undone.batch} är ångrad."
                st.rerun()
