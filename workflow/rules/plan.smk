checkpoint plan:
    """Cut the sample sheet into batches, each in files that its jobs read.

    A part of the plan is written only if its content changes, and is no output of this rule, so
    that Snakemake does not take it away before.
    """
    input:
        sheet=local(SHEET),
        tables=TABLES,
        clinvar=[local(path) for path in COPIES],
        checked="results/reference/checked.txt",
    output:
        "results/plan/plan.json",
    log:
        "logs/plan.log",
    benchmark:
        "benchmarks/results/plan.tsv"
    localrule: True
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=VERSION,
        options=options(
            *TABLE_OPTIONS,
            ("--batch-size", config["batch_size"]),
            ("--build", config["genome_build"]),
            *READ_WITH,
            *LANGUAGE,
            *DATE,
            *CLINVAR,
        ),
        out=plan_folder,
    shell:
        "epilepsy-pgx plan --samples {input.sheet:q} {params.options} --out {params.out:q}"
        " 2>&1 | tee {log:q} >&2"
