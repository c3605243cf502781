"""The README's examples do what it says."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from engine.cli.commands import main
from engine.client import PricingClient
from engine.money import format_amount
from engine.service.messages.cart_json import cart_from_json
from engine.service.server import Server
from tests.serving import running, settings_of

README = (Path(__file__).parents[1] / "README.md").read_text()


def block(language: str, number: int = 0) -> str:
    return re.findall(f"```{language}\n(.*?)```", README, re.S)[number]


@pytest.fixture
def spring(tmp_path: Path) -> Path:
    path = tmp_path / "spring.yaml"
    path.write_text(block("yaml"))
    return path


def test_the_cart_comes_to_what_it_says(spring: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cart = tmp_path / "cart.json"
    cart.write_text(block("json"))
    with pytest.raises(SystemExit, match="0"):
        main(["price", "--rules", str(spring), "--format", "json", str(cart)])
    quote: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert quote["total"] == "9300"
    granted = [each for layer in quote["layers"] for each in layer.get("adjustments", ())]
    assert len(granted) == 2
    for each in granted:
        off = format_amount(int(each["amount"]), "USD")
        assert re.search(f"{each['promotionName']} +a −{off} +−{off}\n", README)


def test_an_explanation_says_what_is_written(
    spring: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    boots = {"id": "boots", "sku": "BOOT", "category": "shoes/boots", "quantity": 1, "price": 7100}
    post = {"method": "post", "rates": [{"method": "post", "price": 795}]}
    cart = {
        "id": "c1",
        "currency": "USD",
        "lines": [boots, {"id": "socks", "sku": "SOCKS", "quantity": 1, "price": 625}],
        "shipments": [{"id": "s", "address": {"country": "US"}, **post}],
    }
    path = tmp_path / "cart.json"
    path.write_text(json.dumps(cart))
    monkeypatch.setenv("COLUMNS", "160")
    with pytest.raises(SystemExit, match="0"):
        main(["explain", "--rules", str(spring), str(path)])
    printed = {" ".join(line.split()) for line in capsys.readouterr().out.splitlines()}
    written = [" ".join(line.split()) for line in README.partition("    Why not\n")[2].split("\n\n")[0].splitlines()]
    assert len(written) == 7
    assert printed.issuperset(written)


def test_an_order_is_reserved_and_committed_as_it_is_written(
    spring: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "shop"
    with running(Server(settings_of(spring, data=data))) as server, PricingClient(str(server.address)) as client:
        with pytest.raises(SystemExit, match="0"):
            main(["redemptions", "open", "spring", "--data", str(data), "--unpublished"])
        cart = cart_from_json(block("json").encode(), now=0)
        exec(block("python", 1), {"client": client, "cart": cart})
        assert client.commit("order-4711").quote.total == 9300


def test_a_session_runs_as_it_is_written(spring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(Server(settings_of(spring))) as server:
        printed = StringIO()
        code = block("python").replace("127.0.0.1:50051", str(server.address))
        exec(code, {"print": lambda what: printed.write(str(what))})
    assert printed.getvalue() == "20100"
