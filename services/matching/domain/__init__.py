"""What matching knows and decides: entries of candidates and projects, evidence, scores."""
