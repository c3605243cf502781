"""What a search keeps: candidates, the sets they conflict with, and the best set found (docs/search.md)."""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef enum:
    MOST_SEARCHED = 1024          # candidates; of more than that no sets are tried
    MOST_CAPS = 1 << 18
    MOST_STEPS = 1 << 14          # lines of all candidates: with more than that sets are tried at once
    MOST_WRITTEN = 1 << 18        # runs written down before they are changed: with more no set grows
    MOST_REMEMBERED = 256         # candidates
    COVERED_WORDS = 4
    MOST_COVERED = 64 * COVERED_WORDS  # candidates whose conflicts are all looked at as several are bounded
    MOST_PARTS = 6                # of a bundle whose claims are listed
    MOST_FAMILIES = 512
    MOST_WAYS = 8                 # in which sets may have been passed over, told apart
    MOST_CLAIMERS = 32            # by which families differ
    FAMILY_WORDS = 4              # of the candidates of a search by families
    GAIN_BITS = 10
    GAIN = 1 << GAIN_BITS
    # What work counts, in a nanosecond at most.
    OF_NODE = 10
    OF_CANDIDATE = 12             # asked about, and so much for each of its caps:
    OF_CAP = 1
    OF_LOOSE_CAP = 2              # more for each, when it is taken where rates are least, or of a later layer
    OF_MEASURED_LINE = 6          # that changed, and when its units may be claimed
    OF_UNCLAIMED = 12             # more
    OF_COLUMN = 4                 # for each, to find another rate
    OF_REHEARSAL = 20             # and for each line, what to claim of it:
    OF_STOCK = 6
    OF_SET = 40                   # for each set of a bundle
    OF_PAYEE = 2                  # for each candidate, to see what several may save together,
    OF_PAYMENT = 1                # and each time that a member of a clique is paid, for each word of a row
    OF_GRANT = 48                 # and for each line within reach:
    OF_LINE = 22
    OF_CLAIMED_LINE = 43          # for each part of a set
    OF_DIFFERENT = 8              # for each line of the cart and each set of different units
    OF_MOVE = 4                   # for each candidate and word of a row, when a set is changed
    OF_ENTRY = 400                # of a layer, and for each line:
    OF_ENTERED_LINE = 6
    OF_APPRAISAL = 110            # when it is entered, and for each line within reach:
    OF_APPRAISED_LINE = 33
    OF_CHOSEN_LINE = 47           # for each part of one that chooses among units
    OF_NODES = 1250               # on average: what takes more counts as several
    OF_ROUGH_LINE = 3             # for each line within reach of one that is not appraised closely
    OF_PAIR = 10                  # for each of the others that a candidate is held against, beyond FEW
    OF_SHARED = 40                # and for each part of one that claims units
    OF_WORD = 32                  # for each 64 lines held against others, beyond the first
    FEW = 64                      # others: so many are in what a candidate counts itself
    READING = 1 << 25             # before the tree is walked, and at a node, beyond which all is read roughly
    NO_SET = -1                   # a bound of none

cdef enum:
    # Parts of one that gets, as bits.
    BOUGHT = 1
    GOT = 2

cdef struct Vector:
    # What a set of promotions grants, in the order in which it counts (docs/pricing.md §6).
    int64_t saving                # minor units off, and values
    int64_t credit
    int64_t points
    int64_t gifts                 # units
    int64_t effects
    int64_t promotions            # fewer are better


cdef inline int64_t compare(const Vector* left, const Vector* right) noexcept nogil:
    """Above 0 when the left one grants what is better, whatever promotions that takes."""
    if left.saving != right.saving:
        return left.saving - right.saving
    if left.credit != right.credit:
        return left.credit - right.credit
    if left.points != right.points:
        return left.points - right.points
    if left.gifts != right.gifts:
        return left.gifts - right.gifts
    return left.effects - right.effects


cdef struct Cap:
    # The most that a candidate may take of a column: a line, or behind all lines a shipment.
    int64_t amount
    int64_t share                 # what it takes at least, where there is room for that
    int64_t beyond                # and for so much more, since single units may have less room than others
    int32_t column

cdef struct Claim:
    # A line of which a candidate may claim units.
    int64_t base                  # of a unit; the largest where they differ
    int64_t gain                  # of one that gets: the most that is wanted of a unit, in parts of a minor unit (GAIN)
    int32_t column
    uint32_t parts                # those that its units may fill, as bits

cdef struct Stock:
    # A line while claims are rehearsed.
    int64_t unclaimed             # units
    bint known                    # it is known how many these are

cdef struct Taken:
    # Of a line, at most.
    int64_t amount
    int64_t even                  # of that, by candidates that take the same of each of its units
    int32_t even_count            # how many these are

cdef struct Passes:
    # Of a bundle's sets that may be passed over, in their order, whether they are.
    uint64_t passed               # as bits
    int32_t count                 # of those of which that is said

cdef struct Worth:
    # What a candidate saves at most.
    int64_t saving
    int64_t beyond                # and beyond the rates of its columns
    bint certain                  # it is known which units it claims
    bint settled                  # and that all of its sets save something, whatever others take

cdef struct Family:
    # The sets that have just these of the candidates that claim units.
    int64_t bound                 # what they save at most
    int32_t decided               # of those that claim units, in their order: of the others nothing is said
    uint64_t[FAMILY_WORDS] members
    uint64_t[FAMILY_WORDS] undecided  # may be in the sets or not, since their claims matter to no others

cdef struct Candidate:
    Vector most                   # upper bounds, whatever else is granted
    int64_t alone                 # what it saves when nothing else is granted
    int64_t claimed               # the most units it may claim; 0: it claims none
    # Of one that claims units and whose quantities are known; ``claim_count`` is -1 for all others.
    int64_t sizes[MOST_PARTS]     # units of each part in a set
    int64_t of_set_units          # units of a set
    int64_t repeat                # the most sets
    int64_t cap                   # what it grants at most, whatever it reaches
    int64_t line_rounding         # of one that gets: the most that rounding adds to the gains of a line
    # The offer of a set.
    int64_t number                # ppm or minor units, by kind
    int kind
    int direction                 # of rounding
    int32_t part_count
    int32_t first_claim
    int32_t claim_count
    bint gets                     # saves on units of the second part alone
    bint ordered                  # of its claims it is known which come first: one base for each, and they stay
    bint picks_cheapest
    int32_t promotion
    int32_t layer
    int32_t clique                # of candidates of which at most one applies
    int32_t first_cap
    int32_t cap_count             # -1: none listed
    bint spread                   # some of its caps say a share
    # Of units whose layer has not begun yet:
    int64_t percent               # ppm of what its columns come to then; 0: no percentage
    int64_t full                  # what lines come to that it reaches and that have no room
    int64_t price                 # what is left of each unit; -1: no such price
    int per                       # what it is wanted of
    bint even                     # units of a line give the same as long as they have room

cdef struct Mark:
    # A moment to which the basket can be taken back.
    int32_t line_count
    int32_t journal_run_count
    int32_t run_count
    int32_t share_count
    int32_t adjustment_count

cdef struct Frame:
    # A candidate granted or a layer entered, and what stood before.
    Mark mark
    Vector vector
    int64_t bound                 # what sets from here on save at most
    int64_t without               # what those save at most that do without the candidate,
    int64_t with_it               # and those that were looked at with it
    Candidate* candidates         # as appraised then
    int32_t candidate             # -1: a layer
    int32_t layer
    int32_t level
    int32_t cap_used
    int32_t claim_used
    int32_t first_of_layer
    bint settled                  # all sets of the node claim the same units, but for some that matter to none
    bint dominated                # sets without the candidate save hardly more than those with it
    int64_t most                  # when audited: what sets with it save,
    int64_t limit                 # and the most that those of the node save that are without it

cdef struct Search:
    # Written by a search; all sized when the cart is loaded.
    Candidate* candidates         # in the order of granting, as appraised last
    Candidate* appraised          # room of them for each level: once at the start, once for each layer entered later
    char* facts                   # of each level: what was read before the next layer was entered
    int64_t facts_size            # bytes of a level
    int64_t* quantities           # scratch, for the parts of a promotion
    unsigned char* marks          # scratch, for every label
    Cap* caps
    int32_t* cap_columns          # of each cap: its column,
    int64_t* amounts              # what may be taken of that as the basket stands,
    int64_t* sure                 # and what is taken of it for sure
    Claim* claims
    Frame* frames
    uint64_t* conflicts           # a row for each candidate: those it does not go together with
    uint64_t* open                # a row for each frame: those that may follow
    uint64_t* chosen              # those granted
    uint64_t* best                # the best set found
    uint64_t* wanted              # scratch
    uint64_t* attempted           # the set that was tried last
    uint64_t* reach               # a row for each candidate: the lines it reaches alone
    int64_t* saved                # of each candidate: what it saves in the best set that was tried
    int32_t* by_saving            # candidates, those that may save most first
    uint64_t* cliques             # scratch: a row for each
    int64_t* rates                # of each column: the part of its room that it yields, whatever takes it
    int64_t* found_rates          # the best that were found
    bint* rated                   # of each level: whether they are found, be it when it was entered before
    int64_t* asked                # scratch for every column: what is taken of it, on average
    int64_t* totals               # of each candidate: what its columns have room for
    int64_t* tops                 # scratch, for every candidate
    int32_t* order                # candidates by clique
    int32_t* payees               # candidates, those that save least alone first
    uint64_t* payee_conflicts     # a row for each of them, by their places: those it does not go together with
    int64_t* weights              # of each candidate: the most it may still save
    int64_t* all_weights          # a row for each depth, of what each candidate weighs
    int64_t* all_parts            # and of what it adds to the bound
    int64_t* yields               # of each depth: what columns add to it at their rates
    bint remembers                # there are so many rows; else there is one
    bint weighed                  # the node at hand was, and is looked at again without some candidates
    int64_t reduction             # of the bound, by rates, when they were asked last
    int64_t unasked               # nodes whose rates were not
    int64_t stepped               # of the bound, by the last step of the rates
    int64_t unstepped             # nodes at which they were not
    int64_t* sums                 # scratch for every column, as are the next two
    int64_t* counts
    int64_t* taken                # of each line, by candidates before the one being appraised, at most
    int64_t given                 # points, by those of them that are of its layer
    int32_t given_layer           # which that is
    int64_t* losses               # of each candidate: of its weight, when it was appraised in turn last
    int64_t* rooms
    int64_t* unclaimed            # units of each line
    int64_t* least_rooms          # of each line: what the unclaimed unit with the least room may give
    int64_t* most_rooms           # and the one with the most
    int64_t* takeable             # of each line, by those looked at so far
    int32_t last_rehearsed        # those up to it are looked at when they are weighed, the others when rates are asked
    int32_t* columns
    int32_t* layered              # promotions of the layered answer, rising
    int32_t layered_count         # 0 where only a layer is searched
    int32_t* granted              # promotions of the best set, rising
    int32_t granted_count
    int32_t room                  # of candidates
    # By which candidates that claim units a set has them: its family.
    Family* families
    int32_t* family_order         # those that may save most first
    int32_t family_count
    int32_t* claimers             # candidates that claim units, in the order of granting
    int32_t claimer_count
    Taken* taken_before           # a row of lines for each of them: what those before took that claim no units
    Stock* stocks                 # a row of lines for each, and one more
    int32_t* claim_orders         # two rows for each of them: its claims in pick order, and dearest first
    uint32_t* matters             # of each of them, as bits: those behind it that it may claim units before
    uint64_t* forced              # candidates without which no set is looked at
    int64_t lost                  # what a set saves at most beyond itself with more candidates; -1: not known
    int64_t dropped               # what those save at most, by their bounds, that were not visited because of that
    uint64_t* rehearsed           # candidates of which it is known who claims before them
    int32_t way_count             # in which claims may have gone: rows of stocks
    Stock* stocks_before          # scratch for every claim of a candidate, as are the next two
    int64_t* most_in_turn
    int64_t* least_in_turn
    int64_t* in_turn              # of each line: the most that the candidate rehearsed last takes of it
    int64_t* sure_in_turn         # and what it takes of it for sure, if it is granted
    Taken* by_others              # of each column, by those looked at so far that claim no units
    int64_t* at_turn              # scratch for every line: units not claimed when a candidate has its turn
    int64_t* set_bases            # and what the bases of those of a set come to
    int64_t* set_shares           # of each line of a set: what it gives for sure
    int64_t bound_of_all          # what all sets save at most, by what is read before families are listed
    int64_t yielded               # what columns yield at their rates, for all families
    int32_t cap_room              # of caps and claims each, for those searched among
    int64_t caps_each             # columns of the cart, once for each level
    int32_t cap_used
    int32_t claim_used
    int32_t words                 # of a row
    int32_t count                 # of candidates
    int32_t depth                 # of frames
    int32_t level
    int32_t layer                 # at hand; -1: before the first
    Vector vector                 # of those granted
    Vector best_vector
    # Result.
    int64_t nodes
    int64_t visited               # nodes, and sets tried before
    int64_t work
    int64_t started               # work before the tree was begun
    int64_t allowance             # of work: what takes more is read roughly
    int64_t unsearched            # what any set saves at most, when none were tried; -1: some were
    int64_t gap
    int64_t missed                # what sets that were not visited may save at most
    int64_t bound                 # of the node at hand
    int64_t read                  # the same as read from this node alone
    int64_t* parts                # of it, by candidate, beyond what columns and units yield
    int64_t* other_parts
    int64_t violations            # sets found that save more than a bound above them allows
    bint at_once                  # sets are tried without writing lines down for each grant
    bint audited                  # every set is visited and held against the bounds above it
    bint closing                  # the walk at hand passes over sets that are hardly better
    bint proven                   # by it
    bint optimal


cdef inline const uint64_t* conflicts_of(const Search* search, int32_t index) noexcept nogil:
    return &search.conflicts[<int64_t>index * search.words]


cdef inline uint64_t* reach_of(const Search* search, int32_t index, int32_t words) noexcept nogil:
    """The lines that a candidate reaches alone, of so many words."""
    return &search.reach[<int64_t>index * words]


cdef inline uint64_t* open_row(const Search* search) noexcept nogil:
    """Those that may follow the set at hand."""
    return &search.open[<int64_t>search.depth * search.words]


cdef inline Claim* claims_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.claims[candidate.first_claim]


cdef inline Cap* caps_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.caps[candidate.first_cap]


cdef inline const int32_t* columns_of(const Search* search, const Candidate* candidate) noexcept nogil:
    """Of its caps, as are the amounts below."""
    return &search.cap_columns[candidate.first_cap]


cdef inline int64_t* amounts_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.amounts[candidate.first_cap]


cdef inline int64_t* sure_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.sure[candidate.first_cap]


cdef inline int64_t* weights_of(const Search* search, int32_t depth) noexcept nogil:
    return &search.all_weights[row_of(search, depth)]


cdef inline int64_t* parts_of(const Search* search, int32_t depth) noexcept nogil:
    return &search.all_parts[row_of(search, depth)]


cdef inline int64_t row_of(const Search* search, int32_t depth) noexcept nogil:
    """Where that of a depth begins."""
    return <int64_t>depth * search.count if search.remembers else 0


cdef inline bint is_overdrawn(const Search* search, int64_t more) noexcept nogil:
    """Whether so much more work is not allowed."""
    return more > search.allowance - search.work


cdef inline int64_t of_pairs(int64_t others) noexcept nogil:
    """The work of holding a candidate against so many others."""
    return OF_PAIR * (others - FEW) if others > FEW else 0


cdef inline int64_t spent(const Search* search) noexcept nogil:
    """Nodes so far."""
    return search.visited if search.visited > search.work // OF_NODES else search.work // OF_NODES
