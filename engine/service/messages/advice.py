"""The explanations and suggestions of a quote as protobuf messages, and back."""

from __future__ import annotations

from engine.pricing.quote import Addition, Explanation, Quote, Suggestion, Unmet
from engine.service.messages.enums import REASON_NAMES, REASONS
from engine.service.messages.fields import reader
from engine.v1 import quote_pb2

_unmet, _addition = reader(Unmet), reader(Addition)


def write_advice(quote: Quote, message: quote_pb2.Quote) -> None:
    """Each part is built in place, because there may be thousands and copying them all takes long."""
    for explanation in quote.explanations:
        _write_explanation(explanation, message)
    for suggestion in quote.suggestions:
        _write_suggestion(suggestion, message)


def _write_explanation(explanation: Explanation, message: quote_pb2.Quote) -> None:
    message.explanations.add(
        promotion_id=explanation.promotion_id,
        promotion_name=explanation.promotion_name,
        layer=explanation.layer,
        reason=None if explanation.reason is None else REASON_NAMES[explanation.reason],
        condition=explanation.condition,
        unmet=[quote_pb2.Unmet(part=part, found=found, needed=needed) for part, found, needed in explanation.unmet],
        displaced_by=explanation.displaced_by,
        displaced_by_name=explanation.displaced_by_name,
        displaced_by_amount=explanation.displaced_by_amount,
    )


def explanation_from_message(message: quote_pb2.Explanation) -> Explanation:
    return Explanation(
        promotion_id=message.promotion_id,
        promotion_name=message.promotion_name,
        layer=message.layer,
        reason=REASONS.get(message.reason),
        condition=message.condition,
        unmet=tuple(map(_unmet, message.unmet)),
        displaced_by=message.displaced_by,
        displaced_by_name=message.displaced_by_name,
        displaced_by_amount=message.displaced_by_amount if message.HasField("displaced_by_amount") else None,
    )


def _write_suggestion(suggestion: Suggestion, message: quote_pb2.Quote) -> None:
    addition = suggestion.addition
    message.suggestions.add(
        promotion_id=suggestion.promotion_id,
        promotion_name=suggestion.promotion_name,
        text=suggestion.text,
        fact=suggestion.fact,
        missing=suggestion.missing,
        addition=None if addition is None else quote_pb2.Addition(**addition._asdict()),
    )


def suggestion_from_message(message: quote_pb2.Suggestion) -> Suggestion:
    return Suggestion(
        promotion_id=message.promotion_id,
        promotion_name=message.promotion_name,
        text=message.text,
        fact=message.fact,
        missing=message.missing,
        addition=_addition(message.addition) if message.HasField("addition") else None,
    )
