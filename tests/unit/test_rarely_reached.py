"""Where almost nobody can have an outcome yet, that nobody has it is told; few without it are hidden as always."""

from dataclasses import replace

import numpy as np
import pytest

from metrics import catalogue
from metrics.layout import Layout, Table
from tests.attack.test_gate import CELLS, VOCATIONAL, inner_frame, publish

LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region")))


def status(*, rare: bool, eligible: int, rest: int) -> str:
    """What a reader is told of Ale, where so many are eligible and so many are not."""
    kept = [cell for cell in CELLS if not cell[1] and cell[2:4] == ("boys", "swedish")]
    numbers = np.zeros(len(CELLS), dtype=int)
    area = kept[0][0]
    for cell in kept:
        mine = {(0, 0): rest, (1, 0): eligible}.get(cell[-1], 0)
        others = {(0, 0): 20, (1, 0): 40}.get(cell[-1], 0)
        numbers[CELLS.index(cell)] = mine if cell[0] == area else others
    indicator = replace(VOCATIONAL, rarely_reached=rare)
    values = publish(inner_frame(numbers), indicators=(indicator,), layout=LAYOUT)[0].values
    own = values[(values["area_type"] == "municipality") & (values["denominator"].isin([eligible + rest]))]
    return "shown" if (own["status"] == "shown").any() else "hidden"


@pytest.mark.parametrize(
    ("rare", "eligible", "rest", "told"),
    [(False, 0, 12, "hidden"), (True, 0, 12, "shown"), (True, 12, 3, "hidden"), (True, 0, 3, "hidden")],
)
def test_that_nobody_has_it_is_told_only_where_almost_nobody_can(
    rare: bool, eligible: int, rest: int, told: str
) -> None:
    assert status(rare=rare, eligible=eligible, rest=rest) == told


def test_only_introductory_programmes_within_three_years_are_declared_so() -> None:
    rare = {each.name for each in catalogue.default().indicators.values() if each.rarely_reached}
    assert rare == {"diploma_within_3_years_introductory", "diploma_or_certificate_within_3_years_introductory"}
