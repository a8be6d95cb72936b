"""What a laboratory chooses for its reports: paper, letterhead and logo."""

import base64
from dataclasses import dataclass
from pathlib import Path

from epilepsy_pgx.errors import ConfigError

PAPERS = {"a4": "a4", "letter": "us-letter"}
"""Word of the commands, and of typst."""
LOGOS = {".png": "image/png", ".svg": "image/svg+xml", ".jpg": "image/jpeg"}
LOGO_BYTES = 200_000
"""Greatest logo: it goes into every file."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Paper and head of the reports of a laboratory."""

    paper: str = "a4"
    """`a4` or `letter`."""
    lines: tuple[str, ...] = ()
    """Name, address and accreditation of the laboratory; the first is its name."""
    logo: Path | None = None
    """A PNG, SVG or JPEG file."""


def read_letterhead(paper: str, laboratory: str, logo: Path | None) -> Letterhead:
    """Check what the command line or the configuration says.

    Parameters
    ----------
    laboratory
        Lines, joined by `|`.

    Raises
    ------
    ConfigError
        If the paper is unknown, or the logo cannot be used.
    """
    if paper not in PAPERS:
        raise ConfigError.one(
            "paper", column="--paper", found=repr(paper), expected=", ".join(PAPERS)
        )
    if logo is not None:
        if logo.suffix.lower() not in LOGOS or not logo.is_file():
            raise ConfigError.one(
                "logo-readable", file=str(logo), column="--logo", found="no such picture",
                expected="a file that ends in " + ", ".join(LOGOS), fix="Check the path.",
            )
        if logo.stat().st_size > LOGO_BYTES:
            raise ConfigError.one(
                "logo-size", file=str(logo), column="--logo",
                found=f"{logo.stat().st_size} bytes", expected=f"at most {LOGO_BYTES}",
                fix="Make it smaller: it goes into every report.",
            )
    lines = tuple(x.strip() for x in laboratory.split("|") if x.strip())
    return Letterhead(paper, lines, logo)


def picture_url(letterhead: Letterhead | None) -> str:
    """Return the logo as a `data:` URL for a page that loads nothing; empty without a logo."""
    if letterhead is None or letterhead.logo is None:
        return ""
    kind = LOGOS[letterhead.logo.suffix.lower()]
    data = base64.b64encode(letterhead.logo.read_bytes()).decode("ascii")
    return f"data:{kind};base64,{data}"
