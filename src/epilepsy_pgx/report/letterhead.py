"""The laboratory's own head of a report: name, address, accreditation, logo."""

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from epilepsy_pgx.authorisation import Laboratory
from epilepsy_pgx.errors import ConfigError
from epilepsy_pgx.frozen import dataclass, replace

if TYPE_CHECKING:
    from epilepsy_pgx.model import PatientReport

LOGO = "laboratory logo"
"""Name of the parameter that holds the logo's digest."""
LARGEST_LOGO = 200_000
"""Bytes: the logo stands in every HTML page and PDF."""
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a laboratory puts above its reports; empty where it gives nothing."""

    name: str = ""
    address: tuple[str, ...] = ()
    """Lines of the address."""
    accreditation: str = ""
    logo: bytes = b""
    """PNG or SVG."""

    @property
    def kind(self) -> str:
        """`png`, `svg`, or nothing without a logo."""
        if not self.logo:
            return ""
        return "png" if self.logo.startswith(_PNG) else "svg"

    @property
    def svg(self) -> bytes:
        """The logo as SVG; a PNG is put into one."""
        if self.kind != "png":
            return self.logo
        width, height = (int.from_bytes(self.logo[n : n + 4]) for n in (16, 20))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
            f'<image width="{width}" height="{height}" href="{self.data_uri}"/></svg>'
        ).encode()

    @property
    def data_uri(self) -> str:
        """The logo as the address of an image."""
        kind = {"svg": "svg+xml"}.get(self.kind, self.kind)
        return f"data:image/{kind};base64,{base64.b64encode(self.logo).decode()}"

    @property
    def empty(self) -> bool:
        """True if there is nothing to show."""
        return not (self.name or self.address or self.accreditation or self.logo)

    def lines(self, width: int) -> int:
        """Estimate the lines that it takes of a page of so many letters a line."""
        if self.empty:
            return 0
        texts = (self.name, " · ".join(self.address), self.accreditation)
        room = width * 3 // 4 if self.logo else width
        return max(sum(-(-len(text) // room) for text in texts), 3 if self.logo else 0) + 1

    @classmethod
    def of(cls, report: "PatientReport") -> "Letterhead":
        """Return the head that belongs to a report."""
        own = report.laboratory
        return cls() if own is None else cls(own.name, own.address, own.accreditation, own.logo)

    def note(self, report: "PatientReport") -> "PatientReport":
        """Return a report to which this head belongs; its parameters name the logo's digest."""
        made = report.provenance
        kept = tuple(p for p in made.parameters if p[0] != LOGO)
        if self.logo:
            kept += ((LOGO, f"sha256:{hashlib.sha256(self.logo).hexdigest()}"),)
        own = None
        if not self.empty:
            own = Laboratory(self.name, self.address, self.accreditation, self.logo)
        if kept == made.parameters and own == report.laboratory:
            return report
        return replace(report, laboratory=own, provenance=replace(made, parameters=kept))


def read_letterhead(
    name: str = "", address: tuple[str, ...] = (), accreditation: str = "", logo: Path | None = None
) -> Letterhead:
    """Return a letterhead with the logo read.

    Raises
    ------
    ConfigError
        If the logo cannot be read, is neither PNG nor SVG, is too large, or is an SVG with a
        script, an entity or a link to another file.
    """
    data = b""
    if logo is not None:
        try:
            with logo.open("rb") as handle:
                data = handle.read(LARGEST_LOGO + 1)
        except OSError as error:
            raise ConfigError.one(
                "logo-readable",
                file=str(logo),
                column="--logo",
                found=error.strerror or "error",
                expected="a PNG or SVG file",
            ) from None
        _check_logo(logo, data)
    lines = (line.strip() for line in address)
    return Letterhead(name.strip(), tuple(x for x in lines if x), accreditation.strip(), data)


def _check_logo(path: Path, data: bytes) -> None:
    if len(data) > LARGEST_LOGO:
        raise ConfigError.one(
            "logo-size",
            file=str(path),
            column="--logo",
            found=f"more than {LARGEST_LOGO} bytes",
            expected="a smaller one",
            fix="Scale the picture down.",
        )
    if data.startswith(_PNG):
        return
    text = data.decode("utf-8", errors="replace").lower()
    if "<svg" not in text:
        raise ConfigError.one(
            "logo-format",
            file=str(path),
            column="--logo",
            found="neither PNG nor SVG",
            expected="a PNG or SVG file",
        )
    outer = [
        w
        for w in (
            "<script",
            "<!entity",
            "<foreignobject",
            'href="http',
            "href='http",
            "file:",
            "@import",
        )
        if w in text
    ]
    if outer:
        raise ConfigError.one(
            "logo-alone",
            file=str(path),
            column="--logo",
            found=", ".join(outer),
            expected="an SVG of shapes, without scripts or links",
        )
