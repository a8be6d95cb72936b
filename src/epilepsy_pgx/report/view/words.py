"""Small pieces of a report in words; every format that tells one takes it from here."""

from collections.abc import Iterable, Sequence
from functools import partial

from epilepsy_pgx.authorisation import Authorisation, Changes, Signatory
from epilepsy_pgx.frozen import replace
from epilepsy_pgx.model import (
    AdjustedPhenotype,
    ClassificationRecord,
    GeneCoverage,
    GeneResult,
    PatientReport,
    VariantFinding,
)
from epilepsy_pgx.report.drugtable import mark
from epilepsy_pgx.report.evidence import EvidenceList, join_rows
from epilepsy_pgx.report.evidence import Source as Rows
from epilepsy_pgx.report.lines import Line
from epilepsy_pgx.report.view.model import Link, Said, Source, Target, Verdict
from epilepsy_pgx.report.words import ReportWords
from epilepsy_pgx.statement import Evidence, Message, Statement
from epilepsy_pgx.vocabulary import (
    Classification,
    Direction,
    GeneStatus,
    ReportState,
    Response,
    Zygosity,
)


def capital(text: str) -> str:
    """Return a text with a capital in front."""
    return text[:1].upper() + text[1:]


def class_word(found: Classification, words: ReportWords) -> str:
    """Return a class of a variant."""
    return words.say(f"label-class-{found.value.replace('_', '-')}")


def class_author(record: ClassificationRecord, words: ReportWords) -> str:
    """Return who gave a class, and when."""
    return f"{words.word('source', record.who)}, {record.date or words.say('label-no-date')}"


def direction_word(found: Direction, words: ReportWords) -> str:
    """Return what a variant does to the channel."""
    return words.say(f"label-direction-{found.value.replace('_', '-')}")


def zygosity_word(found: Zygosity, words: ReportWords) -> str:
    """Return how many copies carry a variant."""
    return words.say(f"label-zygosity-{found.value}")


def status_word(status: GeneStatus, words: ReportWords) -> str:
    """Return how far a gene was assessed."""
    return words.say(f"status-gene-{status.value.replace('_', '-')}")


_SHOWN_ENDS = ("-whole", "note-site-unread", "note-may-be-listed", "note-holds-listed")
_SHOWN_STARTS = ("limit-", "note-file-", "note-joined", "note-frame-")
"""Ends and beginnings of the notes that stand beside the name of a variant."""


def told_notes(finding: VariantFinding, words: ReportWords) -> tuple[str, ...]:
    """Return the notes of a variant that qualify its call, and what is not seen of its gene."""
    return tuple(
        words.say(n)
        for n in finding.notes
        if n.endswith(_SHOWN_ENDS) or n.startswith(_SHOWN_STARTS)
    )


def frequency_words(finding: VariantFinding, words: ReportWords) -> tuple[str, ...]:
    """Return how common a variant is by each source; that none is known says nothing."""
    if not finding.frequencies:
        return (words.say("frequency-unknown"),)
    return tuple(
        words.say(
            "frequency-common" if f.common else "frequency-stated",
            frequency=words.number(f"{f.value:f}"),
            source=words.say("frequency-of-file", field=f.field)
            if f.field
            else words.say("frequency-of-table", version=f.version, date=f.date),
        )
        for f in finding.frequencies
    )


def settle(messages: Sequence[Message], words: ReportWords) -> str:
    """Return what would settle a statement; empty if nothing is open."""
    return f"{words.say('label-resolve')} {words.tell_all(messages)}" if messages else ""


def missing_genes(genes: Sequence[str], words: ReportWords) -> str:
    """Return the deciding genes that were not assessed in full."""
    return f"{words.say('label-genes-not-assessed')} {', '.join(genes)}" if genes else ""


def adjusted_result(adjusted: AdjustedPhenotype, words: ReportWords) -> str:
    """Return what drugs make of the result of an enzyme."""
    return (
        f"{words.acting(adjusted)}: {words.say('label-genetic')} {words.show(adjusted.genetic)}; "
        f"{words.say('label-adjusted')} {words.tell(adjusted.adjusted)}"
    )


def undocumented(gene: GeneResult, words: ReportWords) -> str:
    """Return the variants of a gene that no table lists; empty if there are none."""
    if not gene.undocumented:
        return ""
    return f"{words.say('label-undocumented')} {', '.join(gene.undocumented)}"


def scores(gene: GeneResult, words: ReportWords) -> str:
    """Return the activity scores that are possible; empty if the gene has none."""
    shown = "; ".join(map(words.number, gene.activity_scores))
    return f"{words.say('label-activity-score')} {shown}" if shown else ""


def read_part(gene: GeneResult) -> str:
    """Return the positions of a gene that were assessed, of all; empty if it has none."""
    return f"{gene.sites_assessed}/{gene.sites_total}" if gene.sites_total else ""


def exon_runs(exons: Sequence[tuple[int, int, int]]) -> list[tuple[str, int, int]]:
    """Return (exons, callable bases, bases), neighbours that are callable in full as one run."""
    runs: list[list[tuple[int, int, int]]] = []
    for exon in exons:
        last = runs[-1][-1] if runs else None
        if last is not None and (last[1] == last[2]) and exon[1] == exon[2]:
            runs[-1].append(exon)
        elif last is not None and last[2] == 0 and exon[2] == 0:
            runs[-1].append(exon)
        else:
            runs.append([exon])
    return [
        (
            str(run[0][0]) if len(run) == 1 else f"{run[0][0]}–{run[-1][0]}",
            sum(e[2] for e in run),
            sum(e[1] for e in run),
        )
        for run in runs
    ]


def exon_parts(coverage: GeneCoverage) -> tuple[str, ...]:
    """Return how far the exons of a gene were read."""
    return tuple(f"{n}: {seen}/{size}" for n, seen, size in exon_runs(coverage.exons))


def listed_part(coverage: GeneCoverage, words: ReportWords) -> str:
    """Return a gene's name, with how many of its listed variants were read if any were."""
    if not coverage.known_absent:
        return coverage.gene
    return words.say(
        "label-listed-absent",
        gene=coverage.gene,
        absent=str(coverage.known_absent),
        total=str(coverage.known_total),
    )


def verdict(response: Response, conditional: bool, words: ReportWords) -> Verdict:
    """Return the verdict on a drug."""
    return Verdict(response, mark(response, conditional), words.verdict(response, conditional))


def fields_of(report: PatientReport, words: ReportWords) -> Iterable[tuple[str, str | None]]:
    """Return the label and value of what says who a report is about; None where it is not known."""
    patient = report.patient
    for label, value in (
        ("name", patient.name),
        ("born", patient.birth_date),
        ("record", patient.record_number),
        ("accession", patient.accession),
        ("sample", patient.sample_id),
        ("specimen", patient.specimen),
        ("collected", patient.collected),
        ("received", patient.received),
        ("requester", patient.requester),
    ):
        yield words.say(f"label-{label}"), value


def authorised_by(given: Authorisation) -> str:
    """Return who authorised a report."""
    return f"{given.name}, {given.role}"


def signed(given: Signatory) -> str:
    """Return who did a step of the release, and when."""
    return f"{given.name}, {given.role}, {given.date}"


def amended(given: Authorisation, words: ReportWords) -> tuple[str, ...]:
    """Return that a report was withdrawn, what it replaces and what changed; none for others."""
    said, gone, changes = [], given.withdrawal, given.changes
    if gone is not None:
        who = f"{gone.name}, {gone.role}"
        said.append(words.say("label-withdrawn", date=gone.date, name=who, reason=gone.reason))
    if given.replaces:
        reason = given.reason if given.reason.endswith((".", "!", "?")) else f"{given.reason}."
        wrong = given.state is ReportState.CORRECTED
        label = "label-corrected" if wrong else "label-amended"
        said.append(words.say(label, report=given.replaces, reason=reason))
    if changes is not None:
        said.append(_told_changes(changes, words))
    return tuple(said)


_MOST_NAMES = 8


def _told_changes(changes: Changes, words: ReportWords) -> str:
    who = ""
    if changes.identity:
        who = words.say("label-changes-identity", columns=", ".join(changes.identity)) + " "
    if changes.lost:
        who += words.say("label-changes-lost", names=_cut_names(changes.lost, words)) + " "
    if not changes.number:
        return who + words.say("label-changes-none")
    names = _cut_names((*map(words.drug, changes.drugs), *changes.genes), words)
    counts = {k: str(len(getattr(changes, k))) for k in ("added", "removed", "changed")}
    return who + words.say("label-changes", number=str(changes.number), names=names, **counts)


def _cut_names(names: Sequence[str], words: ReportWords) -> str:
    shown = list(names[:_MOST_NAMES])
    if len(names) > len(shown):
        shown.append(words.say("label-changes-more", number=str(len(names) - len(shown))))
    return ", ".join(shown)


def valid(report: PatientReport, words: ReportWords) -> str:
    """Return for which drug list a released report holds, and how long; empty if not said."""
    given = report.authorisation
    if given is None or not given.valid_days:
        return ""
    listed = report.clinical.entry_date or report.provenance.created[:10]
    return words.say("label-valid", date=listed, days=str(given.valid_days))


def recorded(given: Authorisation | None, words: ReportWords) -> str:
    """Return number and digest of the ledger's entry; empty without one.

    A page thus shows that a ledger lost its end, or is another one.
    """
    if given is None or not given.entry:
        return ""
    start = given.entry_digest.removeprefix("sha256:")[:16]
    return f"{words.say('label-ledger-entry')} {given.entry} {start}"


def source_level(evidence: Evidence, words: ReportWords) -> str:
    """Return who says so, and how sure that is; empty if the source grades nothing."""
    if evidence.level in ("", "."):
        return ""
    level = f"{words.source_name(evidence)}: {words.word('level', evidence.level)}"
    return level if evidence.verified else f"{level} ({words.say('label-unverified')})"


def callability(report: PatientReport, words: ReportWords) -> str:
    """Return where a position without a record counts as reference."""
    return capital(words.tell(report.provenance.callability)) + "."


IF_STARTED = "interaction-if-started"
"""The text that a drug is not on the medication list; where it stands beside others, a tag."""


class Teller:
    """Puts the statements of one report into words, with their numbers."""

    def __init__(self, report: PatientReport, words: ReportWords, evidence: EvidenceList) -> None:
        self.words = words
        self.evidence = evidence
        self.cited = {key: number for number, (key, _, _) in enumerate(report.citations, 1)}

    def said(
        self, line: Line, origin: bool = True, number: bool = True, brief: bool = False
    ) -> Said:
        """Return a line.

        Parameters
        ----------
        origin
            False if the heading tells where it comes from.
        number
            False where the drug table has the evidence.
        brief
            True where the origin is told in brief.
        """
        told = self.words.once(
            "said", (line,), (origin, brief), lambda: self._said(line, origin, brief)
        )
        link = self.number(line.statement) if number else None
        if link is None:
            return told
        return self.words.once(
            "said-numbered", (told, link), (), lambda: replace(told, number=link)
        )

    def _said(self, line: Line, origin: bool, brief: bool) -> Said:
        words, statement = self.words, line.statement
        tags, text = [], line.text
        if IF_STARTED in line.text_ids and len(line.parts) > 1:
            # One note above the table says what the tag means.
            text = " ".join(p.text for p in line.parts if IF_STARTED not in p.text_ids)
            tags.append(words.say("label-if-started"))
            origin = False
        elif statement.conditional and not line.hedged:
            tags.append(words.say("label-conditional"))
        if origin and line.origin and words.adds_origin(statement, line.text_ids):
            tags.append(words.origin(statement, brief))
        if line.about:
            text = f"{words.drugs(line.about)}: {text}"
        return Said(text, tuple(tags), settle(line.resolve, words))

    def number(self, statement: Statement) -> Link | None:
        """Return the number of a statement's chain of evidence."""
        number = self.evidence.number(statement)
        return self.words.once("link", (), number, partial(self._link, number)) if number else None

    def _link(self, number: int) -> Link:
        return Link(self.chain_name(number), Target(f"e{number}"))

    def chain_name(self, number: int) -> str:
        """Return the name of a chain of evidence."""
        return self.words.say("label-evidence-number", number=str(number))

    def sources(self, statement: Statement) -> tuple[Source, ...]:
        """Return the sources of a statement."""
        cites = self.words.once("cites", (statement,), (), lambda: _cites(statement.evidence))
        return self.words.once(
            "sources",
            (statement,),
            tuple(map(self.cited.get, cites)),
            lambda: tuple(self.source(x.evidence) for x in join_rows(statement.evidence)),
        )

    def sources_of(self, evidence: Iterable[Evidence]) -> tuple[Source, ...]:
        """Return sources that stand without a statement."""
        return tuple(map(self.source, evidence))

    def source(self, evidence: Evidence, rows: str = "") -> Source:
        """Return a source."""
        return Source(
            self.words.source(evidence),
            "" if evidence.verified else self.words.say("label-unverified"),
            tuple(
                Link(f"[{self.cited[c]}]", Target(f"c{self.cited[c]}"))
                for c in evidence.citations
                if c in self.cited
            ),
            rows,
        )

    def with_rows(self, source: Rows) -> Source:
        """Return a source with the rows that quote it."""
        return self.words.once(
            "with-rows",
            (source,),
            tuple(map(self.cited.get, source.evidence.citations)),
            lambda: self.source(
                source.evidence, f"{source.evidence.table}: {', '.join(source.rows)}"
            ),
        )


def _cites(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    return tuple(c for e in evidence for c in e.citations)
