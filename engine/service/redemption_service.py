"""The gRPC servicer for reservations."""

from __future__ import annotations

import time
from functools import cached_property, partial

import grpc

from engine.errors import InvalidRequest, InvalidReturn, StoreMissing
from engine.service import REDEMPTION_SERVICE
from engine.service.messages.parsing import key_violations, parsed
from engine.service.messages.reservations import reservation_to_message
from engine.service.messages.returns import ReturnAsked, parse_cancel, parse_return, refund_to_message
from engine.service.meters import Metered, unmetered
from engine.service.pricer import Pricer
from engine.service.refunds import Refunds
from engine.service.requests import client_of
from engine.service.reserving import Reserving
from engine.service.statuses import answering
from engine.service.store_facts import StoreFacts
from engine.service.workers import Workers, taking
from engine.store.redemptions import Redemptions
from engine.v1 import quote_pb2, redemption_pb2


class RedemptionService:
    """engine.v1.RedemptionService on raw bytes; `protos/engine/v1/redemption.proto` says what each method raises.

    Without a store every call ends with StoreMissing.
    """

    def __init__(self, pricer: Pricer, allow_at: bool, threads: Workers, metered: Metered = unmetered) -> None:
        """``threads`` run its calls, which wait for the store."""
        self._pricer = pricer
        self._allow_at = allow_at
        self._threads = threads
        self._metered = metered

    def handler(self) -> grpc.GenericRpcHandler[bytes, bytes]:
        """The handler for a gRPC server."""
        methods = {
            "Reserve": self.reserve,
            "Commit": self.commit,
            "Release": self.release,
            "Return": self.take_back,
            "Cancel": self.cancel,
        }
        return grpc.method_handlers_generic_handler(
            REDEMPTION_SERVICE,
            {
                name: grpc.unary_unary_rpc_method_handler(taking(answering(self._metered(name, method)), self._threads))
                for name, method in methods.items()
            },
        )

    def reserve(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.ReserveRequest`` in, ``engine.v1.ReserveResponse`` out. Raises as `Reserving` does."""
        request = parsed(redemption_pb2.ReserveRequest, data)
        reserving = Reserving(self._pricer, self._facts, self._allow_at)
        answer = reserving.reserve(request, time.time_ns(), partial(client_of, context))
        if isinstance(answer, bytes):
            response = redemption_pb2.ReserveResponse(changed=quote_pb2.Quote.FromString(answer))
        else:
            response = redemption_pb2.ReserveResponse(reservation=reservation_to_message(request.key, answer))
        return response.SerializeToString()

    def commit(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.CommitRequest`` in, ``engine.v1.Reservation`` out."""
        request = parsed(redemption_pb2.CommitRequest, data)
        redemptions = self._redemptions(request)
        return reservation_to_message(request.key, redemptions.commit(request.key)).SerializeToString()

    def release(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.ReleaseRequest`` in, ``engine.v1.Reservation`` out."""
        request = parsed(redemption_pb2.ReleaseRequest, data)
        redemptions = self._redemptions(request)
        return reservation_to_message(request.key, redemptions.release(request.key)).SerializeToString()

    def take_back(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.ReturnRequest`` in, ``engine.v1.Refund`` out. Raises as `Refunds` does."""
        return self._refund(parse_return(data))

    def cancel(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """``engine.v1.CancelRequest`` in, ``engine.v1.Refund`` out. Raises as `Refunds` does."""
        return self._refund(parse_cancel(data))

    def _refund(self, asked: ReturnAsked) -> bytes:
        receipt = self._refunds.give(
            self._rule_set(asked.rule_set, InvalidReturn), asked.receipt_key, asked.key, asked.units
        )
        return refund_to_message(receipt).SerializeToString()

    def _redemptions(self, request: redemption_pb2.CommitRequest | redemption_pb2.ReleaseRequest) -> Redemptions:
        violations = list(key_violations("key", request.key))
        if violations:
            raise InvalidRequest(violations)
        return Redemptions(self._facts.store, self._rule_set(request.rule_set))

    def _rule_set(self, name: str, refusal: type[InvalidRequest] = InvalidRequest) -> str:
        """The name given, which need not be served any longer (its goods can still come back), else the only one."""
        return name or self._pricer.rule_set("", refusal).name

    @cached_property
    def _refunds(self) -> Refunds:
        return Refunds(self._facts.store, lambda: [each.program for each in self._pricer.rule_sets])

    @property
    def _facts(self) -> StoreFacts:
        if self._pricer.facts is None:
            raise StoreMissing("this service has no store to redeem in: start it with --redis or --data")
        return self._pricer.facts
