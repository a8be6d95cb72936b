"""What a format of a report says of itself."""

from collections.abc import Callable
from dataclasses import field
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from epilepsy_pgx.errors import ConfigError, Problem
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.report.letterhead import Letterhead

if TYPE_CHECKING:
    from epilepsy_pgx.model import PatientReport
    from epilepsy_pgx.reference.package import Reference
    from epilepsy_pgx.report.wording import Wording

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class RenderContext:
    """What the reports of one language are rendered with."""

    ref: "Reference"
    language: str
    paper: str = "a4"
    """`a4` or `letter`."""
    letterhead: Letterhead = field(default_factory=Letterhead)

    @cached_property
    def wording(self) -> "Wording":
        """The texts of the language."""
        from epilepsy_pgx.report.wording import Wording

        return Wording(self.ref, self.language)


Renderer = Callable[["PatientReport"], bytes]
"""Returns the file of a report in the language of its context; the same report, the same bytes."""


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that is written for each patient.

    Help, the configuration's schema and the documents are made from the fields.
    """

    name: str
    """The word of `--formats`, and the name of its module, with hyphens for underscores."""
    suffix: str
    """End of the file's name, behind the sample id and a dot; no other format has it."""
    summary: str
    """What the file is, for the table in `docs/report.md`."""
    renderer: Callable[[RenderContext], Renderer]
    """Makes the renderer of a context: once for each language, when a report first needs it.
    Heavy libraries are imported here, not with the module."""
    is_final: Callable[[bytes], bool] | None
    """Says of a file of this format that a final report was written to it, so that no run takes
    it for a draft. None if the file of a final report is that of its draft."""
    extra: str = ""
    """Optional extra of the package that the format needs."""
    library: str = ""
    """Module that the extra brings."""
    released: bool = False
    """True if it is written of a report that is released, unless the laboratory chose others."""
    default: bool = False
    """True if it is written where no format is chosen."""
    letterhead: bool = False
    """True if the laboratory's head stands in the file: for a final report, the one that was
    released with it."""

    @property
    def installed(self) -> bool:
        """True if what the format needs is there."""
        return not self.library or find_spec(self.library) is not None

    @property
    def lacking(self) -> tuple[Problem, ...]:
        """What is to be said before anything is read if what the format needs is not there."""
        if self.installed:
            return ()
        return ConfigError.one(
            f"{self.extra}-extra",
            column="--formats",
            found=f"no {self.library}",
            expected=f"the optional extra '{self.extra}'",
            fix=f"pip install 'epilepsy-pgx[{self.extra}]'",
        ).problems

    def file_name(self, sample: str) -> str:
        """Return the name of a patient's file."""
        return f"{sample}.{self.suffix}"
