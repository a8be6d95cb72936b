"""How a laboratory works with its ledger: an entry of it, so that changes are seen."""

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.report.formats import FORMATS


def released_formats() -> tuple[str, ...]:
    """Return the formats of a released report that can be written here."""
    return tuple(name for name, f in FORMATS.items() if f.released and f.installed)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds from the entry on that records it."""

    persons: int = 1
    """2 if another person must review a draft technically before it is released."""
    valid_days: int = 0
    """Days after which a report is to be issued anew; 0 for none."""
    formats: tuple[str, ...] = ("json", "html")
    """Files of a released report; JSON always, for all others are made from it."""
    paper: str = "a4"
    network: bool = False
    """True if the ledger may lie on a network file system."""
    public_key: str = ""
    """Ed25519 key that every later entry is signed with, as hexadecimal digits; empty for none."""

    @property
    def written(self) -> tuple[str, ...]:
        """The formats that are written, JSON first."""
        return ("json", *(name for name in FORMATS if name in self.formats and name != "json"))
