"""The web service under load, and under attack, on this machine's loopback.

`throughput` compares it with the Python API on the same encoded pictures, in turns of a few seconds, since a machine is
never the same for minutes: the share is the median of those of the turns. Server, clients and the Python API are
processes of their own. The clients speak HTTP by hand to be light; what they take from the two cores is counted and
shown, and is part of what the service pays.

`hostile` sends what no program would send on purpose, and watches whether everybody else is still served. The attackers
get the cores last: elsewhere they would have their own. For how long the service, and whoever asks for its health, were
ready and had no core, the kernel counts; the times are told with that and without it.
"""
