rule cohort:
    """Join all batches into tables over the cohort."""
    input:
        results=of_batches("results/predict/{batch}.jsonl.gz"),
        sites=of_batches("results/predict/{batch}.sites.tsv"),
        problems=of_batches("results/predict/{batch}.problems.tsv"),
        identity="results/cohort/identity.tsv",
        plan=plan_part("cohort.json"),
        tables=plan_part("report.tables"),
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
        version=VERSION,
        options=options(*TABLE_OPTIONS, *LANGUAGE, ("--reports", LINKED)),
        plan=lambda wildcards, input: folder(input.plan),
        predicted=lambda wildcards, input: folder(input.results[0]),
        out=lambda wildcards, output: folder(output[0]),
        results=lambda wildcards, output: folder(output[0], 2),
    shell:
        "epilepsy-pgx cohort {params.options} --plan {params.plan:q}"
        " --identity {input.identity:q}"
        " --predicted {params.predicted:q} --reports-folder {params.results:q}/reports"
        " --superseded {params.results:q}/superseded --out {params.out:q} 2> {log:q}"


rule finish:
    """Say how many patients have a report; fail if any has none."""
    input:
        problems="results/cohort/problems.tsv",
        cohort="results/cohort/cohort.tsv",
        identity="results/cohort/identity.tsv",
        reports=of_batches("results/reports/{batch}.tsv"),
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
        version=VERSION,
        out=outcome,
        benchmarks=lambda wildcards, output: f"{folder(output[0], 2)}/benchmarks/results",
    # Of a run with failed patients too there is a run.json: it is no output of this rule.
    shell:
        "epilepsy-pgx status --cohort {input.cohort:q} --problems {input.problems:q}"
        " --identity {input.identity:q} --benchmarks {params.benchmarks:q}"
        " --out {params.out:q} 2>&1 | tee {log:q} >&2"
