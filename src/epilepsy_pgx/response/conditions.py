"""Conditions of the rule tables, compiled to questions about one patient.

Each row of `drug_rule_conditions` names a kind, a subject, an operator and a value; all
conditions of a rule must hold. A condition on something that was not assessed does not hold,
except where its row says that a missing entry counts as possible.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation

from epilepsy_pgx.errors import PgxError, TableError
from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.response.candidates import GeneCandidates
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.verdict import NO, Truth, Verdict, fraction
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
from epilepsy_pgx.vocabulary import FailureReason, SiteStatus

Condition = Callable[[PatientFacts, str], Verdict]
"""Asked with the facts and the drug the rule is about."""

Groups = Mapping[str, frozenset[str]]
"""Members of each drug group."""

RASH_WHILE_TAKING = "rash_while_taking"
"""Asked of the rule's own drug: `yes` if it is taken although a rash on it is on record."""

SELF = "self"
"""Subject of a condition about the rule's own drug."""

_SITES_NAMED = 6
"""Positions that a line on how to settle a result names."""
NUMERIC = ("is", "at_most", "at_least", "less_than", "between")
OPERATORS: dict[str, tuple[str, ...]] = {
    "phenotype": ("is", "any_of"),
    "activity_score": NUMERIC,
    "diplotype": ("any_of", "other_than"),
    "allele": ("present", "absent"),
    "function": ("carries",),
    "site": ("carries", "homozygous"),
    "finding": ("is", "any_of"),
    "clinical": ("is", "any_of", "missing", *NUMERIC[1:]),
    "medication": ("taking",),
    "history": ("any_of",),
    "reaction": ("any_of", "attributed"),
    "exposure": ("is", "any_of"),
    "computed": ("is", "any_of"),
}


def bad_row(row: Row, column: str, expected: str) -> PgxError:
    """Return the error for a condition that cannot be understood."""
    return TableError.one(
        "rule-condition", file="drug_rule_conditions.tsv", line=row.line, column=column,
        found=str(row[column]), expected=expected, fix="Correct the row.",
    )


def members(subject: str, groups: Groups) -> frozenset[str]:
    """Return the drugs a subject names: drugs and `@group` words joined by `|`."""
    drugs: set[str] = set()
    for word in subject.split("|"):
        if word.startswith("@"):
            drugs |= groups.get(word[1:], frozenset())
        else:
            drugs.add(word)
    return frozenset(drugs)


def _number_test(row: Row) -> Callable[[Decimal], bool]:
    try:
        bounds = [Decimal(part) for part in row.many("value")]
    except InvalidOperation:
        raise bad_row(row, "value", "numbers") from None
    match row["operator"]:
        case "is":
            return lambda number: number in bounds
        case "at_most":
            return lambda number: number <= bounds[0]
        case "at_least":
            return lambda number: number >= bounds[0]
        case "less_than":
            return lambda number: number < bounds[0]
        case "between" if len(bounds) == 2:
            return lambda number: bounds[0] <= number <= bounds[1]
    raise bad_row(row, "operator", ", ".join(NUMERIC))


def _gene(kind: ReasonKind, gene: str, *values: Value) -> Reason:
    """Return a reason about a gene; its text names the gene first."""
    named = (gene,) if gene else ()
    return Reason(kind, Subject(SubjectKind.GENE, named), (Value("gene", (gene,)), *values))


def _basis(gene: GeneCandidates) -> Value:
    return Value("basis", (gene.basis,), ValueKind.BASIS)


def _about(gene: GeneCandidates, truth: Truth) -> Verdict:
    """Return a verdict on a gene with its result as the reason."""
    many = gene.diplotypes == ("*",)
    because = [
        _gene(
            ReasonKind.MANY_RESULTS if many else ReasonKind.GENE, gene.gene,
            Value("diplotypes", gene.diplotypes or ("—",), ValueKind.DIPLOTYPE, Join.OR),
            Value("phenotypes", gene.reported or ("—",), ValueKind.PHENOTYPE, Join.OR),
            _basis(gene),
        )
    ]
    resolve: list[Message] = []
    if gene.widened is not None:
        because.append(_gene(gene.widened, gene.gene))
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


def _gene_condition(row: Row, hits: Callable[[GeneCandidates], Truth]) -> Condition:
    subject = row.need("subject")

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        gene = facts.genes.get(subject)
        if gene is None or not gene.assessed:
            return NO
        truth = hits(gene)
        return _about(gene, truth) if truth else NO

    return ask


def _phenotype(row: Row, groups: Groups) -> Condition:
    wanted = frozenset(row.many("value"))
    return _gene_condition(
        row,
        lambda g: fraction(sum(p in wanted for p in g.phenotypes), len(g.phenotypes)),
    )


def _activity_score(row: Row, groups: Groups) -> Condition:
    test = _number_test(row)
    return _gene_condition(
        row, lambda g: fraction(sum(test(s) for s in g.scores), len(g.scores))
    )


def _diplotype(row: Row, groups: Groups) -> Condition:
    wanted = frozenset(row.many("value"))
    inside = row["operator"] == "any_of"

    def hits(gene: GeneCandidates) -> Truth:
        return fraction(sum((d in wanted) == inside for d in gene.asked), len(gene.asked))

    return _gene_condition(row, hits)


def _allele(row: Row, groups: Groups) -> Condition:
    subject, wanted = row.need("subject"), frozenset(row.many("value"))
    absent = row["operator"] == "absent"

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        gene = facts.genes.get(subject)
        if gene is None or not gene.assessed:
            return NO
        if absent:
            if not wanted <= set(gene.absent):
                return NO
            names = Value("alleles", tuple(sorted(wanted)))
            reason = _gene(ReasonKind.ALLELE_ABSENT, subject, names, _basis(gene))
            return Verdict(Truth.YES, (reason,))
        seen = sorted(wanted & set(gene.present))
        if seen:
            names = Value("alleles", tuple(seen))
            return Verdict(
                Truth.YES, (_gene(ReasonKind.ALLELE, subject, names, _basis(gene)),)
            )
        pairs = [d.split("/") for d in gene.asked]
        truth = fraction(sum(bool(wanted & set(pair)) for pair in pairs), len(pairs))
        return _about(gene, truth) if truth else NO

    return ask


def _function(row: Row, groups: Groups) -> Condition:
    wanted = row.need("value")
    return _gene_condition(
        row,
        lambda g: fraction(sum(wanted in pair for pair in g.functions), len(g.functions)),
    )


def _site(row: Row, groups: Groups) -> Condition:
    subject, base = row.need("subject"), row.need("value")
    need = 2 if row["operator"] == "homozygous" else 1

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        call = facts.sites.get(subject)
        if call is not None and call.status in (SiteStatus.CALLED, SiteStatus.REFERENCE):
            gene, bases = call.gene, call.alleles
        else:
            seen = sorted(facts.bases.get(subject, ()))
            gene = next((g for g, r in facts.genes.items() if f"{subject} {base}" in r.present), "")
            bases = (seen[0], seen[0]) if len(seen) == 1 else tuple(seen)
        if bases.count(base) < need:
            return NO
        shown = Value("bases", bases, join=Join.SLASH)
        reason = _gene(ReasonKind.SITE, gene, Value("site", (subject,)), shown)
        return Verdict(Truth.YES, (reason,))

    return ask


def _text(name: str, prefix: str, word: str) -> Value:
    """Return a value that is a text of the tables: a prefix and a word in kebab case."""
    return Value(name, (f"{prefix}-{word.lower().replace('_', '-')}",), ValueKind.TEXT)


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
        ReasonKind.FINDING, Subject(SubjectKind.VARIANT, (str(finding.key),), finding.gene),
        (
            Value("gene", (finding.gene,)), Value("variant", (name,)),
            _text("zygosity", "zygosity", finding.zygosity),
            _text("classification", "class", finding.classification),
            _classified_by(finding), _text("direction", "direction", finding.direction),
        ),
    )


def _finding(row: Row, groups: Groups) -> Condition:
    subject, wanted = row.need("subject"), row.many("value")

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        gene = facts.findings.get(subject)
        if gene is None:
            return NO
        best = NO
        for state in wanted:
            evidence = gene.get(state)
            if evidence is None:
                continue
            if not evidence.findings:
                shown = Value("state", (state.replace("_", " "),))
                return Verdict(Truth.YES, (_gene(ReasonKind.STATE, subject, shown),))
            because = tuple(describe_finding(f) for f in evidence.findings)
            pathogenic = state.endswith("_plp") or state == "conflicting_direction"
            unconfirmed = pathogenic and not evidence.own_class
            resolve = []
            named = (Value("gene", (subject,)),)
            if unconfirmed:
                resolve.append(Message("resolve-class", named))
            if not evidence.sound:
                resolve.append(Message("resolve-genotype", named))
            truth = Truth.MAYBE if resolve else Truth.YES
            if truth > best.truth:
                best = Verdict(truth, because, tuple(resolve), unconfirmed)
        return best

    return ask


def _field(column: str) -> Value:
    """Return the name of a column of the clinical entry."""
    return _text("field", "clinical", column)


def _entry(kind: ReasonKind, column: str, *values: Value) -> Reason:
    return Reason(kind, Subject(SubjectKind.FIELD, (column,)), values)


def _not_given(truth: Truth, column: str) -> Verdict:
    """Return the verdict on a column that the clinical entry leaves open."""
    field = _field(column)
    return Verdict(
        truth, (_entry(ReasonKind.CLINICAL_MISSING, column, field),),
        (Message("resolve-clinical", (field,)),),
    )


def _clinical(row: Row, groups: Groups) -> Condition:
    subject, wanted = row.need("subject"), frozenset(row.many("value"))
    numeric = row["operator"] in NUMERIC[1:]
    test = _number_test(row) if numeric else None
    missing_counts = row["if_missing"] == "possible"

    def ask_missing(facts: PatientFacts, drug: str) -> Verdict:
        if facts.clinical_value(subject) is not None:
            return NO
        return _not_given(Truth.YES, subject)

    if row["operator"] == "missing":
        return ask_missing

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        value = facts.clinical_value(subject)
        if value is None:
            return _not_given(Truth.MAYBE, subject) if missing_counts else NO
        if isinstance(value, Decimal):
            number = test(value) if test else str(value) in wanted
            if not number:
                return NO
            shown = Value("value", (str(value),), ValueKind.NUMBER)
        else:
            hits = tuple(word for word in value if word in wanted)
            if not hits:
                if missing_counts and "possible" in value:
                    return _not_given(Truth.MAYBE, subject)
                return NO
            shown = Value("value", hits, ValueKind.SIGN)
        return Verdict(Truth.YES, (_entry(ReasonKind.CLINICAL, subject, _field(subject), shown),))

    return ask


def _drugs(kind: ReasonKind, name: str, drugs: Iterable[str], *values: Value) -> Reason:
    """Return a reason about drugs; `name` is the placeholder that they fill."""
    named = tuple(drugs)
    return Reason(
        kind, Subject(SubjectKind.DRUG, named), (Value(name, named, ValueKind.DRUG), *values)
    )


def _taking(*drugs: str) -> Reason:
    return _drugs(ReasonKind.TAKING, "drugs", drugs)


def _stopped(drug: str, reason: FailureReason) -> Reason:
    return _drugs(ReasonKind.HISTORY, "drug", (drug,), _text("reason", "reason", reason))


def _shown_signs(drug: str, own: Iterable[str], general: Iterable[str]) -> Reason | None:
    """Return signs now as a reason: laid to a drug, or to none; None without signs."""
    laid = tuple(dict.fromkeys(own))
    signs = Value("signs", tuple(dict.fromkeys((*laid, *general))), ValueKind.SIGN)
    if laid:
        return _drugs(ReasonKind.REACTION, "drug", (drug,), signs)
    return _entry(ReasonKind.SIGN, "sign", signs) if signs.items else None


def _medication(row: Row, groups: Groups) -> Condition:
    drugs = members(row.need("subject"), groups)

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        taken = sorted((drugs & facts.current) - {drug})
        if not taken:
            return NO
        return Verdict(Truth.YES, (_taking(*taken),))

    return ask


def _history(row: Row, groups: Groups) -> Condition:
    itself = row["subject"] == SELF
    drugs = members(row.need("subject"), groups)
    reasons = tuple(FailureReason(word) for word in row.many("value"))

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        asked = frozenset({drug}) if itself else drugs
        because = [
            _stopped(name, reason)
            for reason in reasons
            for name in sorted(facts.failed.get(reason, frozenset()) & asked)
        ]
        return Verdict(Truth.YES, tuple(because)) if because else NO

    return ask


def _reaction(row: Row, groups: Groups) -> Condition:
    """Ask whether the patient has signs now of a reaction to the rule's own drug, or to others.

    `attributed` asks only for signs that the entry lays to the drug; `any_of` also for signs of
    the patient, if the drug is taken or may be. With drugs or a group as subject, another of
    these drugs must be taken under such signs.
    """
    wanted = frozenset(row.many("value"))
    attributed = row["operator"] == "attributed"
    others = members(row.need("subject"), groups) - {SELF}

    def reason_of(facts: PatientFacts, drug: str) -> Reason | None:
        own = [w for w in facts.reactions.get(drug, ()) if w in wanted]
        general = [] if attributed else [w for w in facts.clinical.signs if w in wanted]
        return _shown_signs(drug, own, general)

    def ask_others(facts: PatientFacts, drug: str) -> Verdict:
        because: list[Reason] = []
        for name in sorted((others & facts.current) - {drug}):
            signs = reason_of(facts, name)
            if signs is not None:
                because += (signs, _taking(name))
        return Verdict(Truth.YES, tuple(dict.fromkeys(because))) if because else NO

    if others:
        return ask_others

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        signs = reason_of(facts, drug)
        if signs is None:
            return NO
        taken = facts.takes(drug)
        if not taken and not facts.may_take(drug) and facts.list_given:
            return NO
        if taken:
            return Verdict(Truth.YES, (signs, _taking(drug)))
        resolve = Message("resolve-clinical", (_field("current"),))
        return Verdict(Truth.MAYBE, (signs,), (resolve,))

    return ask


def _exposure(row: Row, groups: Groups) -> Condition:
    wanted = frozenset(row.many("value"))

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        return Verdict(Truth.YES) if facts.exposure(drug) in wanted else NO

    return ask


def _computed(row: Row, groups: Groups) -> Condition:
    subject, wanted = row.need("subject"), frozenset(row.many("value"))

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        if subject != RASH_WHILE_TAKING:
            return Verdict(Truth.YES) if facts.computed.get(subject) in wanted else NO
        if "yes" not in wanted or not facts.rash_while_taking(drug):
            return NO
        return Verdict(Truth.YES, (_stopped(drug, FailureReason.RASH), _taking(drug)))

    return ask


_KINDS: dict[str, Callable[[Row, Groups], Condition]] = {
    "phenotype": _phenotype, "activity_score": _activity_score, "diplotype": _diplotype,
    "allele": _allele, "function": _function, "site": _site, "finding": _finding,
    "clinical": _clinical, "medication": _medication, "history": _history,
    "reaction": _reaction, "exposure": _exposure, "computed": _computed,
}


def compile_condition(row: Row, groups: Groups) -> Condition:
    """Return the question that a row asks.

    Raises
    ------
    TableError
        If the kind, the operator or the value is not one that the method knows.
    """
    kind = row.need("kind")
    if kind not in _KINDS:
        raise bad_row(row, "kind", ", ".join(_KINDS))
    if row["operator"] not in OPERATORS[kind]:
        raise bad_row(row, "operator", ", ".join(OPERATORS[kind]))
    return _KINDS[kind](row, groups)
