rule report:
    """Write the reports of a batch."""
    input:
        results="results/predict/{batch}.jsonl.gz",
        tables=RUN.tables,
        logo=RUN.letterhead,
    output:
        "results/reports/{batch}.tsv",
    log:
        "logs/report/{batch}.log",
    benchmark:
        "benchmarks/results/report/{batch}.tsv"
    params:
        version=__version__,
        options=RUN.report_options,
    shell:
        "epilepsy-pgx report {params.options} --out results/reports"
        " --manifest {output:q} {input.results:q} 2> {log:q}"
