//! Access restrictions, judged for one address: rules in the order of their priority, of which the first that matches
//! decides. "Azure App Service access restrictions" (Microsoft Learn): with any rule, what none matches is denied,
//! unless the action for unmatched requests says otherwise.

use std::net::IpAddr;

use super::network::address_of;

/// The rules of more than this many aren't all kept.
pub(super) const MOST: usize = 200;
/// The priority of the rule that a fix adds, unless another one must come after it.
pub const USUAL: i64 = 200;
/// The priority of the rule for unmatched requests, as Azure Resource Manager shows it.
const LAST: i64 = i32::MAX as i64;

/// What the restrictions that were read say of an address that was rejected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The value of a finding that says so: `access`, `denied_by`, `may_deny`, `unmatched`, or `allowed_by`.
    pub fact: &'static str,
    /// The rule, or what public network access is.
    pub rule: String,
    /// The priority of a rule that would allow the address; none where no further rule changes anything.
    pub priority: Option<i64>,
}

/// A rule as the site keeps it: a line of priority, action, address, headers, and name.
struct Rule<'a> {
    line: &'a str,
    priority: i64,
    allows: bool,
    matches: Option<bool>,
}

impl<'a> Rule<'a> {
    fn of(line: &'a str, address: IpAddr) -> Option<Self> {
        let mut words = line.split(' ').peekable();
        let priority = words.next_if(|word| word.parse::<i64>().is_ok());
        let action = words.next()?;
        let range = words.next().filter(|range| !range.starts_with('('))?;
        // What follows the address and isn't the name in brackets is a header that the request must have.
        let has_headers = words.peek().is_some_and(|next| !next.starts_with('('));
        let ranges: Option<Vec<bool>> = range.split(',').map(|range| covers(range, address)).collect();
        let matches = match ranges.map(|ranges| ranges.contains(&true)) {
            Some(true) if has_headers => None,
            known => known,
        };
        let priority = priority.and_then(|priority| priority.parse().ok()).unwrap_or(LAST);
        Some(Self { line, priority, allows: action.eq_ignore_ascii_case("Allow"), matches })
    }
}

/// Whether a range has an address; `None` of a service tag and of a subnet.
fn covers(range: &str, address: IpAddr) -> Option<bool> {
    if range.eq_ignore_ascii_case("Any") {
        return Some(true);
    }
    let (network, length) = range.split_once('/').unwrap_or((range, ""));
    let network: IpAddr = network.parse().ok()?;
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let ((network_bits, most), (address_bits, _)) = (bits(network), bits(address));
    let length: u32 = if length.is_empty() { most } else { length.parse().ok().filter(|length| *length <= most)? };
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0);
    Some(network.is_ipv4() == address.is_ipv4() && network_bits & mask == address_bits & mask)
}

/// Judges the rules for an address that was rejected; `None` where they or the address aren't known. A rule for
/// a service tag, a subnet, or a header that allows didn't match, for else the request would have been accepted.
pub(super) fn judge(lines: &[String], default: Option<&str>, address: &str) -> Option<Ruling> {
    let address = address_of(address)?;
    if lines.len() >= MOST || lines.is_empty() && default.is_none() {
        return None;
    }
    let rules: Option<Vec<Rule<'_>>> = lines.iter().map(|line| Rule::of(line, address)).collect();
    let mut rules = rules?;
    crate::sort::by_key(&mut rules, |rule| rule.priority);
    // A rule that allows comes before the first one that denies, or may do so.
    let denies = |rule: &&Rule<'_>| !rule.allows && rule.matches != Some(false) && rule.priority < LAST;
    let first = rules.iter().find(denies);
    let before = first.map_or(USUAL, |rule| rule.priority.saturating_sub(1).min(USUAL));
    let priority = Some(before).filter(|priority| *priority > 0);
    let ruling = |fact, rule: &str, priority| Some(Ruling { fact, rule: rule.to_owned(), priority });
    let decides = rules.iter().find(|rule| rule.matches == Some(true));
    let may_deny = first.filter(|rule| rule.matches.is_none() && decides.is_none_or(|it| rule.priority <= it.priority));
    match (may_deny, decides) {
        (Some(rule), _) => ruling("may_deny", rule.line, priority),
        (None, Some(rule)) if rule.allows => ruling("allowed_by", rule.line, None),
        (None, Some(rule)) if rule.priority < LAST => ruling("denied_by", rule.line, priority),
        (None, None) if default.is_some_and(|action| action.eq_ignore_ascii_case("Allow")) => {
            ruling("allowed_by", "Allow", None)
        }
        (None, _) => ruling("unmatched", "Deny", priority),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_matches_decides() {
        let judged = |lines: &[&str], default: Option<&str>, address: &str| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            judge(&lines, default, address).map(|it| (it.fact, it.rule, it.priority))
        };
        const DENY_ALL: &str = "2147483647 Deny Any (Deny all)";
        let told = |fact, rule: &str, priority| Some((fact, rule.to_owned(), priority));
        for (lines, default, expected) in [
            (&["100 Allow 10.0.0.0/8 (a)", DENY_ALL][..], Some("Deny"), told("unmatched", "Deny", Some(200))),
            (&["100 Allow 10.0.0.0/8 (a)"], None, told("unmatched", "Deny", Some(200))),
            (&["300 Deny 20.1.0.0/16 (b)"], Some("Allow"), told("denied_by", "300 Deny 20.1.0.0/16 (b)", Some(200))),
            (&["100 Allow 20.1.2.3/32 (a)", "10 Deny 20.1.2.3 (b)"], None, {
                told("denied_by", "10 Deny 20.1.2.3 (b)", Some(9))
            }),
            (&["1 Deny Any (b)"], None, told("denied_by", "1 Deny Any (b)", None)),
            (&["100 Allow 9.9.9.9/32,20.1.2.0/24 (a)", DENY_ALL], None, {
                told("allowed_by", "100 Allow 9.9.9.9/32,20.1.2.0/24 (a)", None)
            }),
            (&[], Some("Allow"), told("allowed_by", "Allow", None)),
            (&["2147483647 Allow Any (Allow all)"], None, {
                told("allowed_by", "2147483647 Allow Any (Allow all)", None)
            }),
            // The request was rejected, so what may have allowed it didn't.
            (&["100 Allow AzureCloud (t)", DENY_ALL], None, told("unmatched", "Deny", Some(200))),
            (&["100 Allow 20.1.2.3/32 X-Azure-FDID: x (h)"], None, told("unmatched", "Deny", Some(200))),
            (&["50 Deny AzureCloud (t)", "60 Deny Any"], None, told("may_deny", "50 Deny AzureCloud (t)", Some(49))),
            (&["90 Deny /subscriptions/s/x (t)", "60 Deny Any"], None, told("denied_by", "60 Deny Any", Some(59))),
            (&["Deny 20.1.2.3/33"], None, told("unmatched", "Deny", Some(200))),
            (&["Deny"], None, None),
            (&[], None, None),
        ] {
            assert_eq!(judged(lines, default, "20.1.2.3:4455"), expected, "{lines:?}");
        }
        let subnet = ["100 Deny fd40::/16 (v)", "200 Allow 0.0.0.0/0 (a)"];
        assert_eq!(judged(&subnet, None, "[fd40::4]:1").map(|it| it.0), Some("denied_by"));
        assert_eq!(judged(&subnet, None, "20.1.2.3").map(|it| it.0), Some("allowed_by"));
        assert_eq!(judged(&subnet, None, "somewhere"), None);
    }
}
