rule predict:
    """Annotate, call and respond: one result per patient."""
    input:
        batch_files,
        sheet=RUN.sheet,
        tables=RUN.tables,
        extracted="results/extract/{batch}/complete.json",
    output:
        results="results/predict/{batch}.jsonl.gz",
        problems="results/predict/{batch}.problems.tsv",
    log:
        "logs/predict/{batch}.log",
    benchmark:
        "benchmarks/results/predict/{batch}.tsv"
    params:
        version=__version__,
        options=RUN.predict_options,
    shell:
        "epilepsy-pgx predict --samples {input.sheet:q} --batch {wildcards.batch}"
        " {params.options} --extracted results/extract/{wildcards.batch}"
        " --out {output.results:q} --problems {output.problems:q} 2> {log:q}"
