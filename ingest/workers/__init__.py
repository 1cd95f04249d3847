"""Worker processes, which read files page by page."""
