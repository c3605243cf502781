# Everything here is C: see amounts.pxd.
"""Which filters hang on the quantity or the price of a line, and under which texts such are filed."""

from libc.stdint cimport int32_t

from engine._native.artifact cimport ITEM, ITEM_PRICE, ITEM_QUANTITY, SEGMENTS, Node, Op
from engine._native.index cimport Column, Index, Key
from engine._native.memory cimport Arena
from engine._native.program cimport Rules


cdef int note_amounts(const Rules* rules, Arena memory, Index* index) except -1:
    """Once segments are filed."""
    cdef const Key* key
    cdef Column* column
    cdef int32_t segment, entry
    index.on_amounts = <unsigned char*>memory.take(rules.counts[<int>SEGMENTS], sizeof(char))
    for segment in range(rules.counts[<int>SEGMENTS]):
        index.on_amounts[segment] = rules.segments[segment].filter >= 0 and reads_amounts(
            rules, rules.segments[segment].filter
        )
    for column in index.segments.columns[:index.segments.column_count]:
        column.on_amounts = False
        for key in index.segments.keys[:index.segments.key_count]:
            if key.column == column.number:
                for entry in index.segments.entries[key.first:key.first + key.count]:
                    column.on_amounts |= index.on_amounts[entry >> 1]
    return 0


cdef bint reads_amounts(const Rules* rules, int32_t index) noexcept:
    cdef const Node* node = &rules.nodes[index]
    cdef int op = node.op
    cdef int32_t operand
    if op == Op.FACT or op == Op.HAS_NUMBER:
        return node.subject == ITEM and (node.a == ITEM_QUANTITY or node.a == ITEM_PRICE)
    if op == Op.AND or op == Op.OR:
        for operand in rules.operands[node.a:node.a + node.b]:
            if reads_amounts(rules, operand):
                return True
        return False
    if op == Op.CHOOSE or op == Op.TEXT_CHOOSE:
        return reads_amounts(rules, node.a) or reads_amounts(rules, node.b) or reads_amounts(rules, node.c)
    if Op.EQUAL <= op <= Op.MULTIPLY or Op.TEXT_EQUAL <= op <= Op.CONTAINS:
        return reads_amounts(rules, node.a) or reads_amounts(rules, node.b)
    if op in (Op.NOT, Op.NEGATE, Op.IN_NUMBERS, Op.IN_TEXTS, Op.IN_LIST, Op.TEXT_SIZE):
        return reads_amounts(rules, node.a)
    return False
