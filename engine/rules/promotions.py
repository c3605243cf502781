"""Promotions: their condition, schedule, reward and layer."""

from __future__ import annotations

from engine.rules import model, reward_model
from engine.rules.checked import Combine, Exclusive, Layer, LayerKind, Promotion
from engine.rules.checked_rewards import Reward
from engine.rules.checked_schedules import Zone
from engine.rules.compatibility import Compatibility
from engine.rules.conditions.environment import Scope
from engine.rules.conditions.shared import Conditions
from engine.rules.expressions import Type
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar
from engine.rules.redemption import Redemption
from engine.rules.rewards import Rewards
from engine.rules.schedules import resolve_schedule

_REWARDS = {
    LayerKind.GOODS: {"percent_off", "amount_off", "fixed_price", "buy_get", "bundle", "gift", "credit", "effect"},
    LayerKind.SHIPPING: {"shipping"},
    LayerKind.POINTS: {"points", "gift", "credit", "effect"},
}
"""Kinds of reward by the kind of layer that they are allowed in."""


class Promotions:
    """Resolves the promotions of one rule set. Some of its ``layers`` may be mistaken and so ``unread``."""

    def __init__(
        self,
        layers: tuple[Layer, ...],
        unread: bool,
        conditions: Conditions,
        rewards: Rewards,
        compatibility: Compatibility,
        redemption: Redemption,
        zone: Zone,
        issues: Issues,
    ) -> None:
        self._layers = layers
        self._unread = unread
        self._indices = {layer.name: i for i, layer in enumerate(layers)}
        self._conditions = conditions
        self._rewards = rewards
        self._compatibility = compatibility
        self._redemption = redemption
        self._zone = zone
        self._issues = issues

    def resolve(self, id: Scalar, written: model.Promotion) -> Promotion | None:
        """None, with its issues added, when it cannot be priced."""
        index = None if written.layer is None else self._indices.get(written.layer)
        if written.layer is not None and index is None and not self._unread:
            self._issues.unknown_name(written.layer.place, "layer", written.layer, self._indices)
        layer = None if index is None else self._layers[index]
        # In an unknown layer every fact is allowed: what may be right is not called a mistake.
        scope = Scope.SHIPPING if layer is None or layer.kind is LayerKind.SHIPPING else Scope.GOODS
        schedule = None if written.schedule is None else resolve_schedule(written.schedule, self._zone, self._issues)
        condition = None if written.when is None else self._conditions.resolve(written.when, scope, Type.BOOL)
        reward = self._reward(written.reward, layer, scope)
        group = self._compatibility.group(written.group)
        excludes = self._compatibility.excludes(id, written)
        if layer is not None and layer.combine is Combine.BEST_PER_LINE:
            if written.exclusive in ("layer", "cart"):
                self._issues.not_per_line(written.place("exclusive"), f"exclusive: {written.exclusive}")
        elif layer is not None and written.group is not None and self._compatibility.applies_together(written):
            self._issues.not_together(written.group.place, written.group)
        codes = self._redemption.codes(written.coupon)
        limits = self._redemption.limits(written)
        if index is None or reward is None:
            return None
        return Promotion(
            id=id.text,
            name=(written.name or id).text,
            layer=index,
            priority=written.priority,
            schedule=schedule,
            condition=condition,
            condition_text=written.when.text if written.when is not None else "",
            reward=reward,
            group=group,
            tags=tuple(dict.fromkeys(tag.text for tag in written.tags)),
            excludes=excludes,
            exclusive=None if written.exclusive is None else Exclusive(written.exclusive),
            codes=codes,
            pool="" if written.coupon is None or written.coupon.pool is None else written.coupon.pool.text,
            limits=limits,
        )

    def _reward(self, written: reward_model.Reward | None, layer: Layer | None, scope: Scope) -> Reward | None:
        if written is None:
            return None
        if layer is not None and written.kind not in _REWARDS[layer.kind]:
            self._issues.wrong_layer(written.key_place(written.kind), written.kind, layer.name, layer.kind.value)
        elif layer is not None and layer.combine is Combine.BEST_PER_LINE:
            self._check_per_line(written)
        return self._rewards.resolve(written, scope)

    def _check_per_line(self, written: reward_model.Reward) -> None:
        """Only a reward on whole lines or on shipments can apply to some of them."""
        if written.shipping is not None:
            return
        goods = written.percent_off or written.amount_off or written.fixed_price
        if goods is None:
            self._issues.not_per_line(written.key_place(written.kind), written.kind)
            return
        of_list_price = written.percent_off is not None and written.percent_off.base == "list_price"
        for key, is_set in (("units", goods.units), ("shipping", goods.shipping), ("base", of_list_price)):
            if is_set:
                self._issues.not_per_line(goods.key_place(key), key)
