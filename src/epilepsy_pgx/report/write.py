"""Write the files of each patient, one patient at a time."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from epilepsy_pgx.files import make_folder, write_bytes
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.letterhead import Letterhead
from epilepsy_pgx.report.said import fill_texts
from epilepsy_pgx.report.serialise import report_to_json
from epilepsy_pgx.report.tables import report_tsv
from epilepsy_pgx.report.wording import Wording

if TYPE_CHECKING:
    from epilepsy_pgx.report.html import HtmlRenderer
    from epilepsy_pgx.report.pdf import PdfRenderer

FORMATS = ("html", "json", "tsv", "pdf", "fhir")
SUFFIXES = {"fhir": "fhir.json"}
"""Ends of file names that differ from the format's word."""


def report_folder(sample_id: str) -> Path:
    """Return the folder of a patient below the reports folder: `ab/ID`.

    The two letters spread a hundred thousand patients over 256 folders. An id that is no plain
    name (which the sample sheet refuses) is replaced by its digest.
    """
    digest = hashlib.sha256(sample_id.encode()).hexdigest()
    plain = all(c.isascii() and (c.isalnum() or c in "._-") for c in sample_id)
    name = sample_id if plain and sample_id.strip(".") and len(sample_id) <= 64 else digest[:32]
    return Path(digest[:2]) / name


def render_report(
    report: PatientReport,
    form: str,
    ref: Reference,
    paper: str = "a4",
    letterhead: Letterhead | None = None,
) -> bytes:
    """Return one report in one of `FORMATS`."""
    return Renderers(ref, paper, letterhead).render(report, form)


class Renderers:
    """The renderers of a run, made when they are first needed."""

    def __init__(
        self, ref: Reference, paper: str = "a4", letterhead: Letterhead | None = None
    ) -> None:
        """Remember what they need."""
        self._ref = ref
        self._paper = paper
        self._head = letterhead or Letterhead()
        self._texts: dict[str, Wording] = {}
        self._html: dict[str, HtmlRenderer] = {}
        self._pdf: dict[str, PdfRenderer] = {}

    def _wording(self, language: str) -> Wording:
        if language not in self._texts:
            self._texts[language] = Wording(self._ref, language)
        return self._texts[language]

    def render(self, report: PatientReport, form: str) -> bytes:
        """Return a report in one format.

        The parameters name the digest of the laboratory's logo; the data of a final report stay
        as they were authorised.
        """
        if report.authorisation is None or form in ("html", "pdf"):
            report = self._head.note(report)
        if form == "json":
            if report.authorisation is None:
                report = fill_texts(report, self._wording(report.language))
            return report_to_json(report).encode()
        if form == "tsv":
            return report_tsv(report, self._wording(report.language)).encode()
        if form == "fhir":
            from epilepsy_pgx.report.fhir import report_to_fhir

            given = report.authorisation
            authorised_by = f"{given.name}, {given.role}" if given else ""
            return report_to_fhir(report, self._ref, authorised_by).encode()
        language = report.language
        if form == "html":
            if language not in self._html:
                from epilepsy_pgx.report.html import HtmlRenderer

                self._html[language] = HtmlRenderer(self._ref, language, self._head)
            return self._html[language].render(report).encode()
        if form != "pdf":
            raise ValueError(f"no such format: {form}")
        if language not in self._pdf:
            from epilepsy_pgx.report.pdf import PdfRenderer, PdfSettings

            settings = PdfSettings(self._paper, self._head)
            self._pdf[language] = PdfRenderer(self._ref, language, settings)
        return self._pdf[language].render(report)


def write_reports(
    reports: Iterable[PatientReport],
    out: Path,
    ref: Reference,
    formats: Sequence[str] = ("html", "json", "tsv"),
    paper: str = "a4",
    letterhead: Letterhead | None = None,
    renderers: Renderers | None = None,
) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Write reports as they come; yield sample id and files of each."""
    renderers = renderers or Renderers(ref, paper, letterhead)
    for report in reports:
        folder = out / report_folder(report.patient.sample_id)
        make_folder(folder)
        files = []
        for form in formats:
            path = folder / f"{folder.name}.{SUFFIXES.get(form, form)}"
            write_bytes(path, renderers.render(report, form))
            files.append(path)
        yield report.patient.sample_id, tuple(files)
