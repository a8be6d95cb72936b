checkpoint cut:
    """Read files that serve several batches once, and give each batch what is its own.

    A part is written only if its content changes, and is no output of this rule: one patient more
    in a file changes the part of one batch.
    """
    input:
        files_of_cut,
        plan=plan_of_cut,
        # After each plan: Snakemake asks again for the inputs of the extraction only behind a
        # checkpoint that ran.
        made="results/plan/plan.json",
        tables=plan_part("extract.tables"),
    output:
        "results/cut/{cut}.json",
    log:
        "logs/cut/{cut}.log",
    benchmark:
        "benchmarks/results/cut/{cut}.tsv"
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=VERSION,
        options=options(*TABLE_OPTIONS, *BASES),
        plan=lambda wildcards, input: folder(input.plan),
        out=lambda wildcards, output: folder(output[0]),
    shell:
        "epilepsy-pgx cut --plan {params.plan:q} --file {wildcards.cut} {params.options}"
        " --out {params.out:q} 2> {log:q}"


rule extract:
    """Read the curated positions and coding exons of a batch's files."""
    input:
        files_of("files"),
        parts_of_batch,
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
        cuts=lambda wildcards, output: f"{folder(output[0], 3)}/cut",
    shell:
        "epilepsy-pgx extract --plan {params.plan:q} --batch {wildcards.batch}"
        " {params.options} --cut {params.cuts:q} --out {params.out:q} 2> {log:q}"
