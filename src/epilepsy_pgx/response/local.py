"""What a hospital's overlay adds to a report: remarks, its formulary, whose labels stand first."""

from collections.abc import Mapping, Sequence

from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Contact, DrugSafety, FormularyEntry, Jurisdiction, Override
from epilepsy_pgx.statement import Evidence, Message, Statement, Value
from epilepsy_pgx.vocabulary import Origin, Response, Tier

_TEXTS = {"remove": "override-removed", "replace": "override-replaced"}
_TABLES = "formulary"


@dataclass(frozen=True, slots=True)
class Remark:
    """Why a hospital softened a row, said behind its statement."""

    text_id: str
    values: tuple[Value, ...]


def load_remarks(ref: Reference) -> Mapping[tuple[str, str], Remark]:
    """Return the remark on each row that an overlay softens, by table and key."""
    return {
        (row.table, row.key): Remark(
            _TEXTS[row.change],
            (
                Value("override_reason", (row.reason,)),
                Value("override_who", (row.who,)),
                Value("override_date", (row.date.isoformat(),)),
            ),
        )
        for row in ref.shipped_rows(Override)
    }


def load_formulary(ref: Reference) -> Mapping[str, Statement]:
    """Return what stands on the line of each drug of the formulary about which there is a word."""
    found = {}
    for row in ref.shipped_rows(FormularyEntry):
        if row.available and row.note is None:
            continue
        found[row.drug] = Statement(
            statement_id=f"formulary:{row.drug}",
            text_id="formulary-present" if row.available else "formulary-absent",
            tier=Tier.CONTEXT,
            response=Response.NO_RULE,
            origin=Origin.GENERAL,
            reasons=(),
            evidence=(Evidence("tables of the hospital", ".", (), _TABLES, row.drug),),
            values=(Value("note", (row.note,)),) if row.note else (),
            drugs=(row.drug,),
            further=("formulary-note",) if row.note else (),
        )
    return found


def is_formulary(statement: Statement) -> bool:
    """Say whether a statement is a word of the formulary."""
    return any(e.table == _TABLES for e in statement.evidence)


def first_labels(ref: Reference) -> frozenset[str]:
    """Return the label facts of the hospital's own jurisdiction, which are shown first."""
    own = {row.jurisdiction for row in ref.shipped_rows(Jurisdiction)}
    return frozenset(
        row.fact_id
        for row in ref.rows(DrugSafety)
        if own & set((row.jurisdiction or "").split("; "))
    )


def put_first(notes: Sequence[Statement], first: frozenset[str]) -> tuple[Statement, ...]:
    """Return label facts with those of the hospital's own jurisdiction before the others."""
    return tuple(sorted(notes, key=lambda s: not any(e.row in first for e in s.evidence)))


def load_contacts(ref: Reference) -> tuple[Message, ...]:
    """Return whom to call about what is urgent."""
    return tuple(
        Message(
            "contact-hours" if row.hours else "contact",
            (
                Value("role", (row.role,)),
                Value("contact", (row.contact,)),
                *((Value("hours", (row.hours,)),) if row.hours else ()),
            ),
        )
        for row in ref.shipped_rows(Contact)
    )
