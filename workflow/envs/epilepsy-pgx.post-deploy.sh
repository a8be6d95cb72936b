#!/usr/bin/env bash
# Run by Snakemake in the new environment, from the folder of the Snakefile.
set -euo pipefail
python -m pip install --quiet --disable-pip-version-check -c constraints.txt '.[all]'
