"""The vault: pseudonymised rows in one DuckDB file. The only package that opens it, each time for one operation.

vault.py is what others use; opening.py how the file is opened, schema.py what lies in it, batches.py and storing.py
deliveries, agreements.py the delivery plan as GR has set it, joins.py which joins are declared, rewriting.py how a vault file is replaced by a changed copy
of itself, and erasing.py and keeping.py what that serves: erasure, backups, keys.
"""

from metrics.vault.agreements import EVERYBODY, Agreement
from metrics.vault.batches import Batch, Overlap, OverlapError
from metrics.vault.joins import Join, JoinError
from metrics.vault.vault import Vault

__all__ = ["EVERYBODY", "Agreement", "Batch", "Join", "JoinError", "Overlap", "OverlapError", "Vault"]
