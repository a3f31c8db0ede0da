//! Every argument and variable, with clap.
