"""What other families tell of a family's pupils, beside tables of it that were published: what narrows them is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from metrics.catalogue import Catalogue
from metrics.declare import Indicator
from metrics.protect.counties import MOST_TOGETHER
from metrics.protect.elsewhere import Standing, hidden_in, known_elsewhere, narrows, without
from metrics.protect.errors import ProtectionError
from metrics.protect.known import KnownSum, told_elsewhere
from metrics.protect.thresholds import Thresholds
from metrics.release.records import Family
from metrics.values import Counts, Published
from metrics.vocabulary import Region, parse_period


def told_by(catalogue: Catalogue) -> frozenset[str]:
    """The indicators that other families tell of."""
    return frozenset(each.elsewhere for each in catalogue.indicators.values() if each.elsewhere)


@dataclass(frozen=True, kw_only=True)
class Others:
    """What other families tell in this release, and the desk's records of them."""

    catalogue: Catalogue
    region: Region
    thresholds: Thresholds
    parts: Sequence[Published]
    families: Sequence[Family]

    def known(self, counts: Counts, before: Family) -> list[KnownSum]:
        """What they say, or have said in any release, of the pupils in these counts, and what they will know of them."""
        family = self.catalogue.family(counts.population)
        told = told_elsewhere(counts, family, self.parts, region=self.region)
        told += [each for period in counts.periods for each in before.elsewhere.get(period, ())]
        return [*told, *known_elsewhere(counts, family, told_by(self.catalogue), region=self.region)]

    def beside(self, before: Family, period_kind: str, known: Sequence[KnownSum]) -> Others:
        """The same without numbers that would narrow published tables of a family; `known`: what anyone has of it."""
        family = self.catalogue.family(before.population)
        others = [each.elsewhere for each in family if each.elsewhere]
        found = self
        for standing in _standing(before, period_kind, known) if others else ():
            new = [each for each in found._of(standing, family) if each not in standing.known]
            if new and found._narrowed(standing, new, family):
                found = found._without(others, standing.period, period_kind)
        return found

    def recorded(self, after: Family, period_kind: str) -> Family:
        """The family's record with what is told of each of its periods now beside what was told before."""
        family = self.catalogue.family(after.population)
        if not any(each.elsewhere for each in family):
            return after
        told = {}
        for standing in _standing(after, period_kind, ()):
            told[standing.period] = tuple(dict.fromkeys([*standing.known, *self._of(standing, family)]))
        return replace(after, elsewhere={period: each for period, each in told.items() if each})

    def _of(self, standing: Standing, family: Sequence[Indicator]) -> list[KnownSum]:
        found = told_elsewhere(standing.counts, family, self.parts, region=self.region)
        return [each for each in found if each.period == standing.period]

    def _narrowed(self, standing: Standing, told: Sequence[KnownSum], family: Sequence[Indicator]) -> bool:
        """Also where it cannot be asked: a region solved by county, or tables that cannot be matched."""
        if len(self.region.members) > MOST_TOGETHER:
            return True
        try:
            return narrows(standing, told, family, region=self.region, thresholds=self.thresholds)
        except ProtectionError:
            return True

    def _without(self, indicators: Sequence[str], period: str, period_kind: str) -> Others:
        year = parse_period(period, period_kind).end.year
        after = f"{year}/{(year + 1) % 100:02d}"
        parts, families = list(self.parts), list(self.families)
        for name in indicators:
            population = self.catalogue.indicators[name].population
            parts = [without(each, name, after) for each in parts]
            families = [_not_told(each, name, after) if each.population == population else each for each in families]
        return replace(self, parts=parts, families=families)


def _standing(family: Family, period_kind: str, known: Sequence[KnownSum]) -> list[Standing]:
    return [
        Standing(
            population=family.population,
            period_kind=period_kind,
            period=period,
            tables=tables,
            known=[*(each for each in known if each.period == period), *family.elsewhere.get(period, ())],
        )
        for period, tables in sorted(family.tables.items())
    ]


def _not_told(family: Family, indicator: str, period: str) -> Family:
    """The record where an indicator of a period's newest table is not told after all."""
    if period not in family.tables:
        return family
    *earlier, last = family.tables[period]
    return replace(family, tables={**family.tables, period: [*earlier, hidden_in(last, indicator)]})
