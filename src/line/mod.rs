//! The line-mode front end: everything that prints without a screen.
