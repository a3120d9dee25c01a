"""Step 1: what a dropped file was taken for, and how its sender corrects that."""

from __future__ import annotations

import streamlit as st

from metrics import catalogue
from metrics.declare import Extract
from metrics.intake.corrected import DELIMITERS, ENCODINGS, Correction
from metrics.present import numbers
from metrics.present.html import section
from pages.parts import desk
from pages.parts.desk_case import Case

AS_READ = ""
UNMATCHED = "?"


def show(case: Case) -> None:
    """What was recognised, and the corrections one click below."""
    st.html(section("1 Fil") + desk.facts(_recognised(case)))
    if case.staged.findings.recognised.unknown_headings and case.staged.extract:
        _headings(case)
    if any(case.answers.mapping.values()):
        _matched(case)
    with st.expander("Rätta det som lästs", icon=":material/edit:"):
        _corrections(case)


def _header(row: int | None) -> str:
    if row is None:
        return "inte funnen"
    return f"rad {row}" if row else "posternas namn"


def _recognised(case: Case) -> list[tuple[str, str]]:
    known, source = case.staged.findings.recognised, case.staged.source
    units = len(known.units)
    key_id = case.staged.coverage.key_id
    return [
        ("Fil", case.name),
        ("Slag av uttag", case.kind),
        ("Rader", numbers.count(known.row_count)),
        ("Perioder", _periods(known.periods)),
        ("Skolenheter", numbers.count(units) if units else "inga i filen"),
        ("Teckenkodning", known.encoding or "kunde inte avgöras"),
        ("Avgränsare", known.delimiter or "ingen"),
        ("Rubrikrad", _header(known.header_row)),
        ("Storlek", _size(source.size)),
        *([("Pseudonymer gjorda med nyckel", key_id)] if key_id else []),
    ]


def _periods(periods: tuple[str, ...]) -> str:
    if len(periods) > 4:
        return f"{periods[0]} till {periods[-1]} ({len(periods)})"
    return numbers.listed(periods) or "inga i filen"


def _size(size: int) -> str:
    return f"{numbers.count(max(1, round(size / 1000)))} kB" if size < 10**6 else f"{numbers.number(size / 10**6)} MB"


def _corrections(case: Case) -> None:
    answers, key = case.answers, case.key
    kinds = {AS_READ: "Som Samsyn läst", **{each.name: each.title for each in _extracts()}}
    first, second, third, fourth = st.columns(4)
    extract = first.selectbox(
        "Slag av uttag",
        list(kinds),
        index=list(kinds).index(answers.extract),
        format_func=lambda each: kinds[each],
        key=f"kind_{key}",
    )
    encoding = _choice(second, "Teckenkodning", ENCODINGS, answers.correction.encoding, f"encoding_{key}")
    delimiter = _choice(third, "Avgränsare", DELIMITERS, answers.correction.delimiter, f"delimiter_{key}")
    header = fourth.number_input(
        "Rubrikrad (0 = som Samsyn läst)", 0, 200, answers.correction.header_row, key=f"header_{key}"
    )
    said = Correction(encoding=encoding, delimiter=delimiter, header_row=int(header))
    if (extract, said) != (answers.extract, answers.correction):
        answers.extract, answers.correction = extract, said
        st.rerun()


def _choice(where: st.delta_generator.DeltaGenerator, label: str, names: dict[str, str], chosen: str, key: str) -> str:
    options = {AS_READ: "Som Samsyn läst", **names}
    return where.selectbox(
        label, list(options), index=list(options).index(chosen), format_func=lambda each: options[each], key=key
    )


def _extracts() -> list[Extract]:
    return sorted(catalogue.default().extracts.values(), key=lambda each: numbers.order(each.title))


def _headings(case: Case) -> None:
    """Match unknown headings to the columns that are not there yet; remembered for the sender at handing in."""
    extract, known = case.staged.extract, case.staged.findings.recognised
    assert extract is not None
    missing = [column for column in extract.columns if column.name not in known.mapping.values()]
    required = [column.title for column in missing if column.required]
    number = len(known.unknown_headings)
    text = f"Okända rubriker: {number}" + (f" – saknade kolumner: {', '.join(required)}" if required else "")
    options = {UNMATCHED: "Hör inte till uttaget", **{column.name: column.title for column in missing}}
    with st.expander(text, expanded=bool(required), icon=":material/table_view:"):
        st.html(desk.quiet("Peka ut vad rubriken betyder. Samsyn minns det till nästa gång ni lämnar in."))
        columns = st.columns(3)
        for place, heading in enumerate(known.unknown_headings):
            chosen = columns[place % 3].selectbox(
                f"”{heading}” är",
                list(options),
                format_func=lambda each: options[each],
                key=f"map_{case.key}_{place}_{heading}",
            )
            if chosen != UNMATCHED:
                case.answers.mapping[heading] = chosen
                st.rerun()


def _matched(case: Case) -> None:
    """The headings matched by hand, now or an earlier time, and a way back."""
    extract = case.staged.extract
    titles = {column.name: column.title for column in extract.columns} if extract else {}
    pairs = [f"”{heading}” är {titles.get(name, name)}" for heading, name in case.answers.mapping.items() if name]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(desk.quiet(f"Utpekat för hand: {numbers.listed(pairs)}."))
        if st.button("Ta bort utpekandet", type="tertiary", key=f"unmap_{case.key}"):
            case.answers.mapping = dict.fromkeys(case.answers.mapping, "")
            st.rerun()
