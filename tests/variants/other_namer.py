"""HGVS names by hgvs-weaver, a program of others: those of this package are held against them."""

from collections.abc import Mapping
from typing import Any

import weaver

from epilepsy_pgx.model import VariantKey
from epilepsy_pgx.variants.observed import read_change
from epilepsy_pgx.variants.sequence import SequenceSource, complement
from epilepsy_pgx.variants.transcripts import Transcript


class _Provider:
    """Transcripts and sequences in the form that hgvs-weaver asks for."""

    def __init__(self, transcripts: Mapping[str, Transcript], sequences: SequenceSource) -> None:
        self._by_accession = {t.accession: t for t in transcripts.values()}
        self._sequences = sequences
        self._chromosomes = {a: c for c, a in sequences.accessions.items()}

    def get_transcript(self, transcript_ac: str, reference_ac: str | None) -> dict[str, Any]:
        transcript = self._by_accession[transcript_ac]
        ordered = transcript.exons if transcript.forward else transcript.exons[::-1]
        exons, at = [], 0
        for start, end in ordered:
            exons.append(
                {
                    "transcript_start": at,
                    "transcript_end": at + end - start,
                    "reference_start": start,
                    "reference_end": end - 1,
                    "alt_strand": 1 if transcript.forward else -1,
                    "cigar": f"{end - start}=",
                }
            )
            at += end - start
        return {
            "ac": transcript_ac,
            "gene": transcript.gene,
            "cds_start_index": transcript.leader,
            "cds_end_index": transcript.leader + transcript.coding_length - 1,
            "strand": 1 if transcript.forward else -1,
            "reference_accession": self._sequences.accessions[transcript.chrom],
            "exons": exons,
        }

    def get_seq(self, ac: str, start: int, end: int | None, kind: object) -> str:
        if ac in self._chromosomes:
            chrom = self._chromosomes[ac]
            length = self._sequences.lengths[chrom]
            last = length if end is None else min(end, length)
            return self._sequences.fetch_padded(chrom, min(start, last), last)
        transcript = self._by_accession[ac]
        bases = "".join(
            self._sequences.fetch_padded(transcript.chrom, s, e) for s, e in transcript.exons
        )
        return (bases if transcript.forward else complement(bases))[start:end]

    def get_symbol_accessions(
        self, symbol: str, source_kind: str, target_kind: str
    ) -> list[tuple[str, str]]:
        # The protein is named after its transcript: its own accession is not in the tables.
        return [("protein_accession", f"{symbol}p")] if target_kind == "protein_accession" else []

    def get_identifier_type(self, identifier: str) -> str:
        return "genomic_accession" if identifier in self._chromosomes else "transcript_accession"


def genomic_name(key: VariantKey, accession: str) -> str:
    """Return the g. description of a spelled-out variant, as it is spelled."""
    change = read_change(key)
    start, end, removed, added = change.start0, change.end0, change.removed, change.added
    if len(removed) == len(added) == 1:
        text = f"{end}{removed}>{added}"
    elif not removed:
        text = f"{start}_{start + 1}ins{added}"
    else:
        place = f"{end}" if len(removed) == 1 else f"{start + 1}_{end}"
        if not added:
            text = f"{place}del"
        # `complement` also reverses.
        elif len(removed) > 1 and added == complement(removed):
            text = f"{place}inv"
        else:
            text = f"{place}delins{added}"
    return f"{accession}:g.{text}"


class OtherNamer:
    def __init__(self, transcripts: Mapping[str, Transcript], sequences: SequenceSource) -> None:
        self._mapper = weaver.VariantMapper(_Provider(transcripts, sequences))
        self._accessions = sequences.accessions

    def coding_name(self, key: VariantKey, transcript: Transcript) -> str:
        """Return the c. name, moved to the 3-prime end of the exon."""
        described = genomic_name(key, self._accessions[key.chrom])
        coding = self._mapper.g_to_c(weaver.parse(described), transcript.accession)
        return str(self._mapper.normalize_variant(coding).format())

    def protein_name(self, coding: str, transcript: Transcript) -> str | None:
        """Return the p. name that a c. name has, None where the program refuses."""
        try:
            found = self._mapper.c_to_p(weaver.parse(coding), f"{transcript.accession}p")
        except (weaver.HGVSError, ValueError):
            return None
        return str(found.format()).partition(":")[2]
