"""A conversation outside the chat: as Markdown with pictures, as one HTML page, and as PDF."""
