"""Which filters read the quantity or the price of a line, and which conditions and numbers read sums of lines or rates.
"""

from libc.stdint cimport int32_t

from engine._native.artifact cimport (
    CART, CART_SHIPPING, ITEM, ITEM_PRICE, ITEM_QUANTITY, SEGMENT, SEGMENTS, Node, NumberKind, Op,
)
from engine._native.index cimport Column, Index, Key
from engine._native.memory cimport Arena
from engine._native.program cimport Rules


cdef int note_amounts(const Rules* rules, Arena memory, Index* index) except -1:
    """Fills in ``on_amounts`` of segments and columns, after segments are filed."""
    cdef const Key* key
    cdef Column* column
    cdef int32_t segment, entry
    index.on_amounts = <unsigned char*>memory.take(rules.counts[<int>SEGMENTS], sizeof(char))
    for segment in range(rules.counts[<int>SEGMENTS]):
        index.on_amounts[segment] = reads(rules, rules.segments[segment].filter, is_of_line)
    for column in index.segments.columns[:index.segments.column_count]:
        column.on_amounts = False
        for key in index.segments.keys[:index.segments.key_count]:
            if key.column == column.number:
                for entry in index.segments.entries[key.first:key.first + key.count]:
                    column.on_amounts |= index.on_amounts[entry >> 1]
    return 0


cdef bint condition_reads_sums(const Rules* rules, int32_t condition) noexcept nogil:
    """Whether a condition reads sums of lines or rates; -1, none at all, does not."""
    return reads(rules, condition, is_of_sum)


cdef bint number_reads_sums(const Rules* rules, int32_t number) noexcept nogil:
    """The same of a number."""
    return (
        number >= 0 and rules.numbers[number].kind != NumberKind.FIXED
        and reads(rules, rules.numbers[number].by, is_of_sum)
    )


cdef bint is_of_line(const Node* fact) noexcept nogil:
    return fact.subject == ITEM and (fact.a == ITEM_QUANTITY or fact.a == ITEM_PRICE)


cdef bint is_of_sum(const Node* fact) noexcept nogil:
    return fact.subject == SEGMENT or fact.subject == CART and fact.a == CART_SHIPPING


cdef bint reads(const Rules* rules, int32_t index, bint (*wanted)(const Node*) noexcept nogil) noexcept nogil:
    """Whether an expression (-1: none) reads a number that is wanted."""
    cdef const Node* node = &rules.nodes[index]
    cdef int op
    cdef int32_t operand
    if index < 0:
        return False
    op = node.op
    if op == Op.FACT or op == Op.HAS_NUMBER:
        return wanted(node)
    if op == Op.AND or op == Op.OR:
        for operand in rules.operands[node.a:node.a + node.b]:
            if reads(rules, operand, wanted):
                return True
        return False
    if op == Op.CHOOSE or op == Op.TEXT_CHOOSE:
        return reads(rules, node.a, wanted) or reads(rules, node.b, wanted) or reads(rules, node.c, wanted)
    if Op.EQUAL <= op <= Op.MULTIPLY or Op.TEXT_EQUAL <= op <= Op.CONTAINS:
        return reads(rules, node.a, wanted) or reads(rules, node.b, wanted)
    return op in (Op.NOT, Op.NEGATE, Op.IN_NUMBERS, Op.IN_TEXTS, Op.IN_LIST, Op.TEXT_SIZE) and (
        reads(rules, node.a, wanted)
    )
