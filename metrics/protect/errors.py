"""What can go wrong at the gate; every message reads "rule, got: value" and never holds a cell's value.

ProtectionError         the tables or the demands on them make no sense, or cannot be met
DisclosureError         the audit found a cell that is too well known: nothing may be published
"""


class ProtectionError(ValueError):
    """The tables cannot be protected as asked."""


class DisclosureError(RuntimeError):
    """An outsider would learn too much from what was about to be published."""
