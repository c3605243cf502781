from tests.serving import address, client, rule_file, start_server

__all__ = ["address", "client", "rule_file", "start_server"]
