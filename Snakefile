# The workflow lies in workflow/Snakefile; this is for `snakemake` in the checkout.
include: "workflow/Snakefile"


# A file that is included leaves no default target behind.
use rule all as everything with:
    default_target: True
