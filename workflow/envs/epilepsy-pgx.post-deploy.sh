#!/usr/bin/env bash
# Run by Snakemake in the new environment, from the working folder. The workflow says where it came
# from: a checkout is installed as it is, else the package of that version.
set -euo pipefail
source="${EPILEPSY_PGX_SOURCE:-.}"
if [ -f "$source/pyproject.toml" ]; then
    python -m pip install --quiet --disable-pip-version-check -c "$source/constraints.txt" "$source[all]"
else
    python -m pip install --quiet --disable-pip-version-check "epilepsy-pgx[all]${EPILEPSY_PGX_VERSION:+==$EPILEPSY_PGX_VERSION}"
fi
