"""What a laboratory adds to a report: its head, who released it. A part of the model of its own."""

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.vocabulary import ReportState


@dataclass(frozen=True, slots=True)
class Content:
    """Digests of what a draft says, taken when it was written: an edited draft is found by them."""

    digest: str
    """`sha256:…` over the digests of all parts."""
    parts: tuple[tuple[str, str], ...]
    """(field of the report, start of its SHA-256), those of `interpretation` one by one."""


@dataclass(frozen=True, slots=True)
class Laboratory:
    """What stands above a report: a part of it, released with it."""

    name: str = ""
    address: tuple[str, ...] = ()
    """Lines of the address."""
    accreditation: str = ""
    logo: bytes = b""
    """PNG or SVG, as base64 in JSON."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who did a step of the release, and when."""

    name: str
    role: str
    date: str
    """ISO date."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """How what an amended report says differs from what it replaces, as ids of statements."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Said by both, in other words or of another degree."""
    drugs: tuple[str, ...] = ()
    """INN of the drugs that these statements are about, those to act on first."""
    genes: tuple[str, ...] = ()
    """Genes of the statements that are about no drug."""
    identity: tuple[str, ...] = ()
    """Columns by which the two say otherwise who the patient is."""
    lost: tuple[str, ...] = ()
    """Results of the one replaced that are gone, or known less surely: gene, and what was said."""

    @property
    def number(self) -> int:
        """How many statements differ."""
        return len(self.added) + len(self.removed) + len(self.changed)


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who released a report, and exactly what was released."""

    name: str
    role: str
    date: str
    """ISO date."""
    digest: str
    """`sha256:…` of the JSON of the draft that was authorised."""
    seal: str
    """`sha256:…` of all the other fields."""
    version: int = 1
    """1 for a first release, more for an amended report."""
    replaces: str = ""
    """Id and version of the report that an amended one replaces."""
    reason: str = ""
    """What was changed in an amended report, and why."""
    state: ReportState = ReportState.FINAL
    """Final, amended, corrected or withdrawn."""
    time: str = ""
    """When it was released, or withdrawn, by the clock, UTC; empty where no ledger recorded it."""
    review: Signatory | None = None
    """Who reviewed the draft technically, where the laboratory asks for it."""
    withdrawal: Signatory | None = None
    changes: Changes | None = None
    """None where the replaced report was not at hand."""
    valid_days: int = 0
    """Days after which the report is to be issued anew; 0 where the laboratory sets none."""
    entry: int = 0
    """Number of the ledger's entry of this release; 0 without a ledger."""
    entry_digest: str = ""
    """Digest of that entry: it stands on each page."""


def name_edition(report_id: str, given: Authorisation | None) -> str:
    """Return a report's id, with the version once it is released: `R-0123456789AB v1`."""
    return report_id if given is None else f"{report_id} v{given.version}"
