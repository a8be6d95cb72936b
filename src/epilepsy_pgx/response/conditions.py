"""Conditions of the rule tables, compiled to questions about one patient.

Each row of `drug_rule_conditions` names a kind, a subject, an operator and a value; all
conditions of a rule must hold. A condition on something that was not assessed does not hold,
except where its row says that a missing entry counts as possible.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from epilepsy_pgx.errors import PgxError, TableError
from epilepsy_pgx.model import VariantFinding
from epilepsy_pgx.reference.package import Row
from epilepsy_pgx.response.candidates import GeneCandidates
from epilepsy_pgx.response.facts import PatientFacts
from epilepsy_pgx.response.verdict import NO, Truth, Verdict, fraction
from epilepsy_pgx.response.wording import Wording
from epilepsy_pgx.vocabulary import FailureReason, SiteStatus

Condition = Callable[[PatientFacts, str], Verdict]
"""Asked with the facts and the drug the rule is about."""

Groups = Mapping[str, frozenset[str]]
"""Members of each drug group."""

RASH_WHILE_TAKING = "rash_while_taking"
"""Asked of the rule's own drug: `yes` if it is taken although a rash on it is on record."""

SELF = "self"
"""Subject of a condition about the rule's own drug."""

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


def _about(gene: GeneCandidates, wording: Wording, truth: Truth) -> Verdict:
    """Return a verdict on a gene with the result in words."""
    either = f" {wording.say('join-or')} "
    diplotypes = either.join(gene.shown[:4]) + (" …" if len(gene.shown) > 4 else "")
    key = "because-many" if gene.unlisted else "because-gene"
    because = [
        wording.say(
            key, gene=gene.gene, diplotypes=diplotypes or "—",
            phenotypes=either.join(wording.word("phenotype", p) for p in gene.reported) or "—",
            basis=wording.word("basis", gene.basis),
        )
    ]
    resolve: list[str] = []
    if gene.widened:
        because.append(wording.say(gene.widened, gene=gene.gene))
    if truth is Truth.MAYBE:
        key = "resolve-candidates" if gene.missing_sites else "resolve-candidates-open"
        key = "resolve-widened" if gene.widened else key
        sites = ", ".join(gene.missing_sites[:6])
        resolve.append(wording.say(key, gene=gene.gene, sites=sites))
    vague = gene.open_ended and truth is Truth.MAYBE
    return Verdict(truth, tuple(because), tuple(resolve), open_ended=vague)


def _gene_condition(
    row: Row, wording: Wording, hits: Callable[[GeneCandidates], Truth]
) -> Condition:
    subject = row.need("subject")

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        gene = facts.genes.get(subject)
        if gene is None or not gene.assessed:
            return NO
        truth = hits(gene)
        return _about(gene, wording, truth) if truth else NO

    return ask


def _phenotype(row: Row, wording: Wording, groups: Groups) -> Condition:
    wanted = frozenset(row.many("value"))
    return _gene_condition(
        row, wording,
        lambda g: fraction(sum(p in wanted for p in g.phenotypes), len(g.phenotypes)),
    )


def _activity_score(row: Row, wording: Wording, groups: Groups) -> Condition:
    test = _number_test(row)
    return _gene_condition(
        row, wording, lambda g: fraction(sum(test(s) for s in g.scores), len(g.scores))
    )


def _diplotype(row: Row, wording: Wording, groups: Groups) -> Condition:
    wanted = frozenset(row.many("value"))
    inside = row["operator"] == "any_of"

    def hits(gene: GeneCandidates) -> Truth:
        return fraction(sum((str(d) in wanted) == inside for d in gene.asked), len(gene.asked))

    return _gene_condition(row, wording, hits)


def _allele(row: Row, wording: Wording, groups: Groups) -> Condition:
    subject, wanted = row.need("subject"), frozenset(row.many("value"))
    absent = row["operator"] == "absent"

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        gene = facts.genes.get(subject)
        if gene is None or not gene.assessed:
            return NO
        if absent:
            if not wanted <= set(gene.absent):
                return NO
            names = ", ".join(sorted(wanted))
            return Verdict(
                Truth.YES,
                (wording.say("because-allele-absent", gene=subject, alleles=names,
                             basis=wording.word("basis", gene.basis)),),
            )
        seen = sorted(wanted & set(gene.present))
        if seen:
            text = wording.say("because-allele", gene=subject, alleles=", ".join(seen),
                               basis=wording.word("basis", gene.basis))
            return Verdict(Truth.YES, (text,))
        hits = sum(bool(wanted & {*d.alleles}) for d in gene.asked)
        truth = fraction(hits, len(gene.asked))
        return _about(gene, wording, truth) if truth else NO

    return ask


def _function(row: Row, wording: Wording, groups: Groups) -> Condition:
    wanted = row.need("value")
    return _gene_condition(
        row, wording,
        lambda g: fraction(sum(wanted in pair for pair in g.functions), len(g.functions)),
    )


def _site(row: Row, wording: Wording, groups: Groups) -> Condition:
    subject, base = row.need("subject"), row.need("value")
    need = 2 if row["operator"] == "homozygous" else 1

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        call = facts.sites.get(subject)
        if call is not None and call.status in (SiteStatus.CALLED, SiteStatus.REFERENCE):
            gene, bases = call.gene, call.alleles
        else:
            seen = sorted(facts.bases.get(subject, ()))
            gene = next(
                (g for g, r in facts.genes.items()
                 if any(s.site == subject and base in s.bases for s in r.genotypes)), ""
            )
            bases = (seen[0], seen[0]) if len(seen) == 1 else tuple(seen)
        if bases.count(base) < need:
            return NO
        text = wording.say("because-site", gene=gene, site=subject, bases="/".join(bases))
        return Verdict(Truth.YES, (text,))

    return ask


def describe_finding(finding: VariantFinding, wording: Wording) -> str:
    """Return a variant in words: name, zygosity, class and who gave it."""
    name = finding.hgvs_c or str(finding.key)
    if finding.hgvs_p:
        name += f" ({finding.hgvs_p})"
    records = [r for r in finding.classifications if r.act] or list(finding.classifications)
    who = ", ".join(sorted({
        wording.word("source", r.who) + (f" {r.date}" if r.date else "") for r in records
    }))
    return wording.say(
        "because-finding", gene=finding.gene, variant=name,
        zygosity=wording.say(f"zygosity-{finding.zygosity}"),
        classification=wording.say(f"class-{finding.classification.replace('_', '-')}"),
        who=who or wording.say("class-by-nobody"),
        direction=wording.say(f"direction-{finding.direction.replace('_', '-')}"),
    )


def _finding(row: Row, wording: Wording, groups: Groups) -> Condition:
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
                key = f"because-state-{state.replace('_', '-')}"
                key = key if wording.has(key) else "because-state"
                text = wording.say(key, gene=subject, state=state.replace("_", " "))
                return Verdict(Truth.YES, (text,))
            because = tuple(describe_finding(f, wording) for f in evidence.findings)
            pathogenic = state.endswith("_plp") or state == "conflicting_direction"
            unconfirmed = pathogenic and not evidence.own_class
            resolve = []
            if unconfirmed:
                resolve.append(wording.say("resolve-class", gene=subject))
            if not evidence.sound:
                resolve.append(wording.say("resolve-genotype", gene=subject))
            truth = Truth.MAYBE if resolve else Truth.YES
            if truth > best.truth:
                best = Verdict(truth, because, tuple(resolve), unconfirmed)
        return best

    return ask


def _clinical(row: Row, wording: Wording, groups: Groups) -> Condition:
    subject, wanted = row.need("subject"), frozenset(row.many("value"))
    numeric = row["operator"] in NUMERIC[1:]
    test = _number_test(row) if numeric else None
    missing_counts = row["if_missing"] == "possible"
    label = f"clinical-{subject.replace('_', '-')}"

    def ask_missing(facts: PatientFacts, drug: str) -> Verdict:
        if facts.clinical_value(subject) is not None:
            return NO
        name = wording.say(label)
        return Verdict(
            Truth.YES, (wording.say("because-clinical-missing", field=name),),
            (wording.say("resolve-clinical", field=name),),
        )

    if row["operator"] == "missing":
        return ask_missing

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        value = facts.clinical_value(subject)
        if value is None:
            if not missing_counts:
                return NO
            name = wording.say(label)
            return Verdict(
                Truth.MAYBE, (wording.say("because-clinical-missing", field=name),),
                (wording.say("resolve-clinical", field=name),),
            )
        if isinstance(value, Decimal):
            number = test(value) if test else str(value) in wanted
            if not number:
                return NO
            shown = wording.number(value)
        else:
            hits = [word for word in value if word in wanted]
            if not hits:
                if missing_counts and "possible" in value:
                    name = wording.say(label)
                    return Verdict(
                        Truth.MAYBE, (wording.say("because-clinical-missing", field=name),),
                        (wording.say("resolve-clinical", field=name),),
                    )
                return NO
            shown = ", ".join(
                wording.say(key) if wording.has(key := f"word-{w.replace('_', '-')}") else w
                for w in hits
            )
        return Verdict(
            Truth.YES,
            (wording.say("because-clinical", field=wording.say(label), value=shown),),
        )

    return ask


def _medication(row: Row, wording: Wording, groups: Groups) -> Condition:
    drugs = members(row.need("subject"), groups)

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        taken = sorted((drugs & facts.current) - {drug})
        if not taken:
            return NO
        return Verdict(Truth.YES, (wording.say("because-taking", drugs=wording.names(taken)),))

    return ask


def _history(row: Row, wording: Wording, groups: Groups) -> Condition:
    itself = row["subject"] == SELF
    drugs = members(row.need("subject"), groups)
    reasons = tuple(FailureReason(word) for word in row.many("value"))

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        asked = frozenset({drug}) if itself else drugs
        because = [
            wording.say("because-history", drug=wording.names([name]),
                        reason=wording.say(f"reason-{reason.lower().replace('_', '-')}"))
            for reason in reasons
            for name in sorted(facts.failed.get(reason, frozenset()) & asked)
        ]
        return Verdict(Truth.YES, tuple(because)) if because else NO

    return ask


def _reaction(row: Row, wording: Wording, groups: Groups) -> Condition:
    """Ask whether the patient has signs now of a reaction to the rule's own drug, or to others.

    `attributed` asks only for signs that the entry lays to the drug; `any_of` also for signs of
    the patient, if the drug is taken or may be. With drugs or a group as subject, another of
    these drugs must be taken under such signs.
    """
    wanted = frozenset(row.many("value"))
    attributed = row["operator"] == "attributed"
    others = members(row.need("subject"), groups) - {SELF}

    def ask_others(facts: PatientFacts, drug: str) -> Verdict:
        because = []
        for name in sorted((others & facts.current) - {drug}):
            own = [w for w in facts.reactions.get(name, ()) if w in wanted]
            general = [] if attributed else [w for w in facts.clinical.signs if w in wanted]
            if own or general:
                shown = ", ".join(wording.word("word", w) for w in dict.fromkeys((*own, *general)))
                key = "because-reaction" if own else "because-sign"
                because.append(wording.say(key, signs=shown, drug=wording.names([name])))
                because.append(wording.say("because-taking", drugs=wording.names([name])))
        return Verdict(Truth.YES, tuple(dict.fromkeys(because))) if because else NO

    if others:
        return ask_others

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        own = [w for w in facts.reactions.get(drug, ()) if w in wanted]
        general = [] if attributed else [w for w in facts.clinical.signs if w in wanted]
        if not own and not general:
            return NO
        taken = facts.takes(drug)
        if not taken and not facts.may_take(drug) and facts.list_given:
            return NO
        shown = ", ".join(wording.word("word", w) for w in dict.fromkeys((*own, *general)))
        key = "because-reaction" if own else "because-sign"
        because = [wording.say(key, signs=shown, drug=wording.names([drug]))]
        if taken:
            because.append(wording.say("because-taking", drugs=wording.names([drug])))
            return Verdict(Truth.YES, tuple(because))
        field = wording.say("clinical-current")
        return Verdict(
            Truth.MAYBE, tuple(because), (wording.say("resolve-clinical", field=field),)
        )

    return ask


def _exposure(row: Row, wording: Wording, groups: Groups) -> Condition:
    wanted = frozenset(row.many("value"))

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        return Verdict(Truth.YES) if facts.exposure(drug) in wanted else NO

    return ask


def _computed(row: Row, wording: Wording, groups: Groups) -> Condition:
    subject, wanted = row.need("subject"), frozenset(row.many("value"))

    def ask(facts: PatientFacts, drug: str) -> Verdict:
        if subject != RASH_WHILE_TAKING:
            return Verdict(Truth.YES) if facts.computed.get(subject) in wanted else NO
        if "yes" not in wanted or not facts.rash_while_taking(drug):
            return NO
        names = wording.names([drug])
        return Verdict(
            Truth.YES,
            (
                wording.say("because-history", drug=names, reason=wording.say("reason-rash")),
                wording.say("because-taking", drugs=names),
            ),
        )

    return ask


_KINDS: dict[str, Callable[[Row, Wording, Groups], Condition]] = {
    "phenotype": _phenotype, "activity_score": _activity_score, "diplotype": _diplotype,
    "allele": _allele, "function": _function, "site": _site, "finding": _finding,
    "clinical": _clinical, "medication": _medication, "history": _history,
    "reaction": _reaction, "exposure": _exposure, "computed": _computed,
}


def compile_condition(row: Row, wording: Wording, groups: Groups) -> Condition:
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
    return _KINDS[kind](row, wording, groups)
