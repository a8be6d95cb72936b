"""The chain from a genotype, a drug or a table row to what a report would say, without a VCF."""

from collections.abc import Sequence

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.reference.explain import chain_text, explain_diplotype, explain_row, with_sources
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import Drug, DrugName
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.response.explain import explain


def explain_words(
    words: Sequence[str],
    genes: Sequence[str],
    context: Sequence[str],
    ref: Reference,
    language: str = "en",
) -> str:
    """Return the chain as text.

    Parameters
    ----------
    words
        A drug, a gene and a diplotype, or the id of a row.
    genes, context
        Results and clinical entry to assume for a drug.

    Raises
    ------
    InputError
        If the tables know none of the words.
    """
    if len(words) == 2:
        return chain_text(with_sources(ref, explain_diplotype(ref, words[0], words[1])))
    if len(words) > 2:
        raise InputError.one(
            "explain-words",
            found=f"{len(words)} words",
            expected="a drug, a gene and a diplotype, or the id of a row",
        )
    names = {r.name.casefold() for r in ref.rows(DrugName)}
    names |= {r.drug.casefold() for r in ref.rows(Drug)}
    if words[0].casefold() not in names:
        return chain_text(with_sources(ref, explain_row(ref, words[0])))
    drug = explain(words[0], ref, genes=genes, context=context)
    texts = Wording(ref, language)
    lines = [f"{drug.drug}: {drug.response.value} (tier {drug.tier.value}, {drug.exposure.value})"]
    for statement in drug.statements:
        mark = " [conditional]" if statement.conditional else ""
        lines.append(f"  {statement.response.value}{mark}: {texts.sentence(statement)}")
        lines += [f"    because {texts.tell(reason)}" for reason in statement.reasons]
        for e in statement.evidence:
            level = "" if e.level == "." else f", level {e.level}"
            doubt = "" if e.verified else ", not verified"
            cited = f" [{', '.join(e.citations)}]" if e.citations else ""
            lines.append(f"    {e.table}: {e.row}; {e.source}{level}{doubt}{cited}")
        if statement.resolve:
            lines.append(f"    settled by: {texts.tell_all(statement.resolve)}")
    lines += [f"  {gene}: {status.value}" for gene, status in drug.deciding]
    return "\n".join(lines) + "\n"
