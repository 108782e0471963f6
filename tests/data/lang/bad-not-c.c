This is not a spec at all.
