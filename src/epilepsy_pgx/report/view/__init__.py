"""The view of a report: what every page of it prints, in words and in order.

`build_view` groups, numbers and chooses once. HTML and PDF lay out what it returns and decide
nothing; FHIR, whose resources follow the report's own structure, takes its words from
`view.words`. Languages and letters are done with here, markup is not begun.
"""

from epilepsy_pgx.report.view.build import build_view
from epilepsy_pgx.report.view.whole import View

__all__ = ["View", "build_view"]
