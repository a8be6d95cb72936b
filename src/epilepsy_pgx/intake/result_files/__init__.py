"""Result files of programs that call star alleles or type HLA from sequencing reads.

`programs/` has one module for each program and `registry` finds them. `hla_results` and
`star_allele_results` read the two columns of the sheet that take such files; both columns also
take a table of the project's own.
"""
