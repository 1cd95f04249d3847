"""Engines that hold copies of a library's vectors outside of its folder, one adapter each."""
