"""Shoppers redeem what is nearly used up while processes are killed; afterwards every unit and every cent is counted.

Clients are threads of several processes, services are processes of their own, all over one Redis; each of these is
killed by SIGKILL at random and started again. What a client was told it writes down before it goes on. In the end
nothing may be beyond a limit, nothing that was acknowledged lost, nothing counted that no receipt has, and every
reservation must have ended.

    python -m bench.stress [--seconds N] [--clients N] [--seed N]
"""
