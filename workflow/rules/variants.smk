rule extract:
    """Read the curated positions and coding exons of a batch's files."""
    input:
        batch_files,
        sheet=local(RUN.sheet),
        tables=TABLES,
        checked="results/reference/checked.txt",
    output:
        "results/extract/{batch}/complete.json",
    log:
        "logs/extract/{batch}.log",
    benchmark:
        "benchmarks/results/extract/{batch}.tsv"
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=__version__,
        options=RUN.extract_options,
        out=lambda wildcards, output: folder(output[0]),
    shell:
        "epilepsy-pgx extract --samples {input.sheet:q} --batch {wildcards.batch}"
        " {params.options} --out {params.out:q} 2> {log:q}"
