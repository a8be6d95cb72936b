"""What a laboratory runs to validate its installation: inputs, expectations, a protocol."""
