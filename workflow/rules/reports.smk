rule report:
    """Write the reports of a batch."""
    input:
        results="results/predict/{batch}.jsonl.gz",
        tables=plan_part("report.tables"),
        identity=verdicts,
        logo=[local(LOGO)] if LOGO else [],
    output:
        manifest="results/reports/{batch}.tsv",
        pages=report(
            directory("results/pages/{batch}"),
            patterns=["{patient}.html"],
            caption="../report/patient.rst",
            category="Patients",
            labels={"patient": "{patient}"},
        ),
    log:
        "logs/report/{batch}.log",
    benchmark:
        "benchmarks/results/report/{batch}.tsv"
    conda:
        "../envs/epilepsy-pgx.yaml"
    container:
        CONTAINER
    params:
        version=VERSION,
        options=options(
            *TABLE_OPTIONS,
            ("--formats", ",".join(config["report_formats"])),
            ("--reports", config["reports"]),
            *HEAD,
        ),
        out=lambda wildcards, output: folder(output.manifest),
        superseded=lambda wildcards, output: f"{folder(output.manifest, 2)}/superseded",
    # The pages are linked into one folder for `snakemake --report`, which takes no others: of each
    # patient the whole one, which has the name of its folder.
    shell:
        "epilepsy-pgx report {params.options} --out {params.out:q}"
        " --superseded {params.superseded:q} --manifest {output.manifest:q}"
        " --identity {input.identity:q}"
        " {input.results:q} 2> {log:q}; "
        "mkdir -p {output.pages:q}; "
        "cut -f 2 {output.manifest:q} | sed -n 's#.*/\\([^/]*\\)/\\1[.]html$#../../reports/&#p'"
        " | xargs -r ln -sf -t {output.pages:q}"
