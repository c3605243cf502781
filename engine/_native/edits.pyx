"""What mutations changed of a sent cart: logged as they go, and undone from the last to the first."""

cimport cython
from libc.stdint cimport int32_t, int64_t
from libc.string cimport memcpy, memmove

from engine._native.memory cimport Arena
from engine._native.store cimport Array, Record, SentStore, new_record

cdef enum:
    FIRST_EDITS = 8
    FIRST_SAVED = 1024            # bytes


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

    cdef Edit* new_edit(self, EditKind kind, Record of, int32_t index) except NULL:
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

    cdef bint put(
        self, SentStore store, Record of, int32_t found, int32_t place, int64_t most, const void* record
    ) except -1:
        """Replaces the record found, or adds one at a place when there is none (-1); False: there may be no more."""
        if found >= 0:
            self.replace(store, of, found, record)
        elif store.arrays[<int>of].count[0] == most:
            return False
        else:
            self.add(store, of, place, record)
        return True

    cdef int add(self, SentStore store, Record of, int32_t index, const void* record) except -1:
        cdef Array* records = &store.arrays[<int>of]
        new_record(store, of, records.size)
        self.new_edit(EditKind.ADDED, of, index)
        memcpy(make_gap(records, index), record, records.size)
        return 0

    cdef int replace(self, SentStore store, Record of, int32_t index, const void* record) except -1:
        cdef Array* records = &store.arrays[<int>of]
        self.save(EditKind.REPLACED, of, index, place_of(records, index), records.size)
        memcpy(place_of(records, index), record, records.size)
        return 0

    cdef int remove(self, SentStore store, Record of, int32_t index) except -1:
        cdef Array* records = &store.arrays[<int>of]
        self.save(EditKind.REMOVED, of, index, place_of(records, index), records.size)
        close_gap(records, index)
        return 0

    cdef int save(self, EditKind kind, Record of, int32_t index, const void* record, size_t size) except -1:
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
        cdef Array* records
        cdef const Edit* edit
        while self.count:
            self.count -= 1
            edit = &self.edits[self.count]
            records = &store.arrays[<int>edit.of]
            if edit.kind == EditKind.AMOUNTS_SET:
                store.cart.lines[edit.index].quantity = edit.quantity
                store.cart.lines[edit.index].price = edit.price
            elif edit.kind == EditKind.ADDED:
                close_gap(records, edit.index)
            else:
                if edit.kind == EditKind.REMOVED:
                    # There was room for it before.
                    records.count[0] += 1
                    make_gap(records, edit.index)
                memcpy(place_of(records, edit.index), self.saved + edit.saved, records.size)
        if self.kept:
            store.set_cart(&self.before)
        store.goods = self.goods_before
        self.begin(store)


cdef inline char* place_of(const Array* records, int32_t index) noexcept:
    return <char*>records.start[0] + index * records.size


cdef char* make_gap(const Array* records, int32_t index) noexcept:
    """Moves the records from an index on up by one, except the last, which is overwritten; returns the place there."""
    cdef char* place = place_of(records, index)
    memmove(place + records.size, place, (records.count[0] - index - 1) * records.size)
    return place


cdef void close_gap(const Array* records, int32_t index) noexcept:
    """Moves the records behind an index down by one; there is one fewer then."""
    cdef char* place = place_of(records, index)
    records.count[0] -= 1
    memmove(place, place + records.size, (records.count[0] - index) * records.size)
