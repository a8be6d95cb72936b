"""The stages joined: what the commands and the workflow call."""
