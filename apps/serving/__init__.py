"""vLLM servers, fitted to a machine."""
