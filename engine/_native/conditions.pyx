"""Evaluating expressions, and the numbers of rewards that depend on them (docs/pricing.md §4, §5).

``Program.load`` has checked the type of every operand, so an op only decides what to compute. CEL's error value is a
number that is not present, or a text with a NULL start.
"""

from libc.stdint cimport INT64_MIN, int32_t, int64_t
from libc.string cimport memcmp

from engine._native.artifact cimport GROUP_SLOTS, SEGMENT, Entry, Node, NumberKind, NumberTable, Op
from engine._native.basket cimport Facts, Number, Text, TextList, compared, facts_of_segment, includes, same
from engine._native.money cimport add_overflows, capped, int128, multiply_overflows, subtract_overflows
from engine._native.program cimport Rules, constant_text


cdef bint holds(const Rules* rules, const Facts* facts, int32_t condition) noexcept nogil:
    """Whether a condition is met: it is not when it ends in an error value, and -1, none at all, always is."""
    return condition < 0 or evaluate(rules, facts, condition).value != 0


cdef bint read_table(
    const Rules* rules, const Facts* facts, const NumberTable* table, int64_t* value
) noexcept nogil:
    """Reads a number that depends on a fact; False as for ``read_number``."""
    cdef Number fact
    cdef int32_t row
    if table.kind == NumberKind.CASES_BY_TEXT:
        row = named_value(rules, table, text_of(rules, facts, table.by))
    else:
        fact = number_of(rules, facts, table.by)
        if not fact.present:
            return False
        if table.kind == NumberKind.FOR_EVERY:
            return for_every(rules, facts, &rules.entries[table.first], fact.value, value)
        if table.kind == NumberKind.STEPS:
            row = highest_step(rules, facts, table, fact.value)
        else:
            row = numbered_value(rules, facts, table, fact.value)
    if row < 0:
        return False
    fact = figure(rules, facts, row)
    value[0] = fact.value
    return fact.present != 0


cdef bint for_every(
    const Rules* rules, const Facts* facts, const Entry* entries, int64_t fact, int64_t* value
) noexcept nogil:
    """The value, as many times as the key fits into the fact, up to the limit; False when it does not fit once."""
    cdef Number every = figure(rules, facts, entries[0].key)
    cdef Number once = figure(rules, facts, entries[0].value)
    cdef Number most = figure(rules, facts, entries[1].value)
    if not (every.present and once.present and most.present) or fact < every.value:
        return False
    value[0] = capped(<int128>(fact // every.value) * <int128>once.value, most.value)
    return True


cdef int32_t highest_step(
    const Rules* rules, const Facts* facts, const NumberTable* table, int64_t value
) noexcept nogil:
    """Row of the value of the highest step reached, -1 when none is; steps rise."""
    cdef const Entry* entries = &rules.entries[table.first]
    cdef int32_t reached = 0
    while reached < table.length and value >= figure(rules, facts, entries[reached].key).value:
        reached += 1
    return entries[reached - 1].value if reached else -1


cdef int32_t numbered_value(
    const Rules* rules, const Facts* facts, const NumberTable* table, int64_t value
) noexcept nogil:
    """Row of the value whose key is this number; -1: there is none."""
    cdef const Entry* entry
    for entry in rules.entries[table.first:table.first + table.length]:
        if value == figure(rules, facts, entry.key).value:
            return entry.value
    return -1


cdef int32_t named_value(const Rules* rules, const NumberTable* table, Text text) noexcept nogil:
    """Row of the value whose key is this text; -1: there is none."""
    cdef const Entry* entry
    if text.start:
        for entry in rules.entries[table.first:table.first + table.length]:
            if same(text, constant_text(rules, entry.key)):
                return entry.value
    return -1


cdef Number evaluate(const Rules* rules, const Facts* facts, int32_t index) noexcept nogil:
    """The value of a node that computes a number or a truth value."""
    cdef const Node* node = &rules.nodes[index]
    cdef int op = node.op
    cdef Number left
    if Op.EQUAL <= op <= Op.MULTIPLY:
        return combine_numbers(op, number_of(rules, facts, node.a), number_of(rules, facts, node.b))
    elif op == Op.CONSTANT:
        return figure(rules, facts, node.a)
    elif op == Op.FACT:
        return number_fact(facts, node)
    elif op == Op.HAS_NUMBER:
        return present(number_fact(facts, node).present)
    elif op == Op.HAS_TEXT:
        return present(facts.texts[node.subject][node.a].start != NULL)
    elif op == Op.NOT:
        left = evaluate(rules, facts, node.a)
        return present(not left.value) if left.present else left
    elif op == Op.AND:
        return decide(rules, facts, node, 0)
    elif op == Op.OR:
        return decide(rules, facts, node, 1)
    elif op == Op.CHOOSE:
        left = evaluate(rules, facts, node.a)
        return evaluate(rules, facts, node.b if left.value else node.c) if left.present else left
    elif op == Op.NEGATE:
        left = evaluate(rules, facts, node.a)
        return present(-left.value) if left.present and left.value != INT64_MIN else absent()
    elif op == Op.IN_NUMBERS:
        return in_numbers(rules, facts, node)
    elif op == Op.IN_TEXTS:
        return in_texts(rules, node, text_of(rules, facts, node.a))
    elif op == Op.IN_LIST:
        return in_list(&facts.lists[node.subject][node.b], text_of(rules, facts, node.a))
    elif op == Op.TEXT_SIZE:
        return code_points(text_of(rules, facts, node.a))
    elif op == Op.LIST_SIZE:
        return present(facts.lists[node.subject][node.a].count)
    return compare_texts(op, text_of(rules, facts, node.a), text_of(rules, facts, node.b))


cdef inline Number number_fact(const Facts* facts, const Node* node) noexcept nogil:
    if node.subject == SEGMENT:
        return facts_of_segment(facts, node.a // GROUP_SLOTS)[node.a % GROUP_SLOTS]
    return facts.numbers[node.subject][node.a]


cdef inline Number number_of(const Rules* rules, const Facts* facts, int32_t index) noexcept nogil:
    """As ``evaluate``, for nodes that are mostly facts or constants."""
    cdef const Node* node = &rules.nodes[index]
    if node.op == Op.FACT:
        return number_fact(facts, node)
    if node.op == Op.CONSTANT:
        return figure(rules, facts, node.a)
    return evaluate(rules, facts, index)


cdef Number decide(const Rules* rules, const Facts* facts, const Node* node, int64_t deciding) noexcept nogil:
    """``&&`` is decided by a false operand, ``||`` by a true one, whatever the others are; otherwise an error is the
    result.
    """
    cdef int32_t operand
    cdef Number value
    cdef bint error = False
    for operand in rules.operands[node.a:node.a + node.b]:
        value = evaluate(rules, facts, operand)
        if not value.present:
            error = True
        elif value.value == deciding:
            return value
    return absent() if error else present(not deciding)


cdef Number combine_numbers(int op, Number left, Number right) noexcept nogil:
    """Compares or computes; a result outside int64 is an error value."""
    cdef Number result = present(0)
    if not (left.present and right.present):
        return absent()
    if op == Op.EQUAL:
        result.value = left.value == right.value
    elif op == Op.NOT_EQUAL:
        result.value = left.value != right.value
    elif op == Op.LESS:
        result.value = left.value < right.value
    elif op == Op.LESS_OR_EQUAL:
        result.value = left.value <= right.value
    elif op == Op.GREATER:
        result.value = left.value > right.value
    elif op == Op.GREATER_OR_EQUAL:
        result.value = left.value >= right.value
    elif op == Op.ADD:
        result.present = not add_overflows(left.value, right.value, &result.value)
    elif op == Op.SUBTRACT:
        result.present = not subtract_overflows(left.value, right.value, &result.value)
    else:
        result.present = not multiply_overflows(left.value, right.value, &result.value)
    return result if result.present else absent()


cdef Number in_numbers(const Rules* rules, const Facts* facts, const Node* node) noexcept nogil:
    """An error value when the needle or any choice is one."""
    cdef Number needle = evaluate(rules, facts, node.a), choice
    cdef int32_t row
    cdef bint found = False
    if not needle.present:
        return needle
    for row in rules.operands[node.b:node.b + node.c]:
        choice = figure(rules, facts, row)
        if not choice.present:
            return choice
        found = found or choice.value == needle.value
    return present(found)


cdef Text text_of(const Rules* rules, const Facts* facts, int32_t index) noexcept nogil:
    """The value of a node that computes a text."""
    cdef const Node* node = &rules.nodes[index]
    cdef Number condition
    if node.op == Op.TEXT_CONSTANT:
        return constant_text(rules, node.a)
    if node.op == Op.TEXT_FACT:
        return facts.texts[node.subject][node.a]
    condition = evaluate(rules, facts, node.a)
    if condition.present:
        return text_of(rules, facts, node.b if condition.value else node.c)
    return Text(NULL, 0)


cdef inline Number in_texts(const Rules* rules, const Node* node, Text needle) noexcept nogil:
    cdef int32_t choice
    if not needle.start:
        return absent()
    for choice in rules.operands[node.b:node.b + node.c]:
        if same(needle, constant_text(rules, choice)):
            return present(1)
    return present(0)


cdef inline Number in_list(const TextList* choices, Text needle) noexcept nogil:
    return present(includes(choices, needle)) if needle.start else absent()


cdef Number compare_texts(int op, Text left, Text right) noexcept nogil:
    """Compares by bytes, which for UTF-8 is by code points, or looks for the right text in the left one."""
    cdef int order
    if not (left.start and right.start):
        return absent()
    if op == Op.TEXT_EQUAL:
        return present(same(left, right))
    if op == Op.TEXT_NOT_EQUAL:
        return present(not same(left, right))
    if op >= Op.STARTS_WITH:
        return present(has_part(op, left, right))
    order = compared(left, right)
    if op == Op.TEXT_LESS:
        return present(order < 0)
    if op == Op.TEXT_LESS_OR_EQUAL:
        return present(order <= 0)
    if op == Op.TEXT_GREATER:
        return present(order > 0)
    return present(order >= 0)


cdef bint has_part(int op, Text text, Text part) noexcept nogil:
    cdef int64_t place, last = text.length - part.length
    if last < 0:
        return False
    if op == Op.STARTS_WITH:
        return memcmp(text.start, part.start, part.length) == 0
    if op == Op.ENDS_WITH:
        return memcmp(text.start + last, part.start, part.length) == 0
    for place in range(last + 1):
        if memcmp(text.start + place, part.start, part.length) == 0:
            return True
    return False


cdef Number code_points(Text text) noexcept nogil:
    """Counts the bytes that are not of the form 10xxxxxx."""
    cdef int64_t count = 0, place
    if not text.start:
        return absent()
    for place in range(text.length):
        count += (text.start[place] & 0xC0) != 0x80
    return present(count)
