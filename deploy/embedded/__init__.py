"""All that Stint needs as private processes: broker, database, mail, the six services."""
