from enum import IntEnum

Outcome: type[IntEnum]
