"""What the service stores and reads: the catalogue, and in Redis rule sets, counters, codes and receipts."""
