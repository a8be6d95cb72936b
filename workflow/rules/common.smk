"""Configuration, the plan of the run, and the options that several rules share."""

import sys

from snakemake.utils import validate

from epilepsy_pgx import __version__
from epilepsy_pgx.pipeline.workflow import load_run

validate(config, "../schemas/config.schema.yaml")

RUN = load_run(config)


onstart:
    for line in RUN.problems:
        print(line, file=sys.stderr)


wildcard_constraints:
    batch="batch[0-9]+",


def batch_files(wildcards):
    """Return the patient files of a batch that exist."""
    return RUN.files(wildcards.batch)
