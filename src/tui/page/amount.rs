//! Amounts of time, in few cells.

use chrono::Duration;

/// An amount of time in at most five or six cells.
#[must_use]
pub fn time(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..10_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        10_000..120_000 => format!("{} s", milliseconds / 1_000),
        _ => format!("{} min", milliseconds / 60_000),
    }
}

/// An amount of bytes.
#[must_use]
pub fn size(bytes: usize) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// The time that is left, in whole seconds or minutes.
#[must_use]
pub fn until(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        _ => format!("{} min", seconds.div_ceil(60)),
    }
}

/// The time that passed; nothing negative.
#[must_use]
pub fn passed(time: Duration) -> u64 {
    u64::try_from(time.num_milliseconds()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_has_its_own_unit() {
        assert_eq!([0, 1, 2, 999, 1_200].map(time), ["0 ms", "1 ms", "2 ms", "999 ms", "1.2 s"]);
        assert_eq!([0, 1, 2, 1_200].map(size), ["0 bytes", "1 byte", "2 bytes", "1.2 kB"]);
    }
}
