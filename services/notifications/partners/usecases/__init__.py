"""What is kept and sent for a partner, and how partners are run and read it."""
