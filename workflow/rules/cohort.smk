rule cohort:
    """Join all batches into tables over the cohort."""
    input:
        results=expand("results/predict/{batch}.jsonl.gz", batch=RUN.batches),
        sites=expand("results/predict/{batch}.sites.tsv", batch=RUN.batches),
        problems=expand("results/predict/{batch}.problems.tsv", batch=RUN.batches),
        sheet=local(RUN.sheet),
        tables=TABLES,
    output:
        report(
            multiext(
                "results/cohort/",
                "cohort.tsv",
                "genes.tsv",
                "variants.tsv",
                "drugs.tsv",
                "quality.tsv",
                "sites.tsv",
                "problems.tsv",
            ),
            caption="../report/table.rst",
            category="Cohort",
            subcategory="Tables",
        ),
        report(
            "results/cohort/index.html",
            caption="../report/cohort.rst",
            category="Cohort",
            subcategory="All patients",
        ),
    log:
        "logs/cohort.log",
    benchmark:
        "benchmarks/results/cohort.tsv"
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=__version__,
        options=RUN.cohort_options,
        predicted=lambda wildcards, input: folder(input.results[0]),
        out=lambda wildcards, output: folder(output[0]),
        results=lambda wildcards, output: folder(output[0], 2),
    shell:
        "epilepsy-pgx cohort {params.options} --samples {input.sheet:q}"
        " --predicted {params.predicted:q} --reports-folder {params.results:q}/reports"
        " --superseded {params.results:q}/superseded --out {params.out:q} 2> {log:q}"


rule finish:
    """Say how many patients have a report; fail if any has none."""
    input:
        problems="results/cohort/problems.tsv",
        cohort="results/cohort/cohort.tsv",
        reports=expand("results/reports/{batch}.tsv", batch=RUN.batches),
    output:
        "results/status.txt",
    log:
        "logs/finish.log",
    benchmark:
        "benchmarks/results/finish.tsv"
    localrule: True
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=__version__,
        out=outcome,
    shell:
        "epilepsy-pgx status --cohort {input.cohort:q} --problems {input.problems:q}"
        " --out {params.out:q} 2>&1 | tee {log:q} >&2"
