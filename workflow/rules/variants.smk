rule extract:
    """Read the curated positions and coding exons of a batch's files."""
    input:
        files_of("files"),
        plan=planned("files"),
        tables=plan_part("extract.tables"),
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
        version=VERSION,
        options=options(*TABLE_OPTIONS, *READ_WITH),
        plan=lambda wildcards, input: folder(input.plan),
        out=lambda wildcards, output: folder(output[0]),
    shell:
        "epilepsy-pgx extract --plan {params.plan:q} --batch {wildcards.batch}"
        " {params.options} --out {params.out:q} 2> {log:q}"
