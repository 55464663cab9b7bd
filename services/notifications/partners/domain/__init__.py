"""What partners may know, who they are, and how an event reaches them."""
