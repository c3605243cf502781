"""The size of the records of an artifact."""

from libc.stdint cimport int32_t


cdef size_t record_size(int section) noexcept nogil:
    """Bytes of one record of a section."""
    if section == RULE_SETS:
        return sizeof(RuleSet)
    if section == TEXTS:
        return sizeof(TextEntry)
    if section == FIGURES:
        return sizeof(Figure)
    if section == ATTRIBUTES:
        return sizeof(Attribute)
    if section == NODES:
        return sizeof(Node)
    if section == SEGMENTS:
        return sizeof(Segment)
    if section == LAYERS:
        return sizeof(Layer)
    if section == PROMOTIONS:
        return sizeof(Promotion)
    if section == CURRENCIES:
        return sizeof(Currency)
    if section == GOODS_REWARDS:
        return sizeof(GoodsReward)
    if section == SHIPPING_REWARDS:
        return sizeof(ShippingReward)
    if section == GIFT_REWARDS:
        return sizeof(GiftReward)
    if section == POINTS_REWARDS:
        return sizeof(PointsReward)
    if section == EFFECT_REWARDS:
        return sizeof(EffectReward)
    if section == LIMITS:
        return sizeof(Limits)
    if section == PARTS:
        return sizeof(Part)
    if section == NUMBERS:
        return sizeof(NumberTable)
    if section == ENTRIES:
        return sizeof(Entry)
    if section == SCHEDULES:
        return sizeof(Schedule)
    if section == WINDOWS:
        return sizeof(Window)
    if section == TRANSITIONS:
        return sizeof(Transition)
    if section == TEXT_BYTES or section == CURRENCY_SETS:
        return sizeof(char)
    return sizeof(int32_t)


def record_sizes():
    """For tests: bytes of one record of each section, in order."""
    return [record_size(section) for section in range(SECTION_COUNT)]
