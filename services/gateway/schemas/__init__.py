"""What requests may hold and answers do hold: validation and the OpenAPI document follow it."""
