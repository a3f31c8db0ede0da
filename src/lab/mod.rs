//! The embedded lab: identity endpoint, Entra, App 2 and Azure Resource Manager on loopback.
