"""Files read by their structure: their tree becomes blocks, and the blocks are set on pages."""
