"""SQL over what answers rest on."""
