"""The closed words of the tables and of the software in the language of a report.

Names of genes, variants, alleles and proper sources stay as they are; whatever else a rendering
prints that is not a sentence of the report passes through here.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from epilepsy_pgx.model import AdjustedPhenotype, Alias, GeneResult
from epilepsy_pgx.reference.texts import split_feature
from epilepsy_pgx.report.wording import Wording
from epilepsy_pgx.sharing import Made, OfPart, OfParts, Part
from epilepsy_pgx.statement import Evidence, Statement
from epilepsy_pgx.vocabulary import Response

BRIEF = 40
"""Letters of a source on page one."""
_BRACKETS = re.compile(r" \([^()]*\)")
_KEPT = 16384
"""Lines, rows and the like that are kept of the reports before."""
_LATEST = 16
"""What is kept of the report at hand alone: it is measured first, and then printed."""


class ReportWords:
    """Words, numbers and names in one language, and what was made of them."""

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self.once = OfParts(_KEPT)
        """Remembers what is made of parts of reports in this language."""
        self.latest = OfParts(_LATEST)
        """Remembers what is made of the report at hand as a whole."""
        self._each: dict[Callable[..., object], OfPart[Any, Any]] = {}
        self.say = wording.say
        self.word = wording.word
        self.tell = wording.tell
        self.tell_all = wording.tell_all
        self.sentence = wording.sentence
        self.show = wording.show
        self.number = wording.number

    def each(self, make: "Callable[[Part, ReportWords], Made]") -> OfPart[Part, Made]:
        """Return the memory of what a function makes of one part of a report.

        Parameters
        ----------
        make
            A function of a module, of which there is one.
        """
        found = self._each.get(make)
        if found is None:
            found = self._each[make] = OfPart(lambda part: make(part, self), _KEPT)
        return found

    def drug(self, name: str) -> str:
        """Return a drug's name."""
        return self.word("name", name)

    def drugs(self, names: Iterable[str]) -> str:
        """Return names of drugs joined by commas."""
        return self.wording.names(names)

    def either(self, items: Iterable[str]) -> str:
        """Join alternatives."""
        return f" {self.say('join-or')} ".join(items)

    def phenotypes(self, gene: GeneResult) -> str:
        """Return the phenotypes that are possible, or a dash."""
        return self.either(self.word("phenotype", p) for p in gene.phenotypes) or "–"

    def gene_line(self, gene: GeneResult) -> str:
        """Return a gene's result in one line, candidates joined with `or`."""
        if gene.unlisted:
            return self.say("label-candidates", number=str(gene.candidate_count))
        if not gene.diplotypes:
            return ", ".join(gene.shown or gene.alleles_present) or "–"
        return self.either(
            "/".join(self.word("allele", name) for name in pair.alleles) for pair in gene.diplotypes
        )

    def verdict(self, response: Response, conditional: bool = False) -> str:
        """Return the verdict on a drug; `conditional` if something is still to be confirmed."""
        word = self.say(f"label-response-{response.value.replace(' ', '-')}")
        return self.say("label-if-confirmed", verdict=word) if conditional else word

    def source_name(self, evidence: Evidence) -> str:
        """Return who says so."""
        return "; ".join(self.word("source", p) for p in evidence.source.split("; "))

    def source(self, evidence: Evidence) -> str:
        """Return who says so, with the level unless the source names it already."""
        name = self.source_name(evidence)
        if evidence.level == "." or evidence.level.casefold() in evidence.source.casefold():
            return name
        return f"{name}, {self.say('label-level')} {self.word('level', evidence.level)}"

    def brief_source(self, statements: Iterable[Statement]) -> str:
        """Return who says the first of some statements that has a source, and how sure it is.

        What stands in brackets behind a name is left to the evidence behind page one; of several
        long names the first is told, of one that is too long nothing.
        """
        cited = (e for s in statements for e in s.evidence if e.citations)
        evidence = next(cited, None)
        if evidence is None:
            return ""
        name = _BRACKETS.sub("", self.source_name(evidence))
        level = "" if evidence.level == "." else self.word("level", evidence.level)
        level = _BRACKETS.sub("", level)
        if not level or level.casefold() in name.casefold():
            forms = [name]
        elif any(level.startswith(part) for part in name.split("; ")):
            forms = [level]
        else:
            forms = [f"{name}, {level}", name]
        forms.append(name.partition("; ")[0])
        return next((form for form in forms if len(form) <= BRIEF), "")

    def consequences(self, terms: Iterable[str]) -> str:
        """Return Sequence Ontology terms in words."""
        return ", ".join(self.word("consequence", t) for t in terms)

    def feature(self, name: str) -> str:
        """Return the name of a protein feature; its residues stand behind it."""
        head, place = split_feature(name)
        return self.word("feature", head) + place

    def alias(self, other: Alias) -> str:
        """Return another name of a variant, with the isoform that is numbered so."""
        return (
            f"{self.word('isoform', other.isoform)}: {other.name}" if other.isoform else other.name
        )

    def alone(self, text_id: str) -> str:
        """Return the text of an id that stands alone; nothing if there is none to tell."""
        return "" if text_id in ("", ".") else self.say(text_id)

    def adds_origin(self, statement: Statement, text_ids: Iterable[str]) -> bool:
        """Say whether the label of the origin adds to texts, or one of them names it."""
        label = self.origin(statement)
        return not any(self.wording.holds(i, label) for i in text_ids)

    def acting(self, adjusted: AdjustedPhenotype) -> str:
        """Return the drugs that act on an enzyme, each with what it does."""
        return ", ".join(map(self.tell, adjusted.drugs))

    def shared_origin(self, statements: Iterable[Statement]) -> str:
        """Return where all of some statements come from; empty if not all from one place."""
        labels = {self.origin(s) for s in statements}
        return labels.pop() if len(labels) == 1 else ""

    def origin(self, statement: Statement, brief: bool = False) -> str:
        """Return where a statement comes from; in brief, as the rows of page one say it."""
        word = statement.origin.value.replace(" ", "-").lower()
        return self.say(f"label-brief-{word}" if brief else f"label-origin-{word}")
