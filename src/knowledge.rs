//! Typed access to the embedded knowledge base, `assets/knowledge/`.
