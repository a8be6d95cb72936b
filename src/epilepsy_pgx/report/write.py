"""Write the files of each patient, one patient at a time."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.serialise import report_to_json
from epilepsy_pgx.report.tables import report_tsv


def report_folder(sample_id: str) -> Path:
    """Return the folder of a patient below the reports folder: `ab/ID`.

    The two letters spread a hundred thousand patients over 256 folders. An id that is no plain
    name (which the sample sheet refuses) is replaced by its digest.
    """
    digest = hashlib.sha256(sample_id.encode()).hexdigest()
    plain = all(c.isascii() and (c.isalnum() or c in "._-") for c in sample_id)
    name = sample_id if plain and sample_id.strip(".") and len(sample_id) <= 64 else digest[:32]
    return Path(digest[:2]) / name


def write_reports(
    reports: Iterable[PatientReport],
    out: Path,
    ref: Reference,
    formats: Sequence[str] = ("html", "json", "tsv"),
) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Write reports as they come; yield sample id and files of each."""
    html = None
    for report in reports:
        folder = out / report_folder(report.patient.sample_id)
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for form in formats:
            if form == "html":
                if html is None:
                    from epilepsy_pgx.report.html import HtmlRenderer

                    html = HtmlRenderer(ref, report.language)
                text = html.render(report)
            elif form == "json":
                text = report_to_json(report)
            else:
                text = report_tsv(report)
            path = folder / f"{folder.name}.{form}"
            temporary = folder / f".{folder.name}.{form}"
            temporary.write_text(text, encoding="utf-8", newline="\n")
            os.replace(temporary, path)
            files.append(path)
        yield report.patient.sample_id, tuple(files)
