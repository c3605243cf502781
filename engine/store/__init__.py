"""What the service keeps or reads beside the rule sets."""
