"""Reasons that conditions give, as ids and values."""

from collections.abc import Iterable

from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.reference.conditions.patient import GeneView
from epilepsy_pgx.reference.conditions.verdict import Truth, Verdict
from epilepsy_pgx.statement import (
    Join,
    Message,
    Reason,
    ReasonKind,
    Subject,
    SubjectKind,
    Value,
    ValueKind,
)
from epilepsy_pgx.vocabulary import FailureReason

_SITES_NAMED = 6
"""Positions that a line on how to settle a result names."""


def text_value(name: str, prefix: str, word: str) -> Value:
    """Return a value that is a text of the tables: a prefix and a word in kebab case."""
    return Value(name, (f"{prefix}-{word.lower().replace('_', '-')}",), ValueKind.TEXT)


def gene_reason(kind: ReasonKind, gene: str, *values: Value) -> Reason:
    """Return a reason about a gene; its text names the gene first."""
    named = (gene,) if gene else ()
    return Reason(kind, Subject(SubjectKind.GENE, named), (Value("gene", (gene,)), *values))


def basis_value(gene: GeneView) -> Value:
    """Return where a gene result comes from."""
    return Value("basis", (gene.basis,), ValueKind.BASIS)


def about_gene(gene: GeneView, truth: Truth) -> Verdict:
    """Return a verdict on a gene with its result as the reason."""
    shown = (Value("diplotypes", gene.shown or ("—",), ValueKind.DIPLOTYPE, Join.OR),)
    because = [
        gene_reason(
            ReasonKind.MANY_RESULTS if gene.unlisted else ReasonKind.GENE,
            gene.gene,
            *(() if gene.unlisted else shown),
            Value("phenotypes", gene.reported or ("—",), ValueKind.PHENOTYPE, Join.OR),
            basis_value(gene),
        )
    ]
    resolve: list[Message] = []
    if gene.widened is not None:
        because.append(gene_reason(gene.widened, gene.gene))
    if truth is Truth.MAYBE:
        values = [Value("gene", (gene.gene,))]
        if gene.widened is not None:
            text_id = "resolve-widened"
        elif gene.missing_sites:
            text_id = "resolve-candidates"
            values.append(Value("sites", gene.missing_sites[:_SITES_NAMED]))
        else:
            text_id = "resolve-candidates-open"
        resolve.append(Message(text_id, tuple(values)))
    vague = gene.open_ended and truth is Truth.MAYBE
    return Verdict(truth, tuple(because), tuple(resolve), open_ended=vague)


def _classified_by(finding: VariantFinding) -> Value:
    """Return who gave the class of a variant, and when; those first who may ask for action."""
    records = [r for r in finding.classifications if r.act] or list(finding.classifications)
    if not records:
        return Value("who", ("class-by-nobody",), ValueKind.TEXT)
    messages = []
    for who, date in sorted({(r.who, r.date or "") for r in records}):
        source = Value("source", (who,), ValueKind.SOURCE)
        if date:
            messages.append(Message("source-dated", (source, Value("date", (date,)))))
        else:
            messages.append(Message("source-undated", (source,)))
    return Value("who", messages=tuple(messages))


def describe_finding(finding: VariantFinding) -> Reason:
    """Return a variant as a reason: name, zygosity, class and who gave it."""
    name = finding.hgvs_c or str(finding.key)
    if finding.hgvs_p:
        name += f" ({finding.hgvs_p})"
    return Reason(
        ReasonKind.FINDING,
        Subject(SubjectKind.VARIANT, (str(finding.key),), finding.gene),
        (
            Value("gene", (finding.gene,)),
            Value("variant", (name,)),
            text_value("zygosity", "zygosity", finding.zygosity),
            text_value("classification", "class", finding.classification),
            _classified_by(finding),
            text_value("direction", "direction", finding.direction),
        ),
    )


def field_value(column: str) -> Value:
    """Return the name of a column of the clinical entry."""
    return text_value("field", "clinical", column)


def entry_reason(kind: ReasonKind, column: str, *values: Value) -> Reason:
    """Return a reason about a column of the clinical entry."""
    return Reason(kind, Subject(SubjectKind.FIELD, (column,)), values)


def complete_entry(column: str) -> Message:
    """Return what to do about a column that the clinical entry leaves open."""
    return Message("resolve-clinical", (field_value(column),))


def enter_word(column: str, word: str) -> Message:
    """Return what to do about a word that another column makes possible."""
    return Message("resolve-word", (field_value(column), Value("word", (word,), ValueKind.SIGN)))


def not_given(truth: Truth, column: str) -> Verdict:
    """Return the verdict on a column that the clinical entry leaves open."""
    reason = entry_reason(ReasonKind.CLINICAL_MISSING, column, field_value(column))
    return Verdict(truth, (reason,), (complete_entry(column),))


def drug_reason(kind: ReasonKind, name: str, drugs: Iterable[str], *values: Value) -> Reason:
    """Return a reason about drugs; `name` is the placeholder that they fill."""
    named = tuple(drugs)
    return Reason(
        kind, Subject(SubjectKind.DRUG, named), (Value(name, named, ValueKind.DRUG), *values)
    )


def taking(*drugs: str) -> Reason:
    """Return drugs of the medication list as a reason."""
    return drug_reason(ReasonKind.TAKING, "drugs", drugs)


def stopped(drug: str, reason: FailureReason) -> Reason:
    """Return a drug that was given up as a reason."""
    return drug_reason(ReasonKind.HISTORY, "drug", (drug,), text_value("reason", "reason", reason))
