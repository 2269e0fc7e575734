"""What is counted of traffic, as values that both sides share: figures that add up, over any time and any workers."""

PROBE = "x-modelctl-probe"  # the header by which modelctl's own requests say that they are no traffic
