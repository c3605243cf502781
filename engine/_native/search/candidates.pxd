"""The data of a search: its candidates, what bounds each of them, and the best set found (docs/search.md).

Terms. A *candidate* is a promotion that may apply. A *column* is anything candidates take money off: the lines of the
cart by index, and behind them its shipments. The *room* of a column is what it has left above its floor. *Saving* is
in minor units; bounds are upper bounds of savings. A candidate *claims* units that no later reward of its layer may
use; a *claimer* is one that does. A *level* counts the layers entered so far.
"""

from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t

cdef enum:
    # Sizes.
    MOST_SEARCHED = 1024          # candidates; when there are more, no sets are tried
    MOST_CAPS = 1 << 18           # caps listed, and claims listed
    MOST_CANDIDATE_LINES = 1 << 14  # candidates times lines: with more than that sets are tried at once
    MOST_JOURNAL_RUNS = 1 << 18   # runs saved in the journal: with more than that no set grows
    MANY = 32                     # candidates; with more a small gap is sought before a proof
    MOST_REMEMBERED = 256         # candidates for which the bounds of every depth are kept
    COVERED_WORDS = 4
    MOST_COVERED = 64 * COVERED_WORDS  # candidates bounded by a clique cover; more are bounded by a partition
    MOST_PARTS = 6                # of a bundle whose claims are listed
    MOST_FAMILIES = 512
    MOST_SCENARIOS = 8            # outcomes of rehearsed claims that are told apart
    MOST_CLAIMERS = 32            # by which families differ
    FAMILY_WORDS = 4              # of a candidate set, where a search uses families
    # Fixed point: multipliers, gains and reduced savings of columns are in 1/1024 (of 1, or of a minor unit).
    SCALE_BITS = 10
    SCALE = 1 << SCALE_BITS
    # The cost of work, at least the nanoseconds that it takes.
    COST_NODE = 10
    COST_CANDIDATE = 12           # each candidate bounded, and beside it:
    COST_CAP = 1                  # each of its caps
    COST_LOOSE_CAP = 2            # more for each cap distributed by multiplier, or of a later layer
    COST_MEASURED_LINE = 6        # each line that changed
    COST_UNCLAIMED_LINE = 12      # more, when its unclaimed units are counted
    COST_COLUMN = 4               # each column, in a step of the multipliers
    COST_REHEARSAL = 20           # each claimer rehearsed, and beside it:
    COST_STOCK = 6                # each line that it may claim units of
    COST_SET = 40                 # each set of a bundle
    COST_SUMMED = 2               # each candidate that enters a clique bound
    COST_CLIQUE_MEMBER = 1        # each member of a clique, for each word of a conflict row
    COST_GRANT = 48               # each grant, and beside it:
    COST_LINE = 22                # each line within reach
    COST_CLAIMED_LINE = 43        # or, of one that claims, each line within reach for each part
    COST_DIFFERENT = 8            # each line of the cart for each set of different units
    COST_MOVE = 4                 # each candidate and word of a row, in a move of the local search
    COST_ENTRY = 400              # each layer entered, and beside it:
    COST_ENTERED_LINE = 6         # each line of the cart
    COST_APPRAISAL = 110          # each candidate appraised, and beside it:
    COST_APPRAISED_LINE = 33      # each line within reach
    COST_CHOSEN_LINE = 47         # or, of one that chooses units, each line within reach for each part
    WORK_PER_NODE = 1250          # on average: work beyond that counts as further nodes
    COST_ROUGH_LINE = 3           # each line within reach of one appraised roughly
    COST_PAIR = 10                # each other candidate that one is held against, beyond FREE_PAIRS
    COST_SHARED = 40              # more for each part of one that claims units
    COST_WORD = 32                # each 64 lines held against others, beyond the first 64
    FREE_PAIRS = 64               # others whose cost is included in that of a candidate
    READING_ALLOWANCE = 1 << 25   # work before the tree is walked, or beyond what nodes allow: then all is read roughly
    NO_SET = -1                   # the bound where there is no set: below every saving

cdef enum:
    # Parts of a buy_get, as bits.
    BOUGHT = 1
    GOT = 2

cdef struct Vector:
    # What a set of promotions grants, in the order in which it counts (docs/pricing.md §6).
    int64_t saving                # minor units: taken off prices, and the values of what is granted beside
    int64_t credit                # minor units
    int64_t points
    int64_t gifts                 # units
    int64_t effects
    int64_t promotions            # fewer are better


cdef inline int64_t compare(const Vector* left, const Vector* right) noexcept nogil:
    """Above 0 when the left one grants more, whatever the number of promotions."""
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
    # The most that a candidate may take of a column, in minor units.
    int64_t amount
    int64_t share                 # of an amount spread over lines: what it takes at least, where there is room
    int64_t unusable              # room that this share cannot use: of units with more room than is wanted of them
    int32_t column

cdef struct Claim:
    # A line of which a candidate may claim units.
    int64_t base                  # of a unit; the largest where they differ
    int64_t gain                  # of a unit got by buy_get: the most wanted of it, in 1/SCALE minor units
    int32_t column
    uint32_t parts                # those that its units may fill, as bits

cdef struct Stock:
    # A line while claims are rehearsed.
    int64_t unclaimed             # units
    bint known                    # whether ``unclaimed`` is exact; otherwise nothing is known of the line

cdef struct Taken:
    # The most taken of a line, in minor units.
    int64_t amount
    int64_t even                  # of that, by candidates that take the same of each of its units
    int32_t even_count            # how many such candidates

cdef struct Passes:
    # Which of the sets that a bundle may pass over it does, in their order.
    uint64_t passed               # as bits
    int32_t count                 # bits that are decided

cdef struct Worth:
    # What a rehearsal says of a candidate.
    int64_t saving                # at most
    int64_t reduced               # the same less the multipliers of its columns; at most
    bint claims_known             # exactly which units it claims
    bint always_saves             # each of its sets takes something, whatever others take

cdef struct Family:
    # The sets with exactly these members among the claimers.
    int64_t bound                 # of the saving of any of its sets
    int32_t decided               # the first so many claimers are decided; the others may be in its sets or not
    uint64_t[FAMILY_WORDS] members
    uint64_t[FAMILY_WORDS] undecided  # decided to be left open: their claims affect no claimer behind them

cdef struct Candidate:
    # Appraised when a layer is entered; the bounds hold for every set below that node.
    Vector most                   # upper bounds of what it grants
    int64_t alone                 # what it saves when nothing else is granted
    int64_t claimed               # the most units it may claim; 0: it is not a claimer
    # Of a claimer with known quantities; ``claim_count`` is -1 for all others.
    int64_t sizes[MOST_PARTS]     # units of each part in a set
    int64_t set_units             # units of a set: the sum of its sizes
    int64_t repeat                # the most sets
    int64_t cap                   # what all its sets grant at most, in minor units
    int64_t line_rounding         # of buy_get: the most that rounding adds to the gains of a line, in 1/SCALE
    # The offer of a set.
    int64_t number                # ppm or minor units, by kind
    int kind
    int rounding
    int32_t part_count
    int32_t first_claim
    int32_t claim_count
    bint is_buy_get               # what it wants is wanted of the units of its second part alone
    bint carried_by_set           # and taken off the units of both
    bint order_known              # units go by base and line: each line has one base, and bases stay
    bint picks_cheapest
    int32_t promotion
    int32_t layer
    int32_t clique                # in the partition made at the start
    int32_t first_cap
    int32_t cap_count             # -1: caps are not listed, it may take anything
    bint spread                   # some cap has a share
    # While its layer has not begun, to read it anew from what columns cost at a node:
    int64_t percent               # ppm of what its columns cost then; 0: no percentage
    int64_t exhausted             # what lines cost that it reaches and that have no room
    int64_t price                 # fixed price of each unit; -1: none
    int per                       # what the number applies to
    bint even                     # takes the same of each unit of a line, as long as they have room

cdef struct Savepoint:
    # A state to which the basket can be rolled back.
    int32_t line_count
    int32_t journal_run_count
    int32_t run_count
    int32_t share_count
    int32_t adjustment_count

cdef struct Frame:
    # A step down the tree: a candidate granted or a layer entered, and the state before it.
    Savepoint savepoint
    Vector vector
    int64_t bound                 # of the node: no set below it saves more
    int64_t bound_without         # of its sets without the candidate; NO_SET: there are none
    int64_t bound_with            # of its sets with the candidate, as far as they were visited
    Candidate* candidates         # as appraised at this level
    int32_t candidate             # -1: a layer was entered
    int32_t layer
    int32_t level
    int32_t cap_used
    int32_t claim_used
    int32_t first_of_layer
    bint claims_fixed             # all sets of the node claim the same units, but for some that affect nobody
    bint dominated                # sets without the candidate save hardly more than those with it (dominance.pyx)
    int64_t audited_saving        # audit: the largest saving seen of a set with the candidate
    int64_t audited_limit         # audit: the bound, by dominance, of the sets visited at this depth

cdef struct Search:
    # All arrays are sized when the cart is laid out (room.pyx). A row of candidates has ``words`` words.
    Candidate* candidates         # by order of granting, as appraised at the level at hand
    Candidate* appraised          # room for them at each level: at the start, and for each layer entered later
    char* saved_facts             # of each level: facts as read before the next layer was entered
    int64_t facts_size            # bytes of a level
    int64_t* quantities           # scratch, for the parts of a promotion
    unsigned char* marked_labels  # scratch, for every label
    Cap* caps
    int32_t* cap_columns          # of each cap: its column,
    int64_t* amounts              # the most taken of that at the node at hand,
    int64_t* sure                 # and the least
    Claim* claims
    Frame* frames
    uint64_t* conflicts           # a row for each candidate: those not compatible with it
    uint64_t* open                # a row for each depth: candidates compatible with all that are granted
    uint64_t* chosen              # candidates granted
    uint64_t* best                # the best set found so far: the incumbent
    uint64_t* wanted              # scratch: the set to be tried
    uint64_t* attempted           # the set tried last
    uint64_t* reach               # of each candidate: the lines it reaches alone
    int64_t* saved                # of each candidate: what it saves in the best set tried
    int32_t moved                 # the candidate that the wanted set brings into the best set, or takes out
    int32_t* by_saving            # candidates, largest saving first
    uint64_t* cliques             # scratch: a row for each
    int64_t* multipliers          # Lagrangian multiplier of each column, 0 to SCALE
    int64_t* best_multipliers     # those with the smallest bound so far
    bint* has_multipliers         # of each level: whether they were searched for
    int64_t* demand               # of each column: what a relaxed solution takes of it, averaged over steps
    int64_t* cap_totals           # of each candidate: the sum of its caps at the node
    int64_t* tops                 # scratch, for every candidate
    int32_t* order                # candidates by clique
    int32_t* cover_order          # candidates, smallest saving alone first: the order in which cliques are formed
    uint64_t* cover_conflicts     # a row for each place in that order, over such places
    int64_t* weights              # of each candidate: bound of what it may still save by itself
    int64_t* all_weights          # such a row for each depth
    int64_t* all_reduced          # and one of reduced savings
    int64_t* constants            # of each depth: the constant term of its Lagrangian bound
    bint keeps_rows               # there is a row for each depth; else one for all
    bint revisited                # the node at hand was bounded before, and goes on without some candidates
    int64_t relaxation_gain       # how much multipliers lowered the bound when they were last used
    int64_t skipped_relaxations   # nodes at which they were not
    int64_t step_gain             # how much the last subgradient step lowered the bound
    int64_t skipped_steps         # nodes at which none was made
    int64_t* sums                 # scratch for every column, as are the next two
    int64_t* counts
    int64_t* taken_earlier        # of each column: the most taken by candidates before the one being appraised
    int64_t points_before         # the most points given by those of them that are of its layer
    int32_t points_layer          # which layer that is
    int64_t* losses               # of each candidate: what its weight lost when it was last appraised anew
    int64_t* rooms                # of each column, in minor units
    int64_t* unclaimed            # units of each line
    int64_t* least_rooms          # of each line: the smallest room of an unclaimed unit
    int64_t* most_rooms           # and the largest
    int64_t* takeable             # of each column: the most taken by the candidates looked at so far
    int32_t last_rehearsed        # candidates up to it update ``takeable`` as they are weighed, others when relaxed
    int32_t* columns              # scratch
    int32_t* layered              # promotions of the layered answer, rising
    int32_t layered_count         # 0 where a single layer is searched
    int32_t* granted              # promotions of the best set, rising
    int32_t granted_count
    int32_t room                  # for so many candidates
    # Families: sets by the claimers they have.
    Family* families
    int32_t* family_order         # the order in which they are walked
    int32_t family_count
    int32_t* claimers             # candidates that claim units of the layer at hand, by order of granting
    int32_t claimer_count
    Taken* taken_before           # a row of lines for each claimer: the most taken by non-claimers before its turn
    Stock* stocks                 # a row of lines for each claimer or scenario, and one more
    int32_t* claim_orders         # two rows for each claimer: its claims in pick order, and dearest first
    uint32_t* dependents          # of each claimer, as bits: claimers behind it that may claim the same units
    uint64_t* forced              # candidates that every set of the family has
    int64_t dominance_loss        # the most by which a set exceeds itself with more candidates; -1: unknown
    int64_t dropped_bound         # of the sets skipped because of that
    uint64_t* rehearsed           # claimers whose claims are rehearsed at nodes
    int32_t scenario_count        # rows of stocks in use
    Stock* stocks_before          # scratch for every claim of a candidate, as are the next two
    int64_t* most_in_turn
    int64_t* least_in_turn
    int64_t* in_turn              # of each line: the most that the candidate rehearsed last takes of it
    int64_t* sure_in_turn         # and the least, if it is granted
    Taken* by_nonclaimers         # of each column: the most taken by the non-claimers looked at so far
    int64_t* unclaimed_at_turn    # scratch for every line: units not claimed when a candidate has its turn
    int64_t* set_bases            # scratch for every line: sum of the bases of its units in a set
    int64_t* set_shares           # scratch for every line of a set: what it gives at least
    int64_t bound_of_all          # of all sets, as read before families are listed
    int64_t constant              # the constant term of the Lagrangian bounds of families
    int32_t cap_room              # of caps and claims each, for the candidates at hand
    int64_t caps_each             # columns of the cart times levels
    int32_t cap_used
    int32_t claim_used
    int32_t words                 # of a row of candidates
    int32_t count                 # of candidates
    int32_t depth                 # of frames
    int32_t level
    int32_t layer                 # at hand; -1: before the first
    Vector vector                 # of the candidates granted
    Vector best_vector            # of the incumbent
    # Result.
    int64_t nodes                 # counted for the quote
    int64_t visited               # nodes, and sets tried before
    int64_t work                  # spent so far, in the units of the costs above
    int64_t start_work            # work before the tree was begun
    int64_t allowance             # of work: beyond it all is read roughly
    int64_t unsearched            # bound of any set, when none were tried; -1: some were
    int64_t gap                   # the most that any set saves beyond the answer
    int64_t missed_bound          # of the sets not visited
    int64_t bound                 # of the node at hand, the smallest on the way down
    int64_t* reduced              # of each candidate: its part of the bound beyond the constant term
    int64_t* other_reduced        # scratch of the same kind
    int64_t violations            # audit: sets found that save more than a bound above them
    bint at_once                  # sets are tried with one savepoint, not one for each grant
    bint audited                  # every set is visited and held against the bounds above it
    bint closing                  # the walk at hand skips sets that are hardly better
    bint proven                   # no set was skipped that may be better
    bint optimal                  # the answer is proven to be the best set


cdef inline const uint64_t* conflicts_of(const Search* search, int32_t index) noexcept nogil:
    return &search.conflicts[<int64_t>index * search.words]


cdef inline uint64_t* reach_of(const Search* search, int32_t index, int32_t words) noexcept nogil:
    """The lines that a candidate reaches alone, of so many words."""
    return &search.reach[<int64_t>index * words]


cdef inline uint64_t* open_row(const Search* search) noexcept nogil:
    """The open candidates: those that may follow the set at hand."""
    return &search.open[<int64_t>search.depth * search.words]


cdef inline Claim* claims_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.claims[candidate.first_claim]


cdef inline Cap* caps_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.caps[candidate.first_cap]


cdef inline const int32_t* columns_of(const Search* search, const Candidate* candidate) noexcept nogil:
    """Of its caps, like the amounts below."""
    return &search.cap_columns[candidate.first_cap]


cdef inline int64_t* amounts_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.amounts[candidate.first_cap]


cdef inline int64_t* sure_of(const Search* search, const Candidate* candidate) noexcept nogil:
    return &search.sure[candidate.first_cap]


cdef inline int64_t* weights_of(const Search* search, int32_t depth) noexcept nogil:
    return &search.all_weights[row_of(search, depth)]


cdef inline int64_t* reduced_of(const Search* search, int32_t depth) noexcept nogil:
    return &search.all_reduced[row_of(search, depth)]


cdef inline int64_t row_of(const Search* search, int32_t depth) noexcept nogil:
    """Where the row of a depth begins."""
    return <int64_t>depth * search.count if search.keeps_rows else 0


cdef inline bint exceeds_allowance(const Search* search, int64_t more) noexcept nogil:
    """Whether so much more work is beyond the allowance."""
    return more > search.allowance - search.work


cdef inline int64_t pair_cost(int64_t others) noexcept nogil:
    """The work of holding a candidate against so many others."""
    return COST_PAIR * (others - FREE_PAIRS) if others > FREE_PAIRS else 0


cdef inline int64_t nodes_spent(const Search* search) noexcept nogil:
    """The nodes so far, counted or by their work, whichever is more."""
    return search.visited if search.visited > search.work // WORK_PER_NODE else search.work // WORK_PER_NODE
