rule report:
    """Write the reports of a batch."""
    input:
        results="results/predict/{batch}.jsonl.gz",
        tables=TABLES,
        logo=[local(x) for x in RUN.letterhead],
    output:
        "results/reports/{batch}.tsv",
    log:
        "logs/report/{batch}.log",
    benchmark:
        "benchmarks/results/report/{batch}.tsv"
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=__version__,
        options=RUN.report_options,
        out=lambda wildcards, output: folder(output[0]),
        superseded=lambda wildcards, output: f"{folder(output[0], 2)}/superseded",
    shell:
        "epilepsy-pgx report {params.options} --out {params.out:q}"
        " --superseded {params.superseded:q} --manifest {output:q} {input.results:q} 2> {log:q}"
