"""Reading engines: where files are read, and one loop over all of them."""
