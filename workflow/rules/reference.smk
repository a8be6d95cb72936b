rule check_reference:
    """Refuse to work with curated tables that break a check."""
    input:
        TABLES,
    output:
        "results/reference/checked.txt",
    log:
        "logs/check_reference.log",
    benchmark:
        "benchmarks/results/check_reference.tsv"
    params:
        version=__version__,
        folder=RUN.reference_dir,
    shell:
        "epilepsy-pgx reference check {params.folder:q} > {output:q} 2> {log:q}"
