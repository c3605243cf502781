/* The control: a pricer with the ten promotions of bench/rule_sets.py hard-coded, which can do nothing else.
 *
 * It reads the bytes of an engine.v1.Cart with lines sorted by id, prices it and writes the bytes of its engine.v1.Quote, except the
 * unit buckets: no promotion here needs them, line totals are enough. It checks nothing and allocates nothing. */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define MOST_LINES 4096
#define TEXT(literal) ((Text){(const unsigned char *)(literal), sizeof(literal) - 1})

typedef struct { const unsigned char *start; int64_t length; } Text;

enum { DOZEN, FREE_UNITS, FINER, KITCHEN, NORTHERN, GARDEN, GOLD, SPEND, ADJUSTMENTS };

static const Text NAMES[ADJUSTMENTS] = {
    TEXT("by-the-dozen"), TEXT("buy-two-get-one"), TEXT("finer-things"), TEXT("kitchen-days"), TEXT("northern-weeks"),
    TEXT("garden-coupon"), TEXT("gold-members"), TEXT("spend-and-save")};
static const int ORDER_OF_ITEMS[] = {FREE_UNITS, DOZEN, FINER, KITCHEN, NORTHERN};
static const int ORDER_OF_ORDERS[] = {GARDEN, GOLD, SPEND};
static const int64_t SPEND_FROM[] = {2000, 4000, 7000, 11000, 16000, 23000, 32000, 45000, 63000, 88000};
static const int64_t SPEND_OFF[] = {100, 200, 400, 600, 1000, 1400, 2000, 2800, 4000, 5500};

typedef struct {
    Text id, sku;
    int64_t quantity, price;
    bool picnic, kitchen, northern, garden;
    int64_t free, sum, entered, left;
} Line;

static struct {
    Text id, rule_set, currency, tier, method, shipment, coupon, at;
    int64_t shipping_price;
    int line_count;
    Line lines[MOST_LINES];
    /* The quote. */
    int64_t shares[ADJUSTMENTS][MOST_LINES], amounts[ADJUSTMENTS], ungranted[ADJUSTMENTS];
    int64_t merchandise, after_items, subtotal, shipping, points;
    uint64_t keys[MOST_LINES];
} cart;

static Text version;

/* Reading. */

static inline uint64_t varint(const unsigned char **at) {
    uint64_t value = *(*at)++;
    if (value < 0x80) return value;
    value &= 0x7f;
    for (int shift = 7;; shift += 7) {
        uint64_t byte = *(*at)++;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
}

static inline Text text(const unsigned char **at) {
    int64_t length = (int64_t)varint(at);
    Text found = {*at, length};
    *at += length;
    return found;
}

static inline void skip(const unsigned char **at, uint64_t tag) {
    if ((tag & 7) == 0) varint(at);
    else text(at);
}

static inline bool same(Text left, Text right) {
    return left.length == right.length && memcmp(left.start, right.start, (size_t)right.length) == 0;
}

/* home/category-NN, brand-NN, word-NNN: the last digits identify them. */
static inline int digits(Text name, int count) {
    int number = 0;
    for (int64_t place = name.length - count; place < name.length; place++) number = number * 10 + name.start[place] - '0';
    return number;
}

static void read_line(Text data, Line *line) {
    const unsigned char *at = data.start, *end = at + data.length;
    line->picnic = line->kitchen = line->northern = line->garden = false;
    while (at < end) {
        uint64_t tag = varint(&at);
        if (tag == (1 << 3 | 2)) line->id = text(&at);
        else if (tag == (2 << 3 | 2)) line->sku = text(&at);
        else if (tag == 3 << 3) line->quantity = (int64_t)varint(&at);
        else if (tag == 4 << 3) line->price = (int64_t)varint(&at);
        else if (tag == (9 << 3 | 2)) {
            int category = digits(text(&at), 2);
            line->kitchen = category <= 2;
            line->garden = category == 3 || category == 4;
        }
        else if (tag == (10 << 3 | 2)) line->northern = digits(text(&at), 2) <= 3;
        else if (tag == (11 << 3 | 2)) line->picnic |= digits(text(&at), 3) <= 1;
        else skip(&at, tag);
    }
}

static void read_rate(Text data) {
    const unsigned char *at = data.start, *end = at + data.length;
    Text method = {0};
    int64_t price = 0;
    while (at < end) {
        uint64_t tag = varint(&at);
        if (tag == (1 << 3 | 2)) method = text(&at);
        else if (tag == 4 << 3) price = (int64_t)varint(&at);
        else skip(&at, tag);
    }
    if (same(method, cart.method)) cart.shipping_price = price;
}

static void read_shipment(Text data) {
    const unsigned char *at = data.start, *end = at + data.length;
    while (at < end) {
        uint64_t tag = varint(&at);
        if (tag == (1 << 3 | 2)) cart.shipment = text(&at);
        else if (tag == (4 << 3 | 2)) cart.method = text(&at);
        else if (tag == (5 << 3 | 2)) read_rate(text(&at));
        else skip(&at, tag);
    }
}

static void read_customer(Text data) {
    const unsigned char *at = data.start, *end = at + data.length;
    while (at < end) {
        uint64_t tag = varint(&at);
        if (tag == (2 << 3 | 2)) cart.tier = text(&at);
        else skip(&at, tag);
    }
}

static void read_cart(Text data) {
    const unsigned char *at = data.start, *end = at + data.length;
    cart.tier = cart.coupon = (Text){0};
    cart.line_count = 0;
    while (at < end) {
        uint64_t tag = varint(&at);
        if (tag == (4 << 3 | 2)) read_line(text(&at), &cart.lines[cart.line_count++]);
        else if (tag == (1 << 3 | 2)) cart.id = text(&at);
        else if (tag == (2 << 3 | 2)) cart.rule_set = text(&at);
        else if (tag == (3 << 3 | 2)) cart.currency = text(&at);
        else if (tag == (5 << 3 | 2)) read_shipment(text(&at));
        else if (tag == (6 << 3 | 2)) read_customer(text(&at));
        else if (tag == (9 << 3 | 2)) cart.coupon = text(&at);
        else if (tag == (12 << 3 | 2)) cart.at = text(&at);
        else skip(&at, tag);
    }
}

/* Pricing. */

static inline void take(int adjustment, int line, int64_t amount) {
    int64_t left = cart.lines[line].left;
    cart.ungranted[adjustment] += amount > left ? amount - left : 0;
    amount = amount < left ? amount : left;
    cart.shares[adjustment][line] = amount;
    cart.amounts[adjustment] += amount;
    cart.lines[line].left -= amount;
}

static inline int64_t percent(int64_t sum, int64_t percent) { return (sum * percent + 50) / 100; }

/* Buy two, get one free, three times at most: the cheapest are free. */
static void free_units(void) {
    int picnic[MOST_LINES], count = 0;
    int64_t units = 0, sets;
    for (int line = 0; line < cart.line_count; line++) {
        cart.lines[line].free = 0;
        if (!cart.lines[line].picnic) continue;
        int place = count++;
        for (; place && cart.lines[picnic[place - 1]].price > cart.lines[line].price; place--) picnic[place] = picnic[place - 1];
        picnic[place] = line;
        units += cart.lines[line].quantity;
    }
    sets = units / 3 < 3 ? units / 3 : 3;
    for (int place = 0; sets; place++) {
        Line *line = &cart.lines[picnic[place]];
        line->free = sets < line->quantity ? sets : line->quantity;
        sets -= line->free;
        take(FREE_UNITS, picnic[place], line->free * line->price);
    }
}

/* Moves the `wanted` largest keys to the front. */
static void select_largest(uint64_t *keys, int count, int wanted) {
    int low = 0, high = count - 1;
    while (low < high) {
        uint64_t pivot = keys[(low + high) / 2];
        int left = low, right = high;
        while (left <= right) {
            while (keys[left] > pivot) left++;
            while (keys[right] < pivot) right--;
            if (left <= right) {
                uint64_t kept = keys[left];
                keys[left++] = keys[right];
                keys[right--] = kept;
            }
        }
        if (wanted - 1 <= right) high = right;
        else if (wanted - 1 >= left) low = left;
        else return;
    }
}

/* Spreads an amount over lines in proportion to what entered; leftover units go to the largest remainders. */
static void spread(int adjustment, int64_t amount, int64_t total, bool garden_only) {
    int64_t rest = amount;
    int count = 0;
    cart.amounts[adjustment] = amount;
    for (int index = 0; index < cart.line_count; index++) {
        Line *line = &cart.lines[index];
        int64_t share = 0;
        if (!garden_only || line->garden) {
            uint64_t product = (uint64_t)amount * (uint64_t)line->entered;
            share = (int64_t)(product / (uint64_t)total);
            cart.keys[count++] = (product % (uint64_t)total) << 12 | (uint64_t)(MOST_LINES - 1 - index);
            rest -= share;
        }
        cart.shares[adjustment][index] = share;
        line->left -= share;
    }
    if (!rest) return;
    select_largest(cart.keys, count, (int)rest);
    for (int place = 0; place < rest; place++) {
        int index = MOST_LINES - 1 - (int)(cart.keys[place] & (MOST_LINES - 1));
        cart.shares[adjustment][index]++;
        cart.lines[index].left--;
    }
}

static void price_cart(void) {
    int64_t garden = 0;
    for (int index = 0; index <= NORTHERN; index++) {
        memset(cart.shares[index], 0, (size_t)cart.line_count * sizeof(int64_t));
        cart.amounts[index] = cart.ungranted[index] = 0;
    }
    cart.amounts[GARDEN] = cart.amounts[GOLD] = cart.amounts[SPEND] = 0;
    cart.merchandise = cart.after_items = 0;
    for (int index = 0; index < cart.line_count; index++) {
        Line *line = &cart.lines[index];
        cart.merchandise += line->left = line->sum = line->quantity * line->price;
    }
    free_units();
    for (int index = 0; index < cart.line_count; index++) {
        Line *line = &cart.lines[index];
        if (line->quantity >= 12) take(DOZEN, index, percent(line->sum, 8));
        if (line->price >= 500) take(FINER, index, percent(line->sum, 3));
        if (line->kitchen) take(KITCHEN, index, percent(line->sum, 5));
        if (line->northern) {
            int64_t off = percent(line->price, 4);
            take(NORTHERN, index, off * (line->quantity - line->free));
            cart.ungranted[NORTHERN] += off * line->free;
        }
        cart.after_items += line->entered = line->left;
        if (line->garden) garden += line->entered;
    }
    cart.subtotal = cart.after_items;
    if (cart.coupon.start && garden >= 2000) spread(GARDEN, 300, garden, true);
    if (same(cart.tier, TEXT("gold"))) spread(GOLD, percent(cart.after_items, 2), cart.after_items, false);
    int step = 0;
    while (step < 10 && cart.after_items >= SPEND_FROM[step]) step++;
    if (step) spread(SPEND, SPEND_OFF[step - 1], cart.after_items, false);
    cart.subtotal -= cart.amounts[GARDEN] + cart.amounts[GOLD] + cart.amounts[SPEND];
    cart.shipping = cart.subtotal >= 9500 && same(cart.method, TEXT("standard")) ? 0 : cart.shipping_price;
    cart.points = cart.subtotal / 100;
}

/* Writing, from the last byte to the first, so that every length is known when it is written. */

static unsigned char *out;

static inline void put_varint(uint64_t value) {
    if (value < 0x80) { *--out = (unsigned char)value; return; }
    int bits = 63 - __builtin_clzll(value), bytes = bits / 7 + 1;
    unsigned char *at = out -= bytes;
    for (; value >= 0x80; value >>= 7) *at++ = (unsigned char)(value | 0x80);
    *at = (unsigned char)value;
}

static inline void put_number(int field, int64_t value) {
    if (!value) return;
    put_varint((uint64_t)value);
    put_varint((uint64_t)field << 3);
}

static inline void put_text(int field, Text value) {
    if (!value.length) return;
    out -= value.length;
    memcpy(out, value.start, (size_t)value.length);
    put_varint((uint64_t)value.length);
    put_varint((uint64_t)field << 3 | 2);
}

static inline void close_message(int field, const unsigned char *end) {
    put_varint((uint64_t)(end - out));
    put_varint((uint64_t)field << 3 | 2);
}

static void put_adjustment(int adjustment) {
    const unsigned char *end = out;
    if (!cart.amounts[adjustment]) return;
    if (adjustment == GARDEN) put_text(10, cart.coupon);
    for (int index = cart.line_count; index--;) {
        if (!cart.shares[adjustment][index]) continue;
        const unsigned char *share = out;
        put_number(2, cart.shares[adjustment][index]);
        put_text(1, cart.lines[index].id);
        close_message(5, share);
    }
    put_number(4, cart.ungranted[adjustment]);
    put_number(3, cart.amounts[adjustment]);
    put_text(2, NAMES[adjustment]);
    put_text(1, NAMES[adjustment]);
    close_message(3, end);
}

static void begin_layer(int64_t subtotal, int64_t shipping) {
    put_number(5, shipping);
    put_number(4, subtotal);
}

static void end_layer(Text name, Text kind, const unsigned char *end) {
    put_text(2, kind);
    put_text(1, name);
    close_message(9, end);
}

static void put_layers(void) {
    const unsigned char *end = out, *inner;
    begin_layer(cart.subtotal, cart.shipping);
    if (cart.points) {
        inner = out;
        put_number(6, cart.points);
        put_text(2, TEXT("a-point-a-pound"));
        put_text(1, TEXT("a-point-a-pound"));
        close_message(3, inner);
    }
    end_layer(TEXT("points"), TEXT("points"), end);
    end = out;
    begin_layer(cart.subtotal, cart.shipping);
    if (cart.shipping < cart.shipping_price) {
        const unsigned char *share;
        inner = share = out;
        put_number(2, cart.shipping_price);
        put_text(1, cart.shipment);
        close_message(5, share);
        put_number(3, cart.shipping_price);
        put_text(2, TEXT("free-standard"));
        put_text(1, TEXT("free-standard"));
        close_message(3, inner);
    }
    end_layer(TEXT("shipping"), TEXT("shipping"), end);
    end = out;
    begin_layer(cart.subtotal, cart.shipping_price);
    for (int index = 3; index--;) put_adjustment(ORDER_OF_ORDERS[index]);
    end_layer(TEXT("order"), TEXT("goods"), end);
    end = out;
    begin_layer(cart.after_items, cart.shipping_price);
    for (int index = 5; index--;) put_adjustment(ORDER_OF_ITEMS[index]);
    end_layer(TEXT("item"), TEXT("goods"), end);
}

/* Returns the length of the quote, which ends at the end of the buffer. */
static int64_t write_quote(unsigned char *end) {
    const unsigned char *inner = out = end;
    if (cart.coupon.start) {
        put_text(4, NAMES[GARDEN]);
        if (!cart.amounts[GARDEN]) put_number(3, 15); /* REASON_CONDITION */
        put_number(2, cart.amounts[GARDEN] ? 1 : 3);  /* STATUS_APPLIED, STATUS_NOT_ELIGIBLE */
        put_text(1, cart.coupon);
        close_message(18, inner);
    }
    put_number(15, cart.points);
    put_number(14, cart.subtotal + cart.shipping);
    put_number(13, cart.shipping);
    put_number(12, cart.shipping_price);
    put_number(11, cart.subtotal);
    put_number(10, cart.merchandise);
    put_layers();
    inner = out;
    put_number(4, cart.shipping);
    put_number(3, cart.shipping_price);
    put_text(2, cart.method);
    put_text(1, cart.shipment);
    close_message(8, inner);
    for (int index = cart.line_count; index--;) {
        const Line *line = &cart.lines[index];
        inner = out;
        put_number(5, line->left);
        put_number(4, line->sum);
        put_number(3, line->quantity);
        put_text(2, line->sku);
        put_text(1, line->id);
        close_message(7, inner);
    }
    put_text(5, cart.at);
    put_text(4, cart.currency);
    put_text(3, version);
    put_text(2, cart.rule_set);
    put_text(1, cart.id);
    return end - out;
}

/* Called by bench/control.py. */

void set_version(const unsigned char *start, int64_t length) { version = (Text){start, length}; }

int64_t price(const unsigned char *data, int64_t length, unsigned char *end) {
    read_cart((Text){data, length});
    price_cart();
    return write_quote(end);
}

/* Prices the last cart again with another quantity of one line. */
int64_t set_quantity(int line, int64_t quantity, unsigned char *end) {
    cart.lines[line].quantity = quantity;
    price_cart();
    return write_quote(end);
}

static int64_t now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_MONOTONIC, &moment);
    return moment.tv_sec * 1000000000 + moment.tv_nsec;
}

/* Nanoseconds that reading, pricing and writing take. */
void time_price(const unsigned char *data, int64_t length, unsigned char *end, int64_t *times) {
    int64_t begin = now(), read, priced;
    read_cart((Text){data, length});
    read = now();
    price_cart();
    priced = now();
    write_quote(end);
    times[0] = read - begin;
    times[1] = priced - read;
    times[2] = now() - priced;
}

/* Nanoseconds until the mutated cart is priced, and until its quote is written. */
void time_set_quantity(int line, int64_t quantity, unsigned char *end, int64_t *times) {
    int64_t begin = now();
    cart.lines[line].quantity = quantity;
    price_cart();
    times[0] = now() - begin;
    write_quote(end);
    times[1] = now() - begin;
}
