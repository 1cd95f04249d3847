"""Methods that were tried and are not in use, with the commands that remake their rows."""
