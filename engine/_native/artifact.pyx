"""The size of the records of an artifact."""

from libc.stdint cimport int32_t

# Bytes of one record; all others are of 32 bits.
cdef dict SIZES = {
    <int>RULE_SETS: sizeof(RuleSet),
    <int>TEXTS: sizeof(TextEntry),
    <int>FIGURES: sizeof(Figure),
    <int>ATTRIBUTES: sizeof(Attribute),
    <int>NODES: sizeof(Node),
    <int>SEGMENTS: sizeof(Segment),
    <int>LAYERS: sizeof(Layer),
    <int>PROMOTIONS: sizeof(Promotion),
    <int>CURRENCIES: sizeof(Currency),
    <int>GOODS_REWARDS: sizeof(GoodsReward),
    <int>SHIPPING_REWARDS: sizeof(ShippingReward),
    <int>GIFT_REWARDS: sizeof(GiftReward),
    <int>POINTS_REWARDS: sizeof(PointsReward),
    <int>EFFECT_REWARDS: sizeof(EffectReward),
    <int>LIMITS: sizeof(Limits),
    <int>PARTS: sizeof(Part),
    <int>NUMBERS: sizeof(NumberTable),
    <int>ENTRIES: sizeof(Entry),
    <int>SCHEDULES: sizeof(Schedule),
    <int>WINDOWS: sizeof(Window),
    <int>TRANSITIONS: sizeof(Transition),
    <int>TEXT_BYTES: sizeof(char),
    <int>CURRENCY_SETS: sizeof(char),
}


cdef size_t record_size(int section) except 0:
    """Bytes of one record of a section."""
    return SIZES.get(section, sizeof(int32_t))


def record_sizes():
    """For tests: bytes of one record of each section, in order."""
    return [record_size(section) for section in range(SECTION_COUNT)]
