"""Files that are read as what they say: their tree becomes blocks, and the blocks are set on pages."""
