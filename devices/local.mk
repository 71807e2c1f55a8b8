# A line for each chip, so that changes to this list do not collide.
