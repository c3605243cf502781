"""Scrapes of a service that serves metrics."""

from __future__ import annotations

from http.client import HTTPConnection

from prometheus_client.parser import text_string_to_metric_families

from engine.service.server import Server
from engine.service.settings import Address


def get(address: Address | None, path: str = "/metrics") -> tuple[int, str]:
    """The status and the text of an answer."""
    assert address is not None
    connection = HTTPConnection(address.host, address.port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


class Scrape:
    """What a service exposes at one moment."""

    def __init__(self, server: Server) -> None:
        status, text = get(server.metrics_address)
        assert status == 200
        families = list(text_string_to_metric_families(text))
        self.names = {each.name + "_total" * (each.type == "counter") for each in families}
        self.samples = [each for family in families for each in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The value of ``cartwright_NAME`` with exactly these labels."""
        (value,) = self.values(name, **labels)
        return value

    def values(self, name: str, **labels: str) -> list[float]:
        """None or one, as `value`."""
        return [each.value for each in self.samples if each.name == f"cartwright_{name}" and each.labels == labels]

    def calls(self, method: str) -> dict[str, float]:
        """The calls of a method by ``CODE REASON``, those that ended in that way."""
        return {
            f"{each.labels['code']} {each.labels['reason']}".strip(): each.value
            for each in self.samples
            if each.name == "cartwright_calls_total" and each.labels["method"] == method and each.value
        }
