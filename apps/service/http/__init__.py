"""The service over HTTP: OpenAI's shapes under `/v1`, the native API under `/api`."""
