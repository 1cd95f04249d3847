"""The index's tables in a library's database: the SQL statements of the index stand here and nowhere else."""
