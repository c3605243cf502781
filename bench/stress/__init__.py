"""Shoppers redeem what is nearly used up while processes are killed; afterwards every unit and every cent is counted.

Clients are threads in several processes, services are separate processes, and all share one Redis. Each of these is
killed by SIGKILL at random and started again. A client writes down each answer before it goes on. In the end, nothing
may exceed a limit, nothing acknowledged may be lost, nothing may be counted without a receipt, and every reservation
must have ended.

    python -m bench.stress [--seconds N] [--clients N] [--seed N]
"""
