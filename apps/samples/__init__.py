"""What the demo's documents are drawn with and what they say."""
