"""Who is told what, how it reaches them, and who may read which event."""
