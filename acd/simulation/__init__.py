"""Days that did not happen, through the distributor that is: simulation and what-if replay."""
