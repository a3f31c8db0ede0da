//! The interactive screen.
