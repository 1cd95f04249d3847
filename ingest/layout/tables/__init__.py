"""Tables: their cells from drawn lines and from where words stand.

Where lines box in all cells, they are the table (`lattice`). Else columns are where pieces of text stand below each
other (`columns`), lines that one cell wraps over become one row (`rows`), and names over several columns are known by
what they are centered over (`header`). Where neither finds a table,
rows are heights of text (`heights`), without cells.
"""
