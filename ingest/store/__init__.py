"""The library: where documents live on disk."""
