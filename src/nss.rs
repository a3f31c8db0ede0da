//! The one file with unsafe code: it keeps the static build from loading foreign libraries.
//!
//! glibc 2.34 and later has the `files` and `dns` services of its name lookups built in, also in a static program. Any
//! other service that the container's `nsswitch.conf` names (`myhostname`, `mdns4_minimal`, `resolve`, `systemd`,
//! `sss`) is loaded from the container's libraries, which were built for another glibc: the program then crashes in its
//! first name lookup (rust-lang/rust issues 100711 and 115723). Naming the services before the first lookup prevents
//! that.

/// Names the services of every lookup. To be called first in `main`, before there is another thread.
#[cfg(all(target_os = "linux", target_env = "gnu", target_feature = "crt-static"))]
#[allow(unsafe_code)]
pub fn pin() {
    use std::ffi::{c_char, c_int};
    unsafe extern "C" {
        /// glibc's own function behind `getent -s`; `nss.h`.
        fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
    }
    for (database, services) in [
        (c"hosts", c"files dns"),
        (c"passwd", c"files"),
        (c"group", c"files"),
        (c"services", c"files"),
        (c"networks", c"files"),
        (c"protocols", c"files"),
    ] {
        // SAFETY: both are constant texts that end in a NUL byte, glibc copies what it keeps, and no other thread
        // exists yet that could look something up. A failure leaves the lookup as it was.
        unsafe {
            __nss_configure_lookup(database.as_ptr(), services.as_ptr());
        }
    }
}

/// Nothing to do: a dynamic program loads libraries of its own glibc, and other systems have none of this.
#[cfg(not(all(target_os = "linux", target_env = "gnu", target_feature = "crt-static")))]
pub const fn pin() {}
