"""What the names in a condition mean: facts and named amounts; and what an unknown one may have been meant as."""

from __future__ import annotations

from engine.rules.conditions import syntax
from engine.rules.conditions.environment import VISIBLE, Environment, ScalarText, Scope
from engine.rules.expressions import Amount, Fact, Subject
from engine.rules.found import Position
from engine.rules.issues import Issues
from engine.rules.suggestions.names import SECTIONS, fact_here


class Names:
    """``at`` is the node where a mistake is reported."""

    def __init__(self, text: ScalarText, scope: Scope, environment: Environment, issues: Issues) -> None:
        self._text = text
        self._scope = scope
        self._known = environment
        self._issues = issues

    def amount(self, node: syntax.Name, at: syntax.Node) -> Amount | None:
        """What a name by itself means; an issue is added when that is nothing."""
        name, known = node.name, self._known
        if (values := known.amounts.get(name)) is not None:
            return Amount(values)
        if name in syntax.RESERVED_WORDS:
            self._issues.reserved_word(self._place(at), name)
        elif name not in known.subjects:
            if Subject.SEGMENT not in known.unread:
                self._unknown(name, at)
        elif self._is_visible(name):
            self._issues.fact_needed(self._place(at), name, tuple(known.facts[name]))
        else:
            self._out_of_scope(name, "", at)
        return None

    def fact(self, owner: str, name: str, at: syntax.Node) -> Fact | None:
        """What ``owner.name`` means, where the owner is known; an issue is added when that is nothing."""
        known, whole = self._known, f"{owner}.{name}"
        subject_name = known.subject_of(owner)
        subject, segment = known.subjects[subject_name]
        facts = known.facts[owner]
        if not self._is_visible(subject_name):
            self._out_of_scope(subject_name, name, at)
        elif name in facts:
            return Fact(facts[name], subject, whole.removeprefix(f"{subject_name}."), segment)
        elif whole in known.facts:
            self._issues.fact_needed(self._place(at), whole, tuple(known.facts[whole]))
        elif owner == subject_name or subject not in known.unread:
            what = "fact" if owner == subject_name else "attribute"
            known_here = [f"{owner}.{each}" for each in facts]
            meant, elsewhere = self._meant(whole), ""
            if owner == "cart" and not meant and (of_shipment := self._of_shipment(name)):
                meant, elsewhere = (of_shipment, "") if self._is_visible("shipment") else ("", "shipment")
            self._issues.unknown_name(self._place(at), what, whole, known_here, meant, elsewhere)
        return None

    def is_owner(self, name: str) -> bool:
        """Whether a name, such as ``cart`` or ``cart.attributes``, has facts."""
        return name in self._known.facts

    def is_subject(self, node: syntax.Node | None) -> bool:
        """Whether a node is a bare name that has facts, and so no value."""
        return isinstance(node, syntax.Name) and node.name in self._known.subjects

    def asked(self, owner: syntax.Name, function: str, at: syntax.Node) -> None:
        """Report that a whole cart or segment is asked whether something is in it."""
        if self._is_visible(owner.name):
            self._issues.asked(self._place(at), function)
        else:
            self._out_of_scope(owner.name, "", at)

    def has_fact(self, owner: str, name: str) -> bool:
        return name in self._known.facts.get(owner, ())

    def is_of_another_system(self, owner: str, name: str, at: syntax.Node) -> bool:
        """Whether ``owner.name`` is what another system calls a fact here; then an issue is added."""
        whole = f"{owner}.{name}"
        if owner in self._known.amounts or not (
            owner in SECTIONS or self._meant(whole) or self._meant_elsewhere(whole)
        ):
            return False
        self._unknown(whole, at)
        return True

    def _unknown(self, name: str, at: syntax.Node) -> None:
        known = self._known
        meant = self._meant(name)
        elsewhere = "" if meant else self._meant_elsewhere(name).partition(".")[0]
        self._issues.unknown_name(self._place(at), "name", name, [*known.subjects, *known.amounts], meant, elsewhere)

    def _out_of_scope(self, owner: str, name: str, at: syntax.Node) -> None:
        meant = self._meant(name) if name and self._scope is Scope.ITEM else ""
        self._issues.out_of_scope(self._place(at), owner, self._scope.value, meant)

    def _meant(self, name: str) -> str:
        return fact_here(name, self._known.visible_facts[self._scope])

    def _meant_elsewhere(self, name: str) -> str:
        """The fact that is meant but cannot be used here."""
        return fact_here(name, self._known.facts)

    def _of_shipment(self, name: str) -> str:
        """The fact of a shipment that is meant by one of the cart; empty if there is none."""
        if name == "id":
            return ""
        return f"shipment.{name}" if self.has_fact("shipment", name) else self._meant_elsewhere(f"shipment.{name}")

    def _place(self, node: syntax.Node) -> Position:
        return self._text.position(node.offset, node.length)

    def _is_visible(self, name: str) -> bool:
        return self._known.subjects[name][0] in VISIBLE[self._scope]
