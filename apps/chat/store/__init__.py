"""The chat's tables, in `chat.sqlite`: its SQL statements stand here and nowhere else."""
