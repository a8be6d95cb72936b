"""Named alleles, diplotypes, phenotypes and rare-variant findings."""
