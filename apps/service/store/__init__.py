"""The service's tables, in `service.sqlite`: its SQL statements stand here and nowhere else."""
