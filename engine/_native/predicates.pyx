"""The predicates in a condition under which a segment or promotion can be filed, read from single nodes."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport CUSTOMER, GROUP_SLOTS, ITEM, MERCHANDISE, SEGMENT, SKUS, SUBTOTAL, Figure, Node, Op
from engine._native.index cimport Match
from engine._native.program cimport Rules


cdef struct Comparison:
    int op                        # as if the fact were the left one
    const Node* fact
    const Figure* figures         # of the constant, by currency


cdef int32_t text_at(const Rules* rules, const Predicate* predicate, int32_t place) noexcept:
    return predicate.text if predicate.first < 0 else rules.operands[predicate.first + place]


cdef bint predicate_of(const Rules* rules, int32_t index, Predicate* predicate) noexcept:
    """Whether a node compares a text or a list with constant texts."""
    cdef const Node* node = &rules.nodes[index]
    cdef const Node* left
    cdef const Node* right
    predicate.first = -1
    predicate.count = 1
    if node.op == Op.IN_TEXTS:
        predicate.match = Match.EQUALS
        predicate.first = node.b
        predicate.count = node.c
        return is_text_fact(rules, node.a, predicate)
    if node.op == Op.IN_LIST:
        predicate.match = Match.CONTAINS
        predicate.subject = node.subject
        predicate.slot = node.b
        predicate.text = rules.nodes[node.a].a
        return rules.nodes[node.a].op == Op.TEXT_CONSTANT
    if node.op == Op.TEXT_EQUAL or node.op == Op.STARTS_WITH:
        left = &rules.nodes[node.a]
        right = &rules.nodes[node.b]
        predicate.match = Match.EQUALS if node.op == Op.TEXT_EQUAL else Match.STARTS
        if right.op == Op.TEXT_CONSTANT:
            predicate.text = right.a
            # Everything starts with the empty text.
            return is_text_fact(rules, node.a, predicate) and (node.op == Op.TEXT_EQUAL or rules.texts[right.a].length)
        if left.op == Op.TEXT_CONSTANT and node.op == Op.TEXT_EQUAL:
            predicate.text = left.a
            return is_text_fact(rules, node.b, predicate)
    return False


cdef bint is_text_fact(const Rules* rules, int32_t index, Predicate* predicate) noexcept:
    """Whether it is a fact."""
    cdef const Node* node = &rules.nodes[index]
    predicate.subject = node.subject
    predicate.slot = node.a
    return node.op == Op.TEXT_FACT


cdef bint comparison_of(const Rules* rules, int32_t index, Comparison* comparison) noexcept:
    """Whether a node compares a number, on either side, with a constant."""
    cdef const Node* node = &rules.nodes[index]
    cdef const Node* fact = &rules.nodes[node.a]
    cdef const Node* constant = &rules.nodes[node.b]
    comparison.op = node.op
    if not Op.EQUAL <= node.op <= Op.GREATER_OR_EQUAL:
        return False
    if constant.op == Op.FACT:
        fact, constant = constant, fact
        comparison.op = turned(node.op)
    comparison.fact = fact
    comparison.figures = &rules.figures[<int64_t>constant.a * rules.currency_count]
    return fact.op == Op.FACT and constant.op == Op.CONSTANT


cdef int32_t needed_segment(const Rules* rules, int32_t index) noexcept:
    """The segment that a comparison needs a line of, because it is false without one; -1: none."""
    cdef Comparison comparison
    cdef Figure figure
    if not comparison_of(rules, index, &comparison) or comparison.fact.subject != SEGMENT:
        return -1
    for figure in comparison.figures[:rules.currency_count]:
        if figure.present and compares(comparison.op, 0, figure.amount):
            return -1
    return comparison.fact.a // GROUP_SLOTS


cdef int turned(int op) noexcept:
    """``a op b`` as ``b turned a``."""
    if op == Op.LESS:
        return Op.GREATER
    if op == Op.LESS_OR_EQUAL:
        return Op.GREATER_OR_EQUAL
    if op == Op.GREATER:
        return Op.LESS
    if op == Op.GREATER_OR_EQUAL:
        return Op.LESS_OR_EQUAL
    return op


cdef bint compares(int op, int64_t left, int64_t right) noexcept:
    if op == Op.EQUAL:
        return left == right
    if op == Op.NOT_EQUAL:
        return left != right
    if op == Op.LESS:
        return left < right
    if op == Op.LESS_OR_EQUAL:
        return left <= right
    if op == Op.GREATER:
        return left > right
    return left >= right


cdef bint is_threshold(const Rules* rules, int32_t index) noexcept:
    cdef Least least
    return read_threshold(rules, index, 0, &least) >= 0


cdef int read_threshold(const Rules* rules, int32_t index, int32_t currency, Least* least) noexcept:
    """Reads what a comparison needs a number of an item, the customer or the cart to be at least; -1 when it
    needs no such thing, 0 when it has no figure in the currency.

    Of the cart's subtotal, which falls from layer to layer, its merchandise is asked.
    """
    cdef Comparison comparison
    cdef const Node* fact
    cdef const Figure* figure
    if not comparison_of(rules, index, &comparison):
        return -1
    if comparison.op not in (Op.GREATER, Op.GREATER_OR_EQUAL, Op.EQUAL):
        return -1
    fact = comparison.fact
    # The weight of a cart grows with gifts.
    if fact.subject not in (ITEM, CUSTOMER) and not (fact.subject == SEGMENT and fact.a <= SKUS):
        return -1
    least.subject = fact.subject
    least.slot = MERCHANDISE if fact.subject == SEGMENT and fact.a == SUBTOTAL else fact.a
    figure = &comparison.figures[currency]
    if not figure.present or (comparison.op == Op.GREATER and figure.amount == INT64_MAX):
        return 0
    least.least = figure.amount + (comparison.op == Op.GREATER)
    return 1


cdef int32_t threshold_in(const Rules* rules, int32_t index) noexcept:
    """The comparison with a threshold that a condition requires."""
    cdef const Node* node = &rules.nodes[index]
    cdef int32_t operand, found
    if node.op != Op.AND:
        return index if is_threshold(rules, index) else -1
    for operand in rules.operands[node.a:node.a + node.b]:
        found = threshold_in(rules, operand)
        if found >= 0:
            return found
    return -1


cdef bint is_whole(const Rules* rules, int32_t index) noexcept:
    """Whether a filter is met as soon as one of its predicates is, or the threshold that it is."""
    cdef const Node* node = &rules.nodes[index]
    cdef Predicate predicate
    cdef int32_t operand
    if node.op == Op.OR:
        for operand in rules.operands[node.a:node.a + node.b]:
            if not is_whole(rules, operand):
                return False
        return True
    return predicate_of(rules, index, &predicate) or node.op != Op.EQUAL and is_threshold(rules, index)
