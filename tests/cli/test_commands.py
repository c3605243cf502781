from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from engine.cli.commands import app
from engine.client import PricingClient
from engine.pricing.cart import UNPRICED, Cart, Line
from engine.pricing.mutations import SetQuantity
from tests.cli.conftest import CART, RULES, Run, rows

Start = Callable[..., subprocess.Popen[str]]


def test_without_a_command_it_shows_its_help(run: Run) -> None:
    outcome = run()
    assert outcome.code == 2
    assert all(
        command in outcome.err
        for command in ("check", "lint", "test", "schema", "price", "explain", "serve", "demo", "rules")
    )


def _commands(group: TyperGroup, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, *path, name)
        else:
            yield (*path, name), command


def test_help_shows_an_example(run: Run) -> None:
    for path, command in _commands(get_group(app)):
        outcome = run(*path, "--help")
        assert outcome.code == 0
        _, _, examples = outcome.out.partition("\n  Example")
        assert command.params == [] or f"cartwright {' '.join(path)} " in examples


@pytest.mark.parametrize("group", [(), ("rules",), ("coupons",), ("receipts",), ("redemptions",)])
def test_what_a_command_does_is_said_in_one_line(run: Run, group: tuple[str, ...]) -> None:
    """In a terminal of 80 columns, nothing of it is left out."""
    _, _, commands = run(*group, "--help").out.partition("Commands:")
    assert commands
    assert "..." not in commands


def test_examples_are_lines_that_can_be_copied(run: Run) -> None:
    piped = "jq .cart order.json | cartwright price --rules summer.yaml --format json -"
    assert piped in [line.strip() for line in run("price", "--help").out.splitlines()]


def test_wrong_usage_is_explained_in_one_line(run: Run, rules: Path, cart: Path) -> None:
    """Logs keep it whole."""
    *_, last = run("price", "--rules", rules, "--at", "tomorrow", cart).err.splitlines()
    assert last.startswith("Error: Invalid value for '--at': 'tomorrow' is not an ISO 8601 time")
    assert last.endswith("2026-06-05T18:30")


def test_an_option_and_its_environment_variable_have_one_name() -> None:
    for path, command in _commands(get_group(app)):
        for each in command.params:
            assert each.param_type_name == "argument" or f"--{each.name.replace('_', '-')}" in each.opts, path


def test_version(run: Run) -> None:
    assert run("--version").out == f"cartwright {version('cartwright')}\n"


def test_an_unknown_command_is_wrong_usage(run: Run) -> None:
    assert run("haggle").code == 2


def test_check_says_ok_with_counts(run: Run, rules: Path) -> None:
    outcome = run("check", rules)
    assert outcome.code == 0
    assert outcome.out == f"ok {rules}: spring, 2 promotions in 4 layers, USD\n"


def test_check_takes_a_folder(run: Run, rules: Path) -> None:
    assert run("check", rules.parent).out.startswith(f"ok {rules.parent}: spring")


@pytest.mark.parametrize("command", ["check", "test", "lint"])
def test_a_pipe_of_this_process_is_read_once(run: Run, command: str) -> None:
    """As in `cartwright lint <(generate)`."""
    reading, writing = os.pipe()
    with os.fdopen(reading), os.fdopen(writing, "w") as pipe:
        pipe.write(RULES.replace("percent: 10", "percent: 0.1"))
        pipe.close()
        outcome = run(command, f"/dev/fd/{reading}")
    assert outcome.code == (command == "lint")
    assert "tiny_percentage" in outcome.out or command != "lint"


def test_check_names_the_place_of_every_mistake_and_goes_on(run: Run, rules: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yml"
    bad.write_text(rules.read_text().replace("percent: 10", "percent: ten").replace("layer: order", "layer: oder"))
    outcome = run("check", bad, rules)
    assert outcome.code == 1
    assert [line for line in outcome.out.splitlines() if not line.startswith("    ")] == [
        f"{bad}:6:12: unknown_layer: unknown layer `oder`",
        f"{bad}:7:59: invalid_value: expected a percentage from 0 to 100 with at most 4 decimal places; found `ten`",
        f"{bad}:10:12: unknown_layer: unknown layer `oder`",
        f"ok {rules}: spring, 2 promotions in 4 layers, USD",
    ]


def test_check_of_a_missing_file_is_wrong_usage(run: Run) -> None:
    outcome = run("check", "/nowhere.yaml")
    assert outcome.code == 2
    assert "/nowhere.yaml" in outcome.err


def test_check_bounds_the_size(run: Run, rules: Path) -> None:
    outcome = run("check", "--max-rule-bytes", 100, rules)
    assert outcome.code == 1
    assert "too_large" in outcome.out


def test_schema_is_json(run: Run) -> None:
    outcome = run("schema")
    assert outcome.code == 0
    assert "promotions" in json.loads(outcome.out)["properties"]


def test_price_prints_a_receipt(run: Run, rules: Path, cart: Path) -> None:
    outcome = run("price", "--rules", rules, "--at", "2026-05-01T12:00:00Z", cart)
    assert outcome.code == 0
    *receipt, rule_set = rows(outcome.out)
    assert receipt == [
        "cart c1, good until 2026-06-01 00:00 UTC",
        "line sku qty each before now",
        "a BOOT 2 45.00 100.00 90.00",
        "layer promotion carried by grants",
        "order 10 % off everything a −10.00 −10.00",
        "before now",
        "goods $100.00 $90.00",
        "total $100.00 $90.00",
    ]
    assert re.fullmatch(r"spring \w{8}, priced in [0-9,]+\.[0-9] µs", rule_set)


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "−"), ("cp1252", "-"), ("ascii", "-")])
def test_an_amount_keeps_its_sign_in_any_encoding(
    start: Start, rules: Path, cart: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, sign: str
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    with start("price", "--rules", rules, "--at", "2026-05-01T12:00:00Z", cart) as process:
        printed = process.stdout.buffer.read().decode(encoding)
    assert f"a {sign}10.00" in printed


def test_errors_and_marks_keep_their_columns_in_any_encoding(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "long.yaml"
    rules.write_text(
        f"ruleset: spring  # {'x' * 200}\ncurrencies: [USD]\nsegments: {{a: {'item.sku == 1 || ' * 20}true}}\n"
    )
    printed = {}
    for encoding in ("utf-8", "ascii"):
        monkeypatch.setenv("PYTHONIOENCODING", encoding)
        with start("check", rules) as process:
            printed[encoding] = process.stdout.buffer.read().decode(encoding)
    assert "…" in printed["utf-8"]
    assert printed["ascii"] == printed["utf-8"].replace("…", "~")


def test_price_prints_json(run: Run, rules: Path, cart: Path) -> None:
    outcome = run("price", "--rules", rules, "--at", "2026-06-01T12:00:00-04:00", "--format", "json", cart)
    quote = json.loads(outcome.out)
    assert (quote["total"], quote["at"]) == ("8500", "2026-06-01T16:00:00Z")


def test_price_reads_standard_input(run: Run, rules: Path) -> None:
    outcome = run("price", "--rules", rules, "--format", "json", "-", stdin=CART.encode())
    assert json.loads(outcome.out)["cartId"] == "c1"


def test_price_takes_the_moment_of_the_cart(run: Run, rules: Path) -> None:
    sent = json.dumps({**json.loads(CART), "at": "2026-06-01T12:00:00Z"}).encode()
    outcome = run("price", "--rules", rules, "--format", "json", "-", stdin=sent)
    assert json.loads(outcome.out)["total"] == "8500"


@pytest.mark.parametrize("moment", ["2026-06-01T00:30", "2026-06-01 00:30", "2026-05-31T22:30Z"])
def test_a_moment_without_an_offset_is_local(run: Run, rules: Path, cart: Path, moment: str) -> None:
    """As in schedules and examples; printed moments are local, too."""
    rules.write_text(f"timezone: Europe/Vienna\n{RULES}")
    printed = run("price", "--rules", rules, "--at", moment, cart).out
    assert "5.00 off in June" in printed
    assert "good until 2026-07-01 00:00 Europe/Vienna" in printed


@pytest.mark.parametrize("moment", ["1 June", "noon", ""])
def test_price_needs_a_moment(run: Run, rules: Path, cart: Path, moment: str) -> None:
    outcome = run("price", "--rules", rules, "--at", moment, cart)
    assert outcome.code == 2
    assert "ISO 8601" in outcome.err


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (b"", "cart: is not valid JSON"),
        (b"\xff", "cart: is not valid UTF-8"),
        (CART.replace("5000", "50.00").encode(), "lines[0].price: must be a whole number, not 50.00"),
        (CART.replace("USD", "EUR").encode(), "currency: EUR is not a currency of this rule set"),
        (
            CART.replace('"id": "c1"', '"rule_set": "autumn"').encode(),
            "no rule set 'autumn' is served here",
        ),
    ],
    ids=["empty", "no UTF-8", "fraction", "currency", "rule set"],
)
def test_price_says_what_is_wrong_with_a_cart(run: Run, rules: Path, sent: bytes, complaint: str) -> None:
    outcome = run("price", "--rules", rules, "-", stdin=sent)
    assert outcome.code == 1
    assert complaint in outcome.err
    assert outcome.out == ""


def test_price_of_a_missing_cart_is_trouble(run: Run, rules: Path) -> None:
    outcome = run("price", "--rules", rules, "/nowhere.json")
    assert (outcome.code, outcome.err) == (2, "error: /nowhere.json: No such file or directory\n")


def test_price_under_bad_rules_shows_their_mistakes(run: Run, tmp_path: Path, cart: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("ruleset: [")
    outcome = run("price", "--rules", bad, cart)
    assert outcome.code == 1
    assert f"{bad}:1:" in outcome.err


def test_a_fault_of_the_program_is_one_line_and_a_request(
    run: Run, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("the cause")

    monkeypatch.setattr("engine.cli.commands.load_with_sources", fail)
    outcome = run("check", rules)
    assert outcome.code == 2
    first, second = outcome.err.splitlines()
    assert first == "error: ZeroDivisionError: the cause"
    assert "please report it" in second


def test_debugging_shows_where_an_error_was_raised(rules: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTWRIGHT_DEBUG", "1")
    _, err = start("price", "--rules", rules, "/nowhere.json").communicate(timeout=20)
    assert "Traceback" in err
    assert err.endswith("error: /nowhere.json: No such file or directory\n")


def test_a_reader_that_goes_away_leaves_no_traceback(start: Start) -> None:
    with start("schema") as process:
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 1


def test_serve_prices_until_it_is_told_to_stop(start: Start, rules: Path) -> None:
    with start("serve", "--rules", rules, "--listen", "127.0.0.1:0", "--allow-at") as process:
        loaded, listening = process.stdout.readline(), process.stdout.readline()
        cart = Cart(id="c1", currency="USD", at=0, lines=(Line(id="a", sku="BOOT", quantity=1, price=1_000),))
        with PricingClient(listening.removeprefix("listening on ").strip(), send_at=True) as client:
            quote = client.price(cart).quote
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""
    assert quote.total == 900
    assert loaded == f"spring {quote.rule_set_version}: 2 promotions\n"


def test_serve_takes_a_catalogue(start: Start, run: Run, rules: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.csv"
    catalogue.write_text("sku,price\nBOOT,1000\n")
    options = ["--rules", rules, "--listen", "127.0.0.1:0", "--allow-at", "--catalogue", catalogue]
    with start("serve", *options, "--session-memory", 1, "--streams", 2) as process:
        _, listening = process.stdout.readline(), process.stdout.readline()
        cart = Cart(id="c1", currency="USD", at=0, lines=(Line(id="a", sku="BOOT", quantity=1, price=UNPRICED),))
        with PricingClient(listening.removeprefix("listening on ").strip(), send_at=True) as client:
            assert client.open(cart).mutate(SetQuantity("a", 2)).quote.total == 1_800
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""
    catalogue.write_text("sku,price\nBOOT,10.00\n")
    outcome = run("serve", *options)
    assert outcome.code == 1
    assert outcome.err.startswith(f"error: {catalogue}: price must be whole numbers; money is in minor units")


def test_serve_says_where_its_metrics_are(start: Start, rules: Path) -> None:
    with start("serve", "--rules", rules, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0") as process:
        process.stdout.readline()
        address = process.stdout.readline().strip().removeprefix("metrics at ")
        assert process.stdout.readline().startswith("listening on 127.0.0.1:")
        with urlopen(address) as answer:
            assert 'cartwright_rule_set_info{revision="0",rule_set="spring"' in answer.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""


def test_serve_says_why_it_cannot_serve_metrics(run: Run, rules: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        outcome = run("serve", "--rules", rules, "--listen", "127.0.0.1:0", "--metrics", address)
    assert (outcome.code, outcome.err) == (2, f"error: cannot listen on {address}: Address already in use\n")
    outcome = run("serve", "--rules", rules, "--metrics", "9100")
    assert outcome.code == 2
    assert "Invalid value for --metrics: '9100' is not HOST:PORT" in outcome.err


def test_serve_says_why_it_cannot_listen(run: Run, rules: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        outcome = run("serve", "--rules", rules, "--listen", address)
    assert (outcome.code, outcome.err) == (2, f"error: cannot listen on {address}: Address already in use\n")


def test_serve_needs_an_address(run: Run, rules: Path) -> None:
    outcome = run("serve", "--rules", rules, "--listen", "nowhere")
    assert outcome.code == 2
    assert "HOST:PORT" in outcome.err


def test_serve_needs_rule_sets(run: Run) -> None:
    outcome = run("serve")
    assert (outcome.code, "pass --rules, --redis or --data" in outcome.err) == (2, True)


def test_an_option_may_come_from_the_environment(run: Run, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTWRIGHT_SERVE_LISTEN", "elsewhere")
    outcome = run("serve", "--rules", rules)
    assert outcome.code == 2
    assert "elsewhere" in outcome.err


@pytest.mark.parametrize(("days", "said"), [(30, "--keep-receipts"), (400, "needs a store")])
def test_serve_keeps_receipts_long_enough_and_in_a_store(run: Run, rules: Path, days: int, said: str) -> None:
    outcome = run("serve", "--rules", rules, "--keep-receipts", days)
    assert (outcome.code, said in outcome.err) == (2, True)


def test_serve_refuses_two_rule_sets_of_one_name(run: Run, rules: Path) -> None:
    outcome = run("serve", "--rules", rules, "--rules", rules, "--listen", "127.0.0.1:0")
    assert (outcome.code, outcome.err) == (1, "error: two rule sets have the name spring\n")
