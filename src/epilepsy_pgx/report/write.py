"""Write the files of each patient, one patient at a time."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.files import make_folder, write_bytes
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.format import RenderContext, Renderer
from epilepsy_pgx.report.formats import DEFAULTS, FORMATS
from epilepsy_pgx.report.letterhead import Letterhead

PAGE = "html"
"""The format that the page over all patients links to."""


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
    language: str | None = None,
) -> bytes:
    """Return one report in one of `FORMATS`, in another language than its own if one is given."""
    return Renderers(ref, paper, letterhead, language).render(report, form)


class Renderers:
    """The renderers of a run, made when they are first needed."""

    def __init__(
        self,
        ref: Reference,
        paper: str = "a4",
        letterhead: Letterhead | None = None,
        language: str | None = None,
    ) -> None:
        """Remember what they need.

        Parameters
        ----------
        language
            Language of the files; None for that of each report.
        """
        self._ref = ref
        self._paper = paper
        self._head = letterhead or Letterhead()
        self._language = language
        self._contexts: dict[tuple[str, Letterhead], RenderContext] = {}
        self._made: dict[tuple[str, str, Letterhead], Renderer] = {}

    def render(self, report: PatientReport, form: str) -> bytes:
        """Return a report in one format.

        A head that is given belongs to a draft from then on. A final report has the head that was
        released with it.

        Raises
        ------
        ConfigError
            If another head is given for a file of a final report that shows one.
        """
        if form not in FORMATS:
            raise ValueError(f"unknown report format: {form}")
        head = Letterhead.of(report)
        if report.authorisation is None:
            head = head if self._head.empty else self._head
            report = head.note(report)
        elif FORMATS[form].letterhead and not self._head.empty and self._head != head:
            raise ConfigError.one(
                "final-letterhead",
                column="--laboratory, --address, --accreditation and --logo",
                found="a head that was not released with the report",
                expected="the released head, or none",
                fix="Render the draft as JSON with the new head, and release that.",
            )
        language = self._language or report.language
        if language != report.language:
            report = replace(report, language=language)
        return self._renderer(form, language, head)(report)

    def _renderer(self, form: str, language: str, head: Letterhead) -> Renderer:
        if (language, head) not in self._contexts:
            made = RenderContext(self._ref, language, self._paper, head)
            self._contexts[language, head] = made
        if (form, language, head) not in self._made:
            context = self._contexts[language, head]
            self._made[form, language, head] = FORMATS[form].renderer(context)
        return self._made[form, language, head]


def write_reports(
    reports: Iterable[PatientReport],
    out: Path,
    ref: Reference,
    formats: Sequence[str] = DEFAULTS,
    renderers: Renderers | None = None,
) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """Write reports as they come; yield sample id and files of each."""
    renderers = renderers or Renderers(ref)
    for report in reports:
        folder = out / report_folder(report.patient.sample_id)
        make_folder(folder)
        files = []
        for form in formats:
            path = folder / FORMATS[form].file_name(folder.name)
            write_bytes(path, renderers.render(report, form))
            files.append(path)
        yield report.patient.sample_id, tuple(files)
