"""The Python interface: what the commands `call`, `annotate` and `run` do, as objects and frames.

`import epilepsy_pgx as pgx` offers these names as `pgx.call` and so on.
"""

from epilepsy_pgx.api.frames import read_tables
from epilepsy_pgx.api.objects import Annotations, Calls, Reports
from epilepsy_pgx.api.reading import annotate, call, report
from epilepsy_pgx.errors import PgxError

__all__ = [
    "Annotations",
    "Calls",
    "PgxError",
    "Reports",
    "annotate",
    "call",
    "read_tables",
    "report",
]
