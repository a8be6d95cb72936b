rule identify:
    """Compare the genomes of all patients: swaps, repetitions, twins."""
    input:
        extracted=expand("results/extract/{batch}/complete.json", batch=RUN.batches),
        sheet=local(RUN.sheet),
        tables=TABLES,
    output:
        report(
            "results/cohort/identity.tsv",
            caption="../report/table.rst",
            category="Cohort",
            subcategory="Tables",
        ),
    log:
        "logs/identify.log",
    benchmark:
        "benchmarks/results/identify.tsv"
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=__version__,
        options=RUN.identify_options,
        extracted=lambda wildcards, input: folder(input.extracted[0], 2),
    shell:
        "epilepsy-pgx identify --samples {input.sheet:q} {params.options}"
        " --extracted {params.extracted:q} --out {output:q} 2> {log:q}"


rule predict:
    """Annotate, call and respond: one result per patient."""
    input:
        batch_files,
        sheet=local(RUN.sheet),
        tables=TABLES,
        extracted="results/extract/{batch}/complete.json",
        identity="results/cohort/identity.tsv",
        clinvar=[local(path) for path in RUN.clinvar],
    output:
        results="results/predict/{batch}.jsonl.gz",
        problems="results/predict/{batch}.problems.tsv",
        sites="results/predict/{batch}.sites.tsv",
    log:
        "logs/predict/{batch}.log",
    benchmark:
        "benchmarks/results/predict/{batch}.tsv"
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=__version__,
        options=RUN.predict_options,
        extracted=lambda wildcards, input: folder(input.extracted),
    shell:
        "epilepsy-pgx predict --samples {input.sheet:q} --batch {wildcards.batch}"
        " {params.options} --extracted {params.extracted:q}"
        " --identity {input.identity:q}"
        " --out {output.results:q} --problems {output.problems:q}"
        " --sites {output.sites:q} 2> {log:q}"
