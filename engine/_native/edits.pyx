"""What mutations changed of a sent cart, written down as they go, and taken back from the last to the first."""

cimport cython
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memmove

from engine._native.memory cimport Arena
from engine._native.sent cimport SentCart, SentCouponFact, SentLine, SentShipment, SentUsage
from engine._native.store cimport SentStore

cdef enum:
    FIRST_EDITS = 8
    FIRST_SAVED = 1024            # bytes


@cython.final
cdef class Edits:
    """Those of one request; used again for the next one."""

    def __cinit__(self):
        self.memory = Arena()

    cdef void begin(self, SentStore store) noexcept:
        """Nothing is changed."""
        self.count = self.changed = 0
        self.saved_size = 0
        self.refers = self.kept = False
        self.goods_before = store.goods

    cdef void keep(self, SentStore store) noexcept:
        """Before anything but the amounts of a line changes."""
        if not self.kept:
            self.before = store.cart
            self.kept = True

    cdef Edit* new_edit(self, int kind, int32_t index) except NULL:
        cdef Edit* edits = self.edits
        cdef Edit* edit
        if self.count == self.room:
            self.edits = <Edit*>self.memory.take(max(2 * self.room, FIRST_EDITS), sizeof(Edit))
            self.room = max(2 * self.room, FIRST_EDITS)
            if self.count:
                memcpy(self.edits, edits, self.count * sizeof(Edit))
        edit = &self.edits[self.count]
        edit.kind = kind
        edit.index = index
        self.count += 1
        return edit

    cdef int add(self, int kind, void* records, int32_t count, int32_t index, const void* record) except -1:
        """Puts a record among so many, where there is room for one more."""
        cdef size_t size = size_of(kind)
        cdef char* place = <char*>records + index * size
        self.new_edit(kind, index)
        memmove(place + size, place, (count - index) * size)
        memcpy(place, record, size)
        return 0

    cdef int replace(self, int kind, void* records, int32_t index, const void* record) except -1:
        cdef size_t size = size_of(kind)
        cdef char* place = <char*>records + index * size
        self.save(kind, index, place)
        memcpy(place, record, size)
        return 0

    cdef int remove(self, int kind, void* records, int32_t count, int32_t index) except -1:
        cdef size_t size = size_of(kind)
        cdef char* place = <char*>records + index * size
        self.save(kind, index, place)
        memmove(place, place + size, (count - index - 1) * size)
        return 0

    cdef int save(self, int kind, int32_t index, const void* record) except -1:
        cdef size_t size = size_of(kind)
        cdef char* saved = self.saved
        cdef int64_t wider = max(2 * self.saved_room, FIRST_SAVED)
        if self.saved_room - self.saved_size < <int64_t>size:
            self.saved = <char*>self.memory.take(wider, sizeof(char))
            self.saved_room = wider
            if self.saved_size:
                memcpy(self.saved, saved, self.saved_size)
        self.new_edit(kind, index).saved = self.saved_size
        memcpy(self.saved + self.saved_size, record, size)
        self.saved_size += size
        return 0

    cdef void undo(self, SentStore store) noexcept:
        """Makes the cart what it was."""
        cdef SentCart* cart = &store.cart
        cdef Edit* edit
        while self.count:
            self.count -= 1
            edit = &self.edits[self.count]
            if edit.kind == EditKind.AMOUNTS_SET:
                cart.lines[edit.index].quantity = edit.quantity
                cart.lines[edit.index].price = edit.price
            elif edit.kind == EditKind.LINE_ADDED:
                cart.line_count -= 1
                take_out(cart.lines, cart.line_count, edit)
            elif edit.kind == EditKind.LINE_REMOVED:
                put_back(cart.lines, cart.line_count, edit, self.saved)
                cart.line_count += 1
            elif edit.kind == EditKind.SHIPMENT_ADDED:
                cart.shipment_count -= 1
                take_out(cart.shipments, cart.shipment_count, edit)
            elif edit.kind == EditKind.SHIPMENT_REMOVED:
                put_back(cart.shipments, cart.shipment_count, edit, self.saved)
                cart.shipment_count += 1
            elif edit.kind == EditKind.LINE_REPLACED:
                memcpy(&cart.lines[edit.index], self.saved + edit.saved, sizeof(SentLine))
            elif edit.kind == EditKind.SHIPMENT_REPLACED:
                memcpy(&cart.shipments[edit.index], self.saved + edit.saved, sizeof(SentShipment))
            elif edit.kind == EditKind.USAGE_REPLACED:
                memcpy(&cart.usage[edit.index], self.saved + edit.saved, sizeof(SentUsage))
            elif edit.kind == EditKind.COUPON_FACT_REPLACED:
                memcpy(&cart.coupon_facts[edit.index], self.saved + edit.saved, sizeof(SentCouponFact))
        if self.kept:
            store.set_cart(&self.before)
        store.goods = self.goods_before
        self.begin(store)


cdef size_t size_of(int kind) noexcept:
    """Bytes of a record of the kind."""
    if kind <= <int>EditKind.LINE_REMOVED:
        return sizeof(SentLine)
    if kind <= <int>EditKind.SHIPMENT_REMOVED:
        return sizeof(SentShipment)
    if kind <= <int>EditKind.USAGE_REPLACED:
        return sizeof(SentUsage)
    return sizeof(SentCouponFact)


cdef void take_out(void* records, int32_t count, const Edit* edit) noexcept:
    """An added record, beside which there are so many."""
    cdef size_t size = size_of(edit.kind)
    cdef char* place = <char*>records + edit.index * size
    memmove(place, place + size, (count - edit.index) * size)


cdef void put_back(void* records, int32_t count, const Edit* edit, const char* saved) noexcept:
    """A removed record among so many; there was room for it before."""
    cdef size_t size = size_of(edit.kind)
    cdef char* place = <char*>records + edit.index * size
    memmove(place + size, place, (count - edit.index) * size)
    memcpy(place, saved + edit.saved, size)
