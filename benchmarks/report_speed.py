"""Measure what a patient's report costs.

    python benchmarks/report_speed.py REPORT.json [...]

Prints milliseconds of CPU a patient for HTML, JSON and TSV together and for the PDF, the size of
the HTML, and the greatest memory of the process.
"""

import resource
import sys
import time
from pathlib import Path

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.serialise import report_from_json
from epilepsy_pgx.report.write import Renderers

ROUNDS = 20


def main(paths: list[str]) -> None:
    """Render every report several times and print a table."""
    renderers = Renderers(load_reference())
    reports = [report_from_json(Path(p).read_bytes()) for p in paths]
    sizes = [len(renderers.render(r, "html")) for r in reports]
    began = time.process_time()
    for _ in range(ROUNDS):
        for report in reports:
            for form in ("html", "json", "tsv"):
                renderers.render(report, form)
    text = (time.process_time() - began) / ROUNDS / len(reports)
    for report in reports:
        renderers.render(report, "pdf")
    began = time.process_time()
    for report in reports:
        renderers.render(report, "pdf")
    pdf = (time.process_time() - began) / len(reports)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"patients\t{len(reports)}")
    print(f"html+json+tsv, ms CPU\t{1000 * text:.1f}")
    print(f"pdf, ms CPU\t{1000 * pdf:.1f}")
    print(f"html, largest, kB\t{max(sizes) / 1000:.1f}")
    print(f"peak memory, MB\t{peak:.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
