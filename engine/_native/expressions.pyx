"""Checking the nodes of expressions: operands come first and are of the type taken, and no evaluation runs long."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport FIGURES, GROUP_SLOTS, NODES, OPERANDS, SEGMENT, SUBJECT_COUNT, TEXTS, Node, Op
from engine._native.money cimport maximum
from engine._native.program cimport Rules
from engine._native.sections cimport is_row, slice_within, within

cdef enum:
    MAX_DEPTH = 200               # of an expression: it is evaluated by recursion
    MAX_WORK = 1_000_000          # nodes and literals that one evaluation visits; shared ones count each time


cdef int32_t unsound_node(const Rules* rules, Inspected* nodes) noexcept:
    """Inspects all nodes, in order; returns the first invalid one, -1 when there is none."""
    cdef const Node* node
    cdef Inspected* inspected
    cdef int32_t index
    for index in range(rules.counts[<int>NODES]):
        node = &rules.nodes[index]
        inspected = &nodes[index]
        inspected.is_text = node.op >= Op.TEXT_CONSTANT
        inspected.subjects = 0
        inspected.depth = 1
        inspected.work = 1
        if not is_sound(rules, nodes, index, node):
            return index
        if inspected.depth > MAX_DEPTH or inspected.work > MAX_WORK:
            return index
    return -1


cdef bint is_sound(const Rules* rules, Inspected* nodes, int32_t index, const Node* node) noexcept:
    """Whether the operands exist and have the types that the op takes."""
    cdef int op = node.op
    if op == Op.CONSTANT:
        return is_row(rules, node.a, FIGURES)
    if op == Op.TEXT_CONSTANT:
        return within(rules, node.a, TEXTS)
    if op == Op.FACT or op == Op.HAS_NUMBER:
        return reads(rules, nodes, index, node.subject, node.a, rules.number_slots)
    if op == Op.TEXT_FACT or op == Op.HAS_TEXT:
        return reads(rules, nodes, index, node.subject, node.a, rules.text_slots)
    if op == Op.LIST_SIZE:
        return reads(rules, nodes, index, node.subject, node.a, rules.list_slots)
    if op == Op.AND or op == Op.OR:
        return takes_all(rules, nodes, index, node.a, node.b)
    if op == Op.NOT or op == Op.NEGATE:
        return takes(nodes, index, node.a, False)
    if op == Op.TEXT_SIZE:
        return takes(nodes, index, node.a, True)
    if op == Op.CHOOSE or op == Op.TEXT_CHOOSE:
        return (
            takes(nodes, index, node.a, False)
            and takes(nodes, index, node.b, op == Op.TEXT_CHOOSE)
            and takes(nodes, index, node.c, op == Op.TEXT_CHOOSE)
        )
    if op == Op.IN_NUMBERS or op == Op.IN_TEXTS:
        return takes(nodes, index, node.a, op == Op.IN_TEXTS) and lists(rules, nodes, index, node)
    if op == Op.IN_LIST:
        return (
            takes(nodes, index, node.a, True)
            and reads(rules, nodes, index, node.subject, node.b, rules.list_slots)
        )
    if Op.EQUAL <= op <= Op.MULTIPLY:
        return takes(nodes, index, node.a, False) and takes(nodes, index, node.b, False)
    if Op.TEXT_EQUAL <= op <= Op.CONTAINS:
        return takes(nodes, index, node.a, True) and takes(nodes, index, node.b, True)
    return False


cdef bint reads(
    const Rules* rules, Inspected* nodes, int32_t index, int subject, int64_t slot, const int32_t* slots
) noexcept:
    if subject >= SUBJECT_COUNT:
        return False
    nodes[index].subjects |= 1 << subject
    if not 0 <= slot < slots[subject]:
        return False
    return subject != SEGMENT or rules.segments[slot // GROUP_SLOTS].read != 0


cdef bint takes(Inspected* nodes, int32_t index, int64_t operand, bint is_text) noexcept:
    """Whether an operand comes before its node and has that type; adds up its work."""
    cdef Inspected* inspected = &nodes[index]
    if not 0 <= operand < index or nodes[operand].is_text != is_text:
        return False
    inspected.subjects |= nodes[operand].subjects
    inspected.depth = <int32_t>maximum(inspected.depth, nodes[operand].depth + 1)
    inspected.work += nodes[operand].work
    return True


cdef bint takes_all(const Rules* rules, Inspected* nodes, int32_t index, int64_t first, int64_t count) noexcept:
    cdef int64_t place
    if not slice_within(rules, first, count, OPERANDS):
        return False
    for place in range(first, first + count):
        if not takes(nodes, index, rules.operands[place], False) or nodes[index].work > MAX_WORK:
            return False
    return True


cdef bint lists(const Rules* rules, Inspected* nodes, int32_t index, const Node* node) noexcept:
    """Whether the literals behind ``in`` exist."""
    cdef int64_t place
    if not slice_within(rules, node.b, node.c, OPERANDS):
        return False
    for place in range(node.b, <int64_t>node.b + node.c):
        if node.op == Op.IN_TEXTS and not within(rules, rules.operands[place], TEXTS):
            return False
        if node.op == Op.IN_NUMBERS and not is_row(rules, rules.operands[place], FIGURES):
            return False
    nodes[index].work += node.c
    return True
