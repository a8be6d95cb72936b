# epilepsy-pgx: from patient VCFs to reports on anti-seizure drugs.
#
# REQUIRED INPUTS:
#     config/config.yaml   names the sample sheet, the curated tables and the thresholds
#     the sample sheet     names the VCFs and what is known of each patient
#
# OUTPUTS:
#     results/reports/     one folder per patient: HTML, JSON, TSV
#     results/cohort/      tables over all patients, and problems.tsv
from snakemake.utils import min_version

min_version("9.0")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
include: "workflow/rules/reference.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/calls.smk"
include: "workflow/rules/reports.smk"
include: "workflow/rules/cohort.smk"


rule all:
    """Every report, the cohort tables, and an answer to whether any patient failed."""
    default_target: True
    input:
        "results/status.txt",
