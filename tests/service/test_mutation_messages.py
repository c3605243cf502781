from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from engine.errors import InvalidMutation, Violation
from engine.pricing.cart import Customer, Line
from engine.pricing.mutations import Mutation as AnyMutation
from engine.pricing.mutations import SetChannel, SetCustomer, SetLine, apply
from engine.service.messages import mutation_to_message, mutations_from_messages
from engine.v1 import cart_pb2
from engine.v1.mutation_pb2 import Mutation, SetAttribute, SetPrice
from tests.random_mutations import random_mutation
from tests.strategies import random_cases


def test_mutations_come_back_as_they_were_sent() -> None:
    random = Random(4)
    kinds: Counter[type] = Counter()
    cases = random_cases(4)
    for _ in range(40):
        rules, cart = next(cases)
        for _ in range(25):
            mutation = random_mutation(random, rules, cart)
            kinds[type(mutation)] += 1
            data = mutation_to_message(mutation).SerializeToString()
            assert mutations_from_messages([Mutation.FromString(data)]) == (mutation,)
            cart = apply(cart, [mutation])
    assert set(kinds) == set(AnyMutation.__args__)


def test_only_what_must_be_there_must_be_there() -> None:
    sent = [
        Mutation(set_line=cart_pb2.Line(price=0)),
        Mutation(set_customer=cart_pb2.Customer()),
        Mutation(clear_customer={}),
        Mutation(set_channel=""),
    ]
    read = SetLine(Line(id="", sku="", quantity=0, price=0)), SetCustomer(Customer()), SetCustomer(None), SetChannel("")
    assert mutations_from_messages(sent) == read


def test_all_that_is_wrong_is_named() -> None:
    sent = [
        Mutation(),
        Mutation(set_line=cart_pb2.Line(id="a", attributes={"x": cart_pb2.AttributeValue()})),
        Mutation(set_price=SetPrice(line_id="a")),
        Mutation(set_shipment=cart_pb2.Shipment(rates=[cart_pb2.Rate(method="post")])),
        Mutation(set_at=Timestamp(nanos=-1)),
        Mutation(set_attribute=SetAttribute(name="vip", value=cart_pb2.AttributeValue())),
        Mutation(set_customer=cart_pb2.Customer(attributes={"x": cart_pb2.AttributeValue()})),
        Mutation(set_coupon_fact=cart_pb2.CouponFact(code="A", pool="club")),
    ]
    no_value = "has no value: set text, number or flag"
    with pytest.raises(InvalidMutation) as caught:
        mutations_from_messages(sent)
    assert caught.value.violations == (
        Violation("mutations[0]", "has no kind that this service knows: set one, or update the service"),
        Violation("mutations[1].set_line.price", "is missing"),
        Violation("mutations[1].set_line.attributes.x", no_value),
        Violation("mutations[2].set_price.price", "is missing"),
        Violation("mutations[3].set_shipment.rates[0].price", "is missing"),
        Violation("mutations[4].set_at", "must be in the years 1 to 9999, with nanos from 0 to 999,999,999"),
        Violation("mutations[5].set_attribute.value", no_value),
        Violation("mutations[6].set_customer.attributes.x", no_value),
        Violation("mutations[7].set_coupon_fact.state", "must be STATE_AVAILABLE, STATE_SPENT or STATE_UNVERIFIED"),
    )


@pytest.mark.parametrize(
    ("sent", "at_fault"),
    [
        ([Mutation(set_channel="web")] * 10_001, "mutations: has 10,001 entries"),
        (
            [Mutation(set_shipment=cart_pb2.Shipment(rates=[cart_pb2.Rate(price=0)] * 101))],
            r"mutations\[0\].set_shipment.rates: has 101 entries",
        ),
    ],
)
def test_crowds_are_refused(sent: list[Mutation], at_fault: str) -> None:
    with pytest.raises(InvalidMutation, match=at_fault):
        mutations_from_messages(sent)
