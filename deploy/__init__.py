"""What runs, ships and operates the services: the embedded stack, the stint command, the demo."""
