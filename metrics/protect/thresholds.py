"""How few pupils are too few. A setting can make the limits stricter, never looser."""

from collections.abc import Mapping
from dataclasses import dataclass

from metrics.protect.errors import ProtectionError

LEAST_PUPILS, LEAST_SCHOOL_PUPILS, LEAST_PERCENT = 5, 10, 10.0


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """`pupils`: fewer than so many are protected; `school_pupils`: the same where one school is the whole group.

    `percent`: a sum where the others together weigh less than this share of the largest pupil is protected
    (the p % rule: the sum would give the largest contribution within p %).
    `members`: whether protected counts stay open also to each member with all its own pupils (insiders.py).
    """

    pupils: int = LEAST_PUPILS
    school_pupils: int = LEAST_SCHOOL_PUPILS
    percent: float = LEAST_PERCENT
    members: bool = False

    def __post_init__(self) -> None:
        for name, value, least in (
            ("pupils", self.pupils, LEAST_PUPILS),
            ("school_pupils", self.school_pupils, max(LEAST_SCHOOL_PUPILS, self.pupils)),
            ("percent", self.percent, LEAST_PERCENT),
        ):
            if value < least:
                raise ProtectionError(f"{name} is at least {least}, got: {value}")


def from_settings(environment: Mapping[str, str]) -> Thresholds:
    """The thresholds with what the settings make stricter; ProtectionError, in Swedish, where one would loosen them."""
    pupils = _at_least(environment, "SAMSYN_LEAST_PUPILS", LEAST_PUPILS)
    school_pupils = _at_least(environment, "SAMSYN_LEAST_SCHOOL_PUPILS", max(LEAST_SCHOOL_PUPILS, pupils))
    return Thresholds(
        pupils=pupils, school_pupils=school_pupils, members=environment.get("SAMSYN_MEMBERS") == "protect"
    )


def _at_least(environment: Mapping[str, str], name: str, least: int) -> int:
    said = environment.get(name, "").strip() or str(least)
    if not said.isdecimal() or int(said) < least:
        raise ProtectionError(f"{name} är ett heltal från {least} och uppåt: gränsen kan bara höjas. Nu är den {said}.")
    return int(said)
