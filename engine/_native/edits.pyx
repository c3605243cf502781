"""What mutations changed of a sent cart: logged as they go, and undone from the last to the first."""

cimport cython
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memmove

from engine._native.memory cimport Arena
from engine._native.sent cimport SentCart, SentCouponFact, SentLine, SentShipment, SentUsage
from engine._native.store cimport SentStore

cdef enum:
    FIRST_EDITS = 8
    FIRST_SAVED = 1024            # bytes

cdef struct Records:
    # The records of one kind in a cart.
    char* start
    int32_t* count
    size_t size                   # bytes of a record


@cython.final
cdef class Edits:
    """The edits of one request; reused for the next one."""

    def __cinit__(self):
        self.memory = Arena()

    cdef void begin(self, SentStore store) noexcept:
        """Nothing is changed."""
        self.count = self.changed = 0
        self.saved_size = 0
        self.refers = self.kept = False
        self.goods_before = store.goods

    cdef void keep(self, SentStore store) noexcept:
        """To be called before anything but the amounts of a line changes."""
        if not self.kept:
            self.before = store.cart
            self.kept = True

    cdef Edit* new_edit(self, EditKind kind, EditOf of, int32_t index) except NULL:
        cdef Edit* edits = self.edits
        cdef Edit* edit
        if self.count == self.room:
            self.edits = <Edit*>self.memory.take(max(2 * self.room, FIRST_EDITS), sizeof(Edit))
            self.room = max(2 * self.room, FIRST_EDITS)
            if self.count:
                memcpy(self.edits, edits, self.count * sizeof(Edit))
        edit = &self.edits[self.count]
        edit.kind = kind
        edit.of = of
        edit.index = index
        self.count += 1
        return edit

    cdef int add(self, SentCart* cart, EditOf of, int32_t index, const void* record) except -1:
        """Moves a record to its index; the last record is new and uninitialised."""
        cdef Records records = records_of(cart, of)
        self.new_edit(EditKind.ADDED, of, index)
        make_gap(&records, index)
        memcpy(records.start + index * records.size, record, records.size)
        return 0

    cdef int replace(self, SentCart* cart, EditOf of, int32_t index, const void* record) except -1:
        cdef Records records = records_of(cart, of)
        cdef char* place = records.start + index * records.size
        self.save(EditKind.REPLACED, of, index, place, records.size)
        memcpy(place, record, records.size)
        return 0

    cdef int remove(self, SentCart* cart, EditOf of, int32_t index) except -1:
        cdef Records records = records_of(cart, of)
        self.save(EditKind.REMOVED, of, index, records.start + index * records.size, records.size)
        close_gap(&records, index)
        return 0

    cdef int save(self, EditKind kind, EditOf of, int32_t index, const void* record, size_t size) except -1:
        cdef char* saved = self.saved
        cdef int64_t wider = max(2 * self.saved_room, FIRST_SAVED)
        if self.saved_room - self.saved_size < <int64_t>size:
            self.saved = <char*>self.memory.take(wider, sizeof(char))
            self.saved_room = wider
            if self.saved_size:
                memcpy(self.saved, saved, self.saved_size)
        self.new_edit(kind, of, index).saved = self.saved_size
        memcpy(self.saved + self.saved_size, record, size)
        self.saved_size += size
        return 0

    cdef void undo(self, SentStore store) noexcept:
        """Restores the cart as it was."""
        cdef SentCart* cart = &store.cart
        cdef Records records
        cdef const Edit* edit
        while self.count:
            self.count -= 1
            edit = &self.edits[self.count]
            records = records_of(cart, edit.of)
            if edit.kind == EditKind.AMOUNTS_SET:
                cart.lines[edit.index].quantity = edit.quantity
                cart.lines[edit.index].price = edit.price
            elif edit.kind == EditKind.ADDED:
                close_gap(&records, edit.index)
            else:
                if edit.kind == EditKind.REMOVED:
                    # There was room for it before.
                    records.count[0] += 1
                    make_gap(&records, edit.index)
                memcpy(records.start + edit.index * records.size, self.saved + edit.saved, records.size)
        if self.kept:
            store.set_cart(&self.before)
        store.goods = self.goods_before
        self.begin(store)


cdef Records records_of(SentCart* cart, EditOf of) noexcept:
    if of == EditOf.LINE:
        return Records(<char*>cart.lines, &cart.line_count, sizeof(SentLine))
    if of == EditOf.SHIPMENT:
        return Records(<char*>cart.shipments, &cart.shipment_count, sizeof(SentShipment))
    if of == EditOf.USAGE:
        return Records(<char*>cart.usage, &cart.usage_count, sizeof(SentUsage))
    return Records(<char*>cart.coupon_facts, &cart.coupon_fact_count, sizeof(SentCouponFact))


cdef void make_gap(const Records* records, int32_t index) noexcept:
    """Moves the records from an index on up by one, except the last, which is overwritten."""
    cdef char* place = records.start + index * records.size
    memmove(place + records.size, place, (records.count[0] - index - 1) * records.size)


cdef void close_gap(const Records* records, int32_t index) noexcept:
    """Moves the records behind an index down by one; there is one fewer then."""
    cdef char* place = records.start + index * records.size
    records.count[0] -= 1
    memmove(place, place + records.size, (records.count[0] - index) * records.size)
