checkpoint identify:
    """Compare the genomes of all patients: swaps, repetitions, twins.

    What the reports of each batch say of it goes into results/identity, which is no output of this
    rule: only the reports of which that changes are written again. Nor is results/cohort/genomes.tsv:
    it keeps the genomes of earlier runs.
    """
    input:
        extracted=of_batches("results/extract/{batch}/complete.json"),
        plan=plan_part("identity.json"),
        # After each plan: Snakemake asks again for the inputs of the reports only behind a
        # checkpoint that ran.
        made="results/plan/plan.json",
        tables=plan_part("extract.tables"),
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
        version=VERSION,
        options=options(*TABLE_OPTIONS),
        plan=lambda wildcards, input: folder(input.plan),
        extracted=lambda wildcards, input: folder(input.extracted[0], 2),
        verdicts=lambda wildcards, output: f"{folder(output[0], 2)}/identity",
        results=lambda wildcards, output: folder(output[0], 2),
    shell:
        "epilepsy-pgx identify --plan {params.plan:q} {params.options}"
        " --extracted {params.extracted:q} --verdicts {params.verdicts:q}"
        " --results {params.results:q}"
        " --out {output:q} 2> {log:q}"


rule predict:
    """Annotate, call and respond: one result per patient."""
    input:
        files_of("rows"),
        # Read by the extraction. Named here too, so that Snakemake asks again behind the cut what
        # is to run: it goes on from what it thought before of whatever does not ask for it.
        parts_of_batch,
        plan=planned("rows"),
        tables=plan_part("predict.tables"),
        extracted="results/extract/{batch}/complete.json",
        clinvar=[local(path) for path in COPIES],
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
        version=VERSION,
        options=options(*TABLE_OPTIONS, *READ_WITH, *LANGUAGE, *DATE, *CLINVAR),
        plan=lambda wildcards, input: folder(input.plan),
        extracted=lambda wildcards, input: folder(input.extracted),
    shell:
        "epilepsy-pgx predict --plan {params.plan:q} --batch {wildcards.batch}"
        " {params.options} --extracted {params.extracted:q}"
        " --out {output.results:q} --problems {output.problems:q}"
        " --sites {output.sites:q} 2> {log:q}"
