"""The report as a PDF file, typeset by typst (optional extra `pdf`).

The file claims PDF/A-2a and PDF/UA-1, which typst enforces while it compiles; it is tagged, its
fonts are embedded, and the same report gives the same bytes.
"""

import json
from pathlib import Path
from typing import Any

from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.model import PatientReport
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.report.paper import Letterhead
from epilepsy_pgx.report.pdf_layout import Layout
from epilepsy_pgx.response.wording import Wording

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
STANDARDS = ("a-2a", "ua-1")


class PdfRenderer:
    """Renders reports of one language."""

    def __init__(
        self, ref: Reference, language: str = "en", letterhead: Letterhead | None = None
    ) -> None:
        """Check that typst is installed, and read the template.

        Raises
        ------
        ConfigError
            If typst is not installed.
        """
        try:
            import typst
        except ImportError:
            raise ConfigError.one(
                "pdf-extra", column="--formats", found="no typst",
                expected="the optional extra 'pdf'", fix="pip install 'epilepsy-pgx[pdf]'",
            ) from None
        self._letterhead = letterhead or Letterhead()
        self._typst: Any = typst
        self._wording = Wording(ref, language)
        self._source = TEMPLATE.read_bytes()

    def render(self, report: PatientReport) -> bytes:
        """Return the PDF."""
        data = Layout(report, self._wording, self._letterhead).data()
        logo = self._letterhead.logo
        made = self._typst.compile(
            self._source, format="pdf", sys_inputs={"data": json.dumps(data)},
            pdf_standards=list(STANDARDS), ignore_system_fonts=True, timestamp=0,
            root=None if logo is None else logo.resolve().parent,
        )
        return bytes(made)
