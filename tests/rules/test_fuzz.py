"""No text crashes the loader: it loads, or InvalidRules says why it does not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.rules import CheckedRules, InvalidRules, load, load_text

DATA = Path(__file__).parent / "data"
SOUND = (DATA / "winter.yaml").read_bytes()
STACK = (DATA / "autumn.yaml").read_bytes()
LATER = (DATA / "summer.yaml").read_bytes()
MARKS = "{ } [ ] : - & * ! | > ' \" # % @ ` , ? \\ \n \r\n \t \0 \ufeff é 0 1e9 ~ << ---"
PIECES = [mark.encode() for mark in MARKS.split(" ")]
KEYS = """
ruleset currencies timezone rounding selection floor markup_percent amounts segments layers groups promotions examples
name kind layer priority when schedule from until weekdays hours reward percent_off amount_off fixed_price shipping
buy_get bundle gift points credit effect of percent amount price per up_to units free methods by steps values value
attributes item customer cart coupon limits group tags excludes exclusive quantity pick repeat parts buy get total
lines at shipments rates USD
""".split()
SCALARS = "1 -1 1.5 USD cart item order true 2026-06-01 17:00-23:00 cart.subtotal mon".split()


def loads_or_is_refused(load: Callable[[], CheckedRules]) -> None:
    refused = None
    try:
        load()
    except InvalidRules as error:
        refused = error
    if refused is not None:
        assert refused.issues
        assert str(refused)
        assert all(issue.position.line >= 1 and issue.position.column >= 1 for issue in refused.issues)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid file with some pieces removed, repeated, moved or inserted."""
    data = draw(st.sampled_from([SOUND, STACK, LATER]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 30)))
        piece = draw(st.one_of(st.sampled_from([b"", data[start:end] * 2, *PIECES]), st.binary(max_size=4)))
        data = data[:start] + piece + data[end:]
    return data


trees = st.recursive(
    st.sampled_from(["", *SCALARS]) | st.text(max_size=5),
    lambda children: st.one_of(
        st.lists(children, max_size=3).map(lambda entries: f"[{', '.join(entries)}]"),
        st.dictionaries(st.sampled_from(KEYS), children, max_size=4).map(
            lambda entries: "{" + ", ".join(f"{key}: {value}" for key, value in entries.items()) + "}"
        ),
    ),
    max_leaves=25,
)


@given(mutated())
@settings(max_examples=300)
def test_a_file_gone_wrong(data: bytes) -> None:
    loads_or_is_refused(lambda: load_text(data.decode(errors="surrogateescape")))


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
@settings(max_examples=200)
def test_any_text(text: str) -> None:
    loads_or_is_refused(lambda: load_text(text))


@given(st.dictionaries(st.sampled_from(KEYS), trees, max_size=8), st.booleans())
@settings(max_examples=300)
def test_any_tree_of_known_keys(entries: dict[str, str], with_head: bool) -> None:
    head = {"ruleset": "shop", "currencies": "[USD]"} if with_head else {}
    text = "".join(f"{key}: {value}\n" for key, value in (entries | head).items())
    loads_or_is_refused(lambda: load_text(text))


def test_any_bytes_of_a_file(tmp_path: Path) -> None:
    @given(st.binary(max_size=200) | mutated())
    @settings(max_examples=100)
    def check(data: bytes) -> None:
        file = tmp_path / "rules.yaml"
        file.write_bytes(data)
        loads_or_is_refused(lambda: load([file]))

    check()
