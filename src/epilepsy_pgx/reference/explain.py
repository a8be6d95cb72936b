"""Follow a genotype, or any row, through the tables: which rows say what, on whose word."""

from collections.abc import Iterator, Mapping

from epilepsy_pgx.errors import InputError
from epilepsy_pgx.frozen import dataclass
from epilepsy_pgx.reference.checks.genotypes import Diplotypes, all_diplotypes
from epilepsy_pgx.reference.conditions.registry import diplotypes_of
from epilepsy_pgx.reference.locators import locators_of
from epilepsy_pgx.reference.package import Reference
from epilepsy_pgx.reference.rows import (
    ALLELE_SITES_BY_ALLELE,
    ALLELES_BY_GENE,
    CONDITIONS_BY_RULE,
    PHENOTYPES_BY_GENE,
    RECORDS,
    Allele,
    Citation,
    Cited,
    CuratedSite,
    CuratedText,
    DrugRule,
    Gene,
    PhenotypeRule,
    Sourced,
    TableRow,
    Verified,
    Worded,
)
from epilepsy_pgx.reference.schema import read_schemas


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: a row, and what it says."""

    stage: str
    """`gene`, `definition`, `allele`, `phenotype`, `rule`, `row`, `read` or `source`."""
    statement: str
    table: str
    key: str
    line: int
    """Line of the row in its table."""
    source: str
    citations: tuple[str, ...] = ()
    verified: bool | None = None
    """None where the table does not say."""


def _link(stage: str, statement: str, key: str, row: TableRow) -> Link:
    """Return a step of the chain that rests on a row."""
    return Link(
        stage,
        statement,
        row.TABLE,
        key,
        row.line,
        row.source if isinstance(row, Sourced) else ".",
        row.citations if isinstance(row, Cited) else (),
        row.verified if isinstance(row, Verified) else None,
    )


def _texts(ref: Reference, language: str = "en") -> dict[str, str]:
    return {r.id: r.text for r in ref.rows(CuratedText) if r.language == language}


def _definition(ref: Reference, gene: str, allele: str) -> Iterator[Link]:
    sites = {r.site: r for r in ref.rows(CuratedSite)}
    for row in ref.grouped(ALLELE_SITES_BY_ALLELE).get((gene, allele), ()):
        site = sites.get(row.site)
        place = (
            f"GRCh38 {site.chrom}:{site.grch38_pos}, GRCh37 {site.chrom}:{site.grch37_pos}"
            if site is not None
            else "an unknown site"
        )
        yield Link(
            "definition",
            f"{gene}{allele} {row.requirement}: {row.base} at {row.site} ({place})",
            row.TABLE,
            f"{gene} {allele} {row.site} {row.base}",
            row.line,
            site.source if site is not None else ".",
        )


def explain_diplotype(ref: Reference, gene: str, diplotype: str) -> tuple[Link, ...]:
    """Return the chain from a diplotype to what the rules make of it.

    Parameters
    ----------
    ref
        The data package.
    gene
        Gene symbol.
    diplotype
        Two allele names with a slash, in any order.

    Raises
    ------
    InputError
        If the gene has no named alleles or an allele is unknown.
    """
    known = {r.allele: r for r in ref.grouped(ALLELES_BY_GENE).get(gene, ())}
    pair = _read_pair(gene, diplotype, known)
    row = next(r for r in ref.rows(Gene) if r.gene == gene)
    chain = [
        _link(
            "gene",
            f"{gene}: {row.role}, read by {row.call_method}, phenotype by {row.phenotype_method}",
            gene,
            row,
        )
    ]
    for allele in dict.fromkeys(pair):
        chain += _definition(ref, gene, allele)
        chain.append(_allele(known[allele]))
    table = all_diplotypes(
        row, tuple(known.values()), ref.grouped(PHENOTYPES_BY_GENE).get(gene, ())
    )
    number = next(i for i, n in enumerate(table.names) if sorted(n.split("/")) == sorted(pair))
    functions = sorted(known[a].function or "." for a in pair)
    chain += _phenotype(ref, table, number, functions)
    chain += _rules(ref, table, number)
    return tuple(chain)


def _read_pair(gene: str, diplotype: str, known: Mapping[str, Allele]) -> list[str]:
    """Return the two alleles of a diplotype, if the gene has them.

    Raises
    ------
    InputError
        If the gene has no named alleles or an allele is unknown.
    """
    if not known:
        raise InputError.one(
            "gene-known",
            found=gene,
            expected="a gene with named alleles",
            fix="See reference/genes.tsv.",
        )
    named: dict[str, str] = {}
    for name, row in known.items():
        named.setdefault(row.reported_as, name)
    pair = [a if a in known else named.get(a, a) for a in diplotype.split("/")]
    lost = [a for a in pair if a not in known]
    if len(pair) != 2 or lost:
        some = next(iter(known))
        raise InputError.one(
            "allele-known",
            found=", ".join(lost) or diplotype,
            expected=f"two alleles of {gene} with a slash, such as {some}/{some}",
            fix="See reference/alleles.tsv.",
        )
    return pair


def _allele(row: Allele) -> Link:
    value = f", activity value {row.activity_value}" if row.activity_value is not None else ""
    function = row.function or "no function assigned"
    statement = f"{row.gene}{row.allele}: {function}{value}, {row.tier}"
    return _link("allele", statement, f"{row.gene} {row.allele}", row)


def _phenotype(
    ref: Reference, table: Diplotypes, number: int, functions: list[str]
) -> Iterator[Link]:
    gene, phenotype, score = table.gene, table.phenotypes[number], table.scores[number]
    shown = f"{gene}: {phenotype or 'no phenotype assigned'}"
    if score is not None:
        shown += f", activity score {score}"
    for row in ref.grouped(PHENOTYPES_BY_GENE).get(gene, ()):
        pair = sorted((row.function_1 or ".", row.function_2 or "."))
        banded = row.method == "activity_score"
        if row.phenotype == phenotype and (banded or pair == functions):
            key = (row.gene, row.method, row.function_1, row.function_2, row.score_from)
            yield _link(
                "phenotype", shown, " ".join("." if k is None else str(k) for k in key), row
            )
            return
    source = "no row: the functions give none"
    yield Link("phenotype", shown, PhenotypeRule.TABLE, gene, 0, source)


def _rules(ref: Reference, table: Diplotypes, number: int) -> Iterator[Link]:
    conditions = ref.grouped(CONDITIONS_BY_RULE)
    texts = _texts(ref)
    for row in ref.rows(DrugRule):
        asked = conditions.get(row.rule_id, ())
        answers = [(c, diplotypes_of(c, table) if c.about == table.gene else None) for c in asked]
        decided = [hits for _, hits in answers if hits is not None]
        if not decided or not all(number in hits for hits in decided):
            continue
        others = [c for c, hits in answers if hits is None]
        also = (
            "; also needs " + ", ".join(f"{c.about} {c.operator} {c.compared}" for c in others)
            if others
            else ""
        )
        text = texts.get(row.text_id, "")
        percent = row.percent_of_standard_dose
        if percent is not None:
            text = text.replace("{percent_of_standard_dose}", str(percent))
        drugs = "|".join(row.drug)
        said = f"{drugs}: {row.response} (tier {row.tier}){also}. {text}"
        yield _link("rule", said, row.rule_id, row)


def explain_row(ref: Reference, key: str) -> tuple[Link, ...]:
    """Return every row whose key, or first part of its key, is a given word, with its sources.

    Raises
    ------
    InputError
        If no table has such a row.
    """
    schemas, _ = read_schemas(ref.path)
    texts = _texts(ref)
    found: list[Link] = []
    for record in RECORDS:
        schema = schemas.get(record.TABLE)
        if schema is None or not (ref.path / f"{record.TABLE}.tsv").is_file():
            continue
        for row in ref.rows(record):
            cells = row.cells()
            parts = [cells.get(c) or "." for c in schema.primary_key]
            if key not in (" ".join(parts), parts[0]):
                continue
            said = "; ".join(
                f"{c} = {v}"
                for c, v in cells.items()
                if v is not None and c not in ("source", "citations", "verified")
            )
            wording = texts.get(row.text_id) if isinstance(row, Worded) else None
            if wording:
                said += f". Wording: {wording}"
            found.append(_link("row", said, " ".join(parts), row))
    if not found:
        raise InputError.one(
            "row-known",
            found=key,
            expected="the key of a row of some table",
            fix="Name a rule id, a gene and diplotype, or a drug.",
        )
    return tuple(found)


def with_sources(ref: Reference, chain: tuple[Link, ...]) -> tuple[Link, ...]:
    """Append where the rows of a chain were read, and their citations, each once."""
    rows = {r.key: r for r in ref.rows(Citation)}
    located = locators_of(ref)
    places = [at for link in chain for at in located.get((link.table, link.key), ())]
    keys = dict.fromkeys(k for link in chain for k in link.citations)
    keys |= dict.fromkeys(at.citation for at in places)
    read = [
        Link(
            "read",
            f"{at.citation}: {at.locator}",
            at.TABLE,
            f"{at.table} {at.row}",
            at.line,
            f"read {at.read_on}",
        )
        for at in places
    ]
    cited = []
    for key in keys:
        row = rows.get(key)
        if row is not None:
            year = f" ({row.year})" if row.year else ""
            where = f" {row.link}" if row.link else ""
            said = f"{key}: {row.title}{year}{where}"
            cited.append(Link("source", said, row.TABLE, key, row.line, row.kind))
    return (*chain, *read, *cited)


def chain_text(chain: tuple[Link, ...]) -> str:
    """Write a chain for a person: what is said, and where it stands."""
    lines = []
    for link in chain:
        mark = " (unverified)" if link.verified is False else ""
        lines.append(f"{link.stage:<11} {link.statement}{mark}")
        if link.stage != "source":
            cited = f" [{', '.join(link.citations)}]" if link.citations else ""
            place = f"{link.table}.tsv:{link.line}" if link.line else f"{link.table}.tsv"
            lines.append(f"{'':<11} {place} {link.key}; {link.source}{cited}")
    return "\n".join(lines) + "\n"
