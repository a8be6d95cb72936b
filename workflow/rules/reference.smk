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
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=VERSION,
        folder=tables_to_check,
    shell:
        "epilepsy-pgx reference check {params.folder:q} > {output:q} 2> {log:q}"
        " || {{ cat {output:q} >> {log:q}; exit 2; }}"
