"""Partners: systems that hear of events by webhook, by polling, or over AMQP."""
