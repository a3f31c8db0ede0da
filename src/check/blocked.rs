//! A request that a gateway in front of App 2, or a proxy on App 1's side, lets no further, in step 2 or step 8.

use crate::check::prelude::*;

pub(super) fn by_gateway(gateway: Gateway, status: u16) -> Found {
    let key = match gateway.says {
        Some(GatewaySays::Challenge) => "challenge",
        _ if gateway.is_proxy => "proxy",
        _ => "gateway",
    };
    Found::of(Code::NetworkAccessRestricted, key)
        .value("gateway", gateway.name)
        .value_if_any("proxy", gateway.is_proxy.then_some(gateway.name))
        .value("status", status)
}
