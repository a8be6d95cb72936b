rule cohort:
    """Join all batches into tables over the cohort."""
    input:
        results=expand("results/predict/{batch}.jsonl.gz", batch=RUN.batches),
        sites=expand("results/predict/{batch}.sites.tsv", batch=RUN.batches),
        problems=expand("results/predict/{batch}.problems.tsv", batch=RUN.batches),
        tables=RUN.tables,
    output:
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
    log:
        "logs/cohort.log",
    benchmark:
        "benchmarks/results/cohort.tsv"
    params:
        version=__version__,
        options=RUN.cohort_options,
    shell:
        "epilepsy-pgx cohort {params.options} --predicted results/predict"
        " --out results/cohort 2> {log:q}"


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
    params:
        version=__version__,
    localrule: True
    shell:
        "epilepsy-pgx status --cohort {input.cohort:q} --problems {input.problems:q}"
        " --out {output:q} 2> {log:q}"
