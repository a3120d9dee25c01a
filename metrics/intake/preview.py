"""What a delivery changes for the sender's own organisation: its own rows only, never another's cells or verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from metrics import engine
from metrics.declare import Extract, Indicator
from metrics.intake.findings import Staged
from metrics.intake.organisations import member_of
from metrics.release.read import Release
from metrics.values import Principal, Role
from metrics.vault import Vault
from metrics.vault.batches import incoming, slice_columns
from metrics.vocabulary import PROVIDERS, Region

PREVIEWS_A_DAY = 200
PREVIEWED = "förhandsgranskat"


class PreviewLimitError(RuntimeError):
    """Too many previews in a day; the message is Swedish."""


@dataclass(frozen=True, kw_only=True)
class OfficialTotal:
    """The pupils of the sender's municipality in an official series, and whose schools it counts."""

    pupils: int
    provider: str


@dataclass(frozen=True, kw_only=True)
class PeriodChange:
    """One period of the file beside what the sender has standing.

    `compared_with` is the period the units are compared with: the same one when it has been delivered before,
    otherwise the newest earlier one; empty when there is none.
    """

    period: str
    rows: int
    pupils: int | None
    units: int
    rows_before: int | None
    units_before: int | None
    compared_with: str = ""
    missing_units: tuple[str, ...] = ()
    added_units: tuple[str, ...] = ()
    official: OfficialTotal | None = None


@dataclass(frozen=True, kw_only=True)
class OwnChanges:
    """What the file means for the sender: per period, and the periods only the file or only the vault has."""

    periods: tuple[PeriodChange, ...]
    added_periods: tuple[str, ...] = ()
    untouched_periods: tuple[str, ...] = ()
    unit_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Slices:
    """Rows per period and unit."""

    rows: Mapping[tuple[str, str], int]

    @property
    def periods(self) -> set[str]:
        return {period for period, _ in self.rows}

    def units(self, period: str) -> set[str]:
        return {unit for each, unit in self.rows if each == period and unit}

    def total(self, period: str) -> int:
        return sum(count for (each, _), count in self.rows.items() if each == period)


def own_changes(
    vault: Vault,
    staged: Staged,
    *,
    sender: str,
    principal: Principal,
    region: Region,
    release: Release | None = None,
    indicators: Mapping[str, Indicator] | None = None,
) -> OwnChanges:
    """What the staged file changes for `sender`; `release` gives the official totals to stand beside."""
    principal.require(Role.DELIVERER, sender)
    if staged.extract is None:
        return OwnChanges(periods=())
    now = _staged_slices(staged, staged.extract)
    before, names = _standing(vault, staged.extract, sender, staged.coverage.source_system, principal)
    pupils = _pupils(staged, staged.extract)
    official = _official(release, staged.extract, indicators or {}, sender, region)
    return OwnChanges(
        periods=tuple(_change(period, now, before, pupils, official) for period in sorted(now.periods)),
        added_periods=tuple(sorted(now.periods - before.periods - {""})) if before.rows else (),
        untouched_periods=tuple(sorted(before.periods - now.periods - {""})),
        unit_names=names,
    )


def _change(
    period: str,
    now: _Slices,
    before: _Slices,
    pupils: Mapping[str, int],
    official: Mapping[str, OfficialTotal],
) -> PeriodChange:
    earlier = [each for each in before.periods if each <= period]
    compared = max(earlier, default="")
    units, known = now.units(period), before.units(compared)
    same = period in before.periods
    return PeriodChange(
        period=period,
        rows=now.total(period),
        pupils=pupils.get(period),
        units=len(units),
        rows_before=before.total(compared) if earlier else None,
        units_before=len(known) if earlier else None,
        compared_with=(period if same else compared) if earlier else "",
        missing_units=tuple(sorted(known - units)) if earlier else (),
        added_units=tuple(sorted(units - known)) if earlier else (),
        official=official.get(period),
    )


def _staged_slices(staged: Staged, extract: Extract) -> _Slices:
    return _Slices(rows=incoming(staged.connection, extract))


def _pupils(staged: Staged, extract: Extract) -> dict[str, int]:
    """Distinct pupils per period, where the extract has pupils."""
    name = next((column.name for column in extract.columns if column.kind == "pseudonym"), None)
    if name is None:
        return {}
    period, _ = slice_columns(extract)
    sql = f"SELECT {period}, count(DISTINCT {name}) FROM staged GROUP BY 1"
    return {row[0]: row[1] for row in engine.rows(staged.connection, sql)}


def _standing(
    vault: Vault, extract: Extract, sender: str, source_system: str, principal: Principal
) -> tuple[_Slices, dict[str, str]]:
    """The sender's own standing slices from this system, and the names of school units."""
    # The sender's own slices are read on its behalf, so a deliverer needs no other role for it.
    with vault.reading(replace(principal, roles=principal.roles | {Role.READER})) as connection:
        found = engine.rows(
            connection,
            """
            SELECT period, unit, sum(row_count)
            FROM active
            WHERE extract = ? AND sender = ? AND source_system = ? AND row_count > 0
            GROUP BY period, unit
            """,
            [extract.name, sender, source_system],
        )
        names = engine.rows(connection, "SELECT DISTINCT school_unit, unit_name FROM school_units")
    return _Slices(rows={(row[0], row[1]): int(row[2]) for row in found}), dict(names)


def _official(
    release: Release | None, extract: Extract, indicators: Mapping[str, Indicator], sender: str, region: Region
) -> dict[str, OfficialTotal]:
    """Pupils per period in the official series that belong to the extract's indicators, for the sender's municipality."""
    member = member_of(sender, region)
    names = [each.name for each in indicators.values() if extract.name in each.extracts and each.official]
    if release is None or member is None or not names:
        return {}
    values = release.select(series="official", area=member.name, sex="all", background="all", model="all")
    values = values[values["indicator"].isin(names) & values["denominator"].notna()]
    if "municipal" in set(values["provider"]):  # what members deliver is their own schools
        values = values[values["provider"] == "municipal"]
    found: dict[str, OfficialTotal] = {}
    columns = ["school_year", "provider", "denominator"]
    for year, provider, pupils in values.sort_values("denominator")[columns].to_numpy().tolist():
        found[year] = OfficialTotal(pupils=int(pupils), provider=PROVIDERS.get(provider, provider))
    return found


def official_total(
    release: Release | None, staged: Staged, indicators: Mapping[str, Indicator], sender: str, region: Region
) -> tuple[int, int] | None:
    """The file's pupils of its newest period and those of the official series of the sender's own schools, if any."""
    if staged.extract is None:
        return None
    official = _official(release, staged.extract, indicators, sender, region)
    own = _pupils(staged, staged.extract)
    newest = max(own.keys() & official.keys(), default="")
    if not newest or official[newest].provider != PROVIDERS["municipal"]:
        return None
    return own[newest], official[newest].pupils


def record_preview(
    vault: Vault, *, sender: str, extract: str, principal: Principal, limit: int = PREVIEWS_A_DAY
) -> None:
    """Log that the sender looked at what would change; PreviewLimitError when it has looked too often today."""
    if not vault.exists:
        return
    log = vault.log(principal)
    today = datetime.now(UTC).date()
    mine = log[(log["act"] == PREVIEWED) & (log["subject"] == principal.subject) & (log["object"] == sender)]
    if sum(moment.date() == today for moment in mine["moment"]) >= limit:
        raise PreviewLimitError(
            f"{sender} har förhandsgranskat {limit} gånger i dag, och det är gränsen. "
            "Filen kan lämnas in ändå, eller granskas i morgon."
        )
    vault.write_log(principal, PREVIEWED, sender, extract)


def unit_label(unit: str, names: Mapping[str, str]) -> str:
    """A school unit as its sender knows it: name and code, or the code alone."""
    return f"{names[unit]} ({unit})" if unit in names else unit


def listed_units(units: Sequence[str], names: Mapping[str, str], most: int = 8) -> str:
    """The units in one line, the first ones by name and the rest as a number."""
    shown = ", ".join(unit_label(unit, names) for unit in units[:most])
    return shown + (f" och {len(units) - most} till" if len(units) > most else "")
