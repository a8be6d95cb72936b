"""The parts of a view: those of every page, and page one.

Each `str` here is printed, by every page, as it stands. What is not: a `Target`, which is an
address; a `Hint`, which helps on a screen only; and the words of `vocabulary`, which choose a
colour. Empty strings and tuples print nothing.
"""

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.vocabulary import Response


class Target(str):
    """Id of an element, or an address outside of the report."""

    __slots__ = ()


class Hint(str):
    """Words of a link or for a screen reader, which paper has no use for."""

    __slots__ = ()


class Drawing(Hint):
    """A picture as SVG, with its title and description; the words beside it are for all."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to a target."""

    text: str
    target: Target


@dataclass(frozen=True, slots=True)
class Named:
    """Words to which links lead."""

    text: str
    target: Target = Target("")
    """Empty if nothing leads here."""


@dataclass(frozen=True, slots=True)
class Field:
    """A label and what stands behind it."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so."""

    text: str
    unverified: str
    """The mark of a source that was not looked up; else empty."""
    cites: tuple[Link, ...]
    """Numbers of the citations."""
    rows: str = ""
    """The table's rows that quote it, where a chain of evidence is told."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement as it is told in one place."""

    text: str
    tags: tuple[str, ...] = ()
    """Condition and origin, where the words do not tell them."""
    resolve: str = ""
    """What would settle it."""
    number: Link | None = None
    """Its chain of evidence."""
    sources: tuple[Source, ...] = ()
    """Given instead of a number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a drug."""

    response: Response
    mark: str
    """A sign beside the words, so that colour carries no meaning alone."""
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """The laboratory's letterhead."""

    name: str
    address: str
    accreditation: str
    alt: Hint
    """What stands for the logo where it is not seen."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the report is about."""

    heading: Hint
    issued: Field
    """Which report it is, and of which day: beside the title."""
    fields: tuple[Field, ...]
    """What has no label stands with what is in front of it."""
    running: tuple[str, ...]
    """The same in short, for every page of paper."""
    short: tuple[str, ...]
    """Sample and report alone."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A heading and paragraphs."""

    heading: str
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UrgentLine:
    """An urgent statement."""

    said: Said
    why: Link | None
    """The drug it is about, in the drug table."""
    source: str


@dataclass(frozen=True, slots=True)
class Urgent:
    """The box above all else."""

    heading: str
    mark: str
    lines: tuple[UrgentLine, ...]
    read_back: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of page one about one drug or several."""

    verdict: Verdict
    drugs: str
    exposures: tuple[str, ...]
    """Dose, level and start of each."""
    see_urgent: str
    said: tuple[Said, ...]
    missing: str
    """Deciding genes that were not assessed in full."""
    why: Link | None
    source: str
    """Who says the first sentence and how sure it is, in brief: the words of the link behind it."""
    quiet: bool
    """True if the verdict is all there is to tell."""


@dataclass(frozen=True, slots=True)
class Current:
    """The drugs that the patient takes."""

    heading: str
    listed: str
    """How old the drug list is."""
    note: str
    """That no list was given, or that nothing is taken."""
    entries: tuple[Entry, ...]
    not_considered: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class RequiredTests:
    """Genes to be read before a drug is started."""

    mark: str
    heading: str
    rows: tuple[Field, ...]
    """Genes, and the drugs that they decide about."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What had no room on page one."""

    label: str
    counts: tuple[Link, ...]
    """How many lines of each kind, and where they stand."""


@dataclass(frozen=True, slots=True)
class Starting:
    """What to know before another drug is started."""

    heading: str
    not_judged: Field | None
    """What no rule weighs of the planned drugs."""
    nothing: str
    entries: tuple[Entry, ...]
    required_tests: RequiredTests | None
    left_out: LeftOut | None


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """Somebody's class of a variant."""

    text: str
    who: str
    """Who says so, and when."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A variant on page one."""

    gene: str
    names: tuple[str, ...]
    zygosity: str
    classification: str
    classes: tuple[ClassRecord, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Monogenic:
    """The rare variants on page one."""

    heading: str
    findings: tuple[Finding, ...]
    nothing: str
    more: str
    said: tuple[Said, ...]
    why: Link
    read: str
    key: Hint
    """What the picture of a gene means; paper has it behind page one."""


@dataclass(frozen=True, slots=True)
class ShortLimits:
    """What was not seen, the largest gap first, and the warnings of the input."""

    heading: str
    gaps: tuple[str, ...]
    text: str
    mark: str
    warnings: tuple[str, ...]
    all_limits: Hint


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign, or who authorised a final report."""

    lines: tuple[str, ...]
    given: tuple[Field, ...]
    amended: str
    """That it was withdrawn, what it replaces, and what changed."""
    valid: str
    """For which drug list, and for how long."""


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What page one says of what to settle next."""

    heading: str
    rows: tuple[Field, ...]
    """What, and what it may change."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something there are, and where they stand."""

    response: Response
    """Chooses the colour."""
    number: str
    label: str
    target: Target


@dataclass(frozen=True, slots=True)
class Summary:
    """The report in a sentence, and in numbers."""

    response: Response
    """Chooses the colour of the bar."""
    cause: str
    said: tuple[str, ...]
    """What to avoid, what is taken, and the largest gap."""
    goes_on: str
    """That page one needs a second sheet."""
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class PageOne:
    """Page one, from its top to its foot."""

    summary: Summary
    urgent: Urgent | None
    current: Current
    starting: Starting
    monogenic: Monogenic
    context: Notice | None
    factors: Field | None
    """Why the drugs failed, in a line."""
    next_steps: NextSteps | None
    limits: ShortLimits
    signatures: Signatures
    dense: bool
    """True if print says of a drug in one paragraph what a screen says in lines."""
