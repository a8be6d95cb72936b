"""The entry form: an offline page, and a FHIR Questionnaire, made from the clinical entry."""
