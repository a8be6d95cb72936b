"""The ledger of a folder of results: who reviewed, released, replaced or withdrew which report.

An entry is never changed and holds the digest of the one before it (`entries`). They stand in a
SQLite file that plain SQL reads (`book`). `release` holds the steps, `urgent` the calls;
`verify` looks at everything again, and `rebuild` makes a lost ledger anew from the released
reports.
"""
