"""Drug resistance as the clinical entry lets it be counted, and what may explain a failure.

The definition is that of the International League Against Epilepsy of 2010: failure of adequate
trials of two tolerated, appropriately chosen and used drugs to achieve sustained seizure
freedom. A trial counts here only if the entry says that it was adequate and failed for lack of
effect, and if no rule finds the drug a poor choice for this patient.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from epilepsy_pgx.model import ClinicalEntry
from epilepsy_pgx.response.rules import Fired, Rule
from epilepsy_pgx.statement import Evidence, Statement, Value, ValueKind
from epilepsy_pgx.vocabulary import FailureReason, Origin, Response, Tier

AGGRAVATION = "aggravation"
_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Trials:
    """The failed trials, sorted by what they count for."""

    counted: tuple[str, ...]
    undetermined: tuple[str, ...]
    inappropriate: tuple[str, ...]
    not_failures: tuple[str, ...]
    given: bool

    @property
    def status(self) -> str:
        """`drug_resistant`, `undetermined`, `not_shown`, or `not_given`."""
        if not self.given:
            return "not_given"
        if len(self.counted) >= _NEEDED:
            return "drug_resistant"
        return "undetermined" if self.undetermined or self.counted else "not_shown"


def count_trials(clinical: ClinicalEntry, fired: Mapping[str, Sequence[Rule]]) -> Trials:
    """Sort the failed trials.

    Parameters
    ----------
    clinical
        The clinical entry.
    fired
        Rules that fired, by drug.
    """
    counted: dict[str, None] = {}
    undetermined: dict[str, None] = {}
    inappropriate: dict[str, None] = {}
    other: dict[str, None] = {}
    for item in clinical.failed or ():
        name = item.drug
        # ILAE 2010 counts drugs that were "appropriately chosen": one that may worsen the seizures
        # was not, however adequate the dose (Kwan, doi:10.1111/j.1528-1167.2009.02397.x).
        if any(rule.effect == AGGRAVATION for rule in fired.get(name, ())):
            inappropriate[name] = None
        elif item.reason is FailureReason.INADEQUATE_TRIAL or item.adequate is False:
            other[name] = None
        # Adequacy has to be entered; a name that the tables cannot read may be the same drug again.
        elif item.reason is FailureReason.LACK_OF_EFFECT and item.adequate and item.known:
            counted[name] = None
        else:
            undetermined[name] = None
    return Trials(
        tuple(counted),
        # A drug tried twice counts once, for the trial that counts.
        tuple(n for n in undetermined if n not in counted),
        tuple(inappropriate),
        tuple(n for n in other if n not in counted),
        clinical.failed is not None,
    )


def explain_failures(
    clinical: ClinicalEntry, fired: Mapping[str, Sequence[Fired]]
) -> tuple[Statement, ...]:
    """Return which failed drugs a finding may explain, where a rule allows the claim at all."""
    lines: list[Statement] = []
    for item in clinical.failed or ():
        for hit in fired.get(item.drug, ()):
            rule, statement = hit.rule, hit.statement
            if item.reason not in rule.explains:
                continue
            key = "context-explained-conditional" if statement.conditional else "context-explained"
            reason = f"reason-{item.reason.lower().replace('_', '-')}"
            lines.append(
                Statement(
                    statement_id=f"context-explained:{statement.statement_id}",
                    text_id=key,
                    tier=Tier.CONTEXT,
                    response=Response.NO_RULE,
                    origin=rule.origin,
                    reasons=statement.reasons,
                    evidence=statement.evidence,
                    values=(Value("reason", (reason,), ValueKind.TEXT),),
                    drugs=(item.drug,),
                    conditional=statement.conditional,
                    resolve=statement.resolve,
                )
            )
    return tuple(lines)


def resistance_statement(trials: Trials, evidence: Evidence) -> Statement:
    """Return the line on drug resistance."""
    sorted_by_use = (
        ("counted", trials.counted),
        ("undetermined", trials.undetermined),
        ("inappropriate", trials.inappropriate),
        ("other", trials.not_failures),
    )
    return Statement(
        statement_id="context-resistance:patient",
        text_id=f"context-resistance-{trials.status.replace('_', '-')}",
        tier=Tier.CONSIDER if trials.status == "drug_resistant" else Tier.CONTEXT,
        response=Response.NO_RULE,
        origin=Origin.CLINICAL,
        reasons=(),
        evidence=(evidence,),
        values=tuple(
            Value(name, drugs, ValueKind.DRUG)
            if drugs
            else Value(name, ("word-none",), ValueKind.TEXT)
            for name, drugs in sorted_by_use
        ),
    )
