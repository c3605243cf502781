"""Loading an artifact: its frame is checked here, its records in verify.pyx; pricing then trusts every index."""

from hashlib import sha256
from zlib import crc32

from cpython.bytes cimport PyBytes_AS_STRING
from libc.stdint cimport int32_t, uint64_t
from libc.string cimport memcmp, memcpy

from engine._native.artifact cimport (
    ATTRIBUTES, CART, CURRENCIES, CUSTOMER, GOODS_REWARDS, ITEM, PROMOTIONS, SECTION_COUNT, TEXTS, Attribute,
    GoodsReward, Header, Promotion, Same, SectionEntry, TextEntry, Type, record_size,
)
from engine._native.indexing cimport build
from engine._native.memory cimport Arena
from engine._native.redemption cimport redeemables_of
from engine._native.schedules cimport lay_out_calendar, offset_at
from engine._native.sent cimport SECOND
from engine._native.verify cimport verify

from engine.errors import InvalidArtifact
from engine.pricing.redemption import Returns, period_label
from engine.pricing.validation import Declaration

cdef enum:
    FORMAT = 10

cdef const char* MAGIC = b"CARTWRT\n"

RETURNS = tuple(Returns)
SUBJECTS = {ITEM: "item", CUSTOMER: "customer", CART: "cart"}

ATTRIBUTE_TYPES = {<int>Type.STRING: str, <int>Type.INT: int, <int>Type.BOOL: bool}


cdef class Program:
    """A compiled rule set, immutable; any number of sessions may share it."""

    def __init__(self):
        raise TypeError("a program comes from Program.load")

    @classmethod
    def load(cls, bytes artifact not None):
        """The program of an artifact; raises InvalidArtifact when the bytes are not an artifact, or damaged."""
        cdef Program program = cls.__new__(cls)
        program.artifact = artifact
        program.open()
        verify(&program.rules)
        program.index_memory = Arena()
        find_alike(&program.rules, program.index_memory)
        build(&program.rules, program.index_memory, &program.index)
        lay_out_calendar(&program.rules, program.index_memory, &program.calendar)
        program.describe()
        return program

    @property
    def promotion_count(self):
        return self.rules.counts[<int>PROMOTIONS]

    @property
    def redeemables(self):
        """Every promotion that has limits, a budget or a coupon, in the order of granting."""
        if self.found_redeemables is None:
            self.found_redeemables = redeemables_of(&self.rules, self.texts)
        return self.found_redeemables

    @property
    def pools(self):
        """Names of the pools of unique codes that promotions have, in order."""
        return tuple(sorted({each.pool for each in self.redeemables if each.pool}))

    @property
    def folds_codes(self):
        """Whether codes are the same in upper and lower case; the codes of the redeemables are folded then."""
        return not self.rules.rule_set.case_sensitive

    @property
    def returns(self):
        """What happens to promotions when goods are returned."""
        return RETURNS[self.rules.rule_set.returns]

    def period(self, period, moment):
        """The label of the calendar period, by the wall clock of the rule set's zone, in which a moment (nanoseconds
        since 1970 UTC) lies: ``2026-06-05``, ``2026-W23``, ``2026-06``, ``2026``.
        """
        second = moment // SECOND
        return period_label(period, second + offset_at(&self.rules, second))

    cdef int open(self) except -1:
        """Checks the frame and sets the pointers to the sections."""
        cdef const char* start = PyBytes_AS_STRING(self.artifact)
        cdef const Header* header = <const Header*>start
        cdef const SectionEntry* table = <const SectionEntry*>(start + sizeof(Header))
        cdef const char* records
        cdef uint64_t length = len(self.artifact), size
        cdef int section
        # The pointers to the sections are set in a loop.
        assert <const char*>&self.rules.currency_count == <const char*>&self.rules + SECTION_COUNT * sizeof(records)
        if length < sizeof(Header) or memcmp(start, MAGIC, 8) != 0:
            raise InvalidArtifact("this is not a compiled rule set")
        if header.format != FORMAT:
            raise InvalidArtifact(f"its format is {header.format}, this version reads {FORMAT}: compile it again")
        if header.length != length:
            raise InvalidArtifact(f"it has {length:,} bytes, its header says {header.length:,}")
        if header.checksum != crc32(memoryview(self.artifact)[sizeof(Header):]):
            raise InvalidArtifact("the checksum does not match: the bytes are damaged")
        if length < sizeof(Header) + SECTION_COUNT * sizeof(SectionEntry):
            raise InvalidArtifact("the section table is cut off")
        for section in range(SECTION_COUNT):
            size = record_size(section)
            if table[section].offset % 8 or table[section].offset > length:
                raise InvalidArtifact(f"section {section} starts outside the file")
            if table[section].count > min((length - table[section].offset) // size, <uint64_t>0x7FFFFFFF):
                raise InvalidArtifact(f"section {section} is cut off")
            self.rules.counts[section] = <int32_t>table[section].count
            records = start + table[section].offset
            memcpy(<char*>&self.rules + section * sizeof(records), &records, sizeof(records))
        self.rules.currency_count = self.rules.counts[<int>CURRENCIES]
        return 0

    cdef int describe(self) except -1:
        """What Python reads of a program."""
        cdef Rules* rules = &self.rules
        cdef Attribute attribute
        cdef int32_t index
        self.texts = tuple(self.text(index) for index in range(rules.counts[<int>TEXTS]))
        self.name = self.texts[rules.rule_set.name]
        self.version = sha256(self.artifact).hexdigest()
        self.currencies = tuple(self.texts[rules.currencies[index].code] for index in range(rules.currency_count))
        self.promotion_indices = {
            self.texts[rules.promotions[index].id]: index for index in range(rules.counts[<int>PROMOTIONS])
        }
        declared = {}
        for index in range(rules.counts[<int>ATTRIBUTES]):
            attribute = rules.attributes[index]
            key = SUBJECTS[attribute.subject], self.texts[attribute.name]
            if key in declared:
                raise InvalidArtifact(f"attribute {index} is declared twice")
            declared[key] = ATTRIBUTE_TYPES[attribute.type]
        self.declaration = Declaration(self.currencies, declared)
        return 0

    cdef str text(self, int32_t index):
        cdef const TextEntry* entry = &self.rules.texts[index]
        try:
            return self.rules.text_bytes[entry.offset:entry.offset + entry.length].decode()
        except UnicodeDecodeError:
            raise InvalidArtifact(f"text {index} is not UTF-8") from None


cdef int find_alike(Rules* rules, Arena memory) except -1:
    """Numbers the properties by which some promotion groups lines or tells them apart, SKU and line aside.

    Only rewards that a promotion has are verified, so only these are read.
    """
    cdef int32_t count = Same.SAME_ATTRIBUTE + rules.counts[<int>ATTRIBUTES]
    cdef Promotion promotion
    cdef const GoodsReward* reward
    cdef int32_t of
    rules.alike = <int32_t*>memory.filled(count, sizeof(int32_t), 0xFF)
    for promotion in rules.promotions[:rules.counts[<int>PROMOTIONS]]:
        if promotion.family != GOODS_REWARDS:
            continue
        reward = &rules.goods_rewards[promotion.reward]
        for of in (reward.same, reward.different):
            if of >= Same.SAME_BRAND and rules.alike[of] < 0:
                rules.alike[of] = rules.alike_count
                rules.alike_count += 1
    return 0
