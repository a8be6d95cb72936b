"""The toy package: one invented genome and one set of tables, which all tests use.

    TOY1  chromosome 10  named alleles at five sites, to be called; no bases are known there
    TOY2  chromosome 1   named alleles *1, *2 (a substitution), *3 (a deletion), *4 (structural), on
                         a forward coding gene short enough to be read; the drug rules are its
    TOYR  chromosome 3   the same coding bases on the reverse strand; read for rare variants
    FWD, REV  chr. 2     coding genes on the two strands, long enough to draw variants from
    LOST                 a gene of that kind without a transcript

Sites of TOY1 (GRCh38; GRCh37 is 1,000 bases lower, and has C where GRCh38 has T at rs4):

    rs1  10:1001 A>G    SNV
    rs2  10:1011 C>CTT  insertion
    rs3  10:1021 GAA>G  deletion; not in a repeat
    rs4  10:1031 T>C,A  three bases; the reference differs between builds
    rs5  10:1041 G>A    only the rare allele *5 needs it

Alleles: *1 none; *2 rs1 G (no function); *3 rs1 G with rs2 CTT; *4 rs3 G; *5 rs5 A (rare);
*6 rs4 C; *7 rs4 A with rs1 either base.

The tables pass every check, so that a test can break them in one place: `package.py` writes them,
`genome.py` has the bases, `vcf.py` writes VCF text about the sites of TOY1.
"""
