"""Measure what a patient's report costs.

    python benchmarks/report_speed.py REPORT.json [...]

Prints milliseconds of CPU a patient for HTML, JSON and TSV together and for the PDF (median and
mean; formats take turns), the size of the HTML, and the greatest memory of the process. No PDF is
made twice, because typst remembers what it has set: give the reports of some dozens of patients.
What is paid once for a process (fonts, templates) is printed for itself.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

from epilepsy_pgx.reference.package import load_reference
from epilepsy_pgx.report.serialise import report_from_json
from epilepsy_pgx.report.write import Renderers


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the CPU time of a piece of work."""
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def main(paths: list[str]) -> None:
    """Render every report and print a table."""
    renderers = Renderers(load_reference())
    first, *reports = [report_from_json(Path(p).read_bytes()) for p in paths]
    for form in ("html", "json", "tsv"):
        renderers.render(first, form)
    start = cpu_ms(lambda: renderers.render(first, "pdf"))
    text, pdf, sizes = [], [], []
    for report in reports:
        text.append(
            sum(
                cpu_ms(lambda f=form, r=report: renderers.render(r, f))
                for form in ("html", "json", "tsv")
            )
        )
        pdf.append(cpu_ms(lambda r=report: renderers.render(r, "pdf")))
        sizes.append(len(renderers.render(report, "html")))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"patients\t{len(reports)}")
    print(f"html+json+tsv, ms CPU, median (mean)\t{median(text):.1f} ({mean(text):.1f})")
    print(f"pdf, ms CPU, median (mean)\t{median(pdf):.1f} ({mean(pdf):.1f})")
    print(f"first pdf of the process, ms CPU\t{start:.1f}")
    print(f"html, largest, kB\t{max(sizes) / 1000:.1f}")
    print(f"peak memory, MB\t{peak:.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
