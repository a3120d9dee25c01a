"""The gate between counts and everything anyone may read: hides what would disclose a pupil, then attacks the result."""

from metrics.protect.auditing import audit
from metrics.protect.errors import DisclosureError, ProtectionError
from metrics.protect.suppress import protect_tables

__all__ = ["DisclosureError", "ProtectionError", "audit", "protect_tables"]
