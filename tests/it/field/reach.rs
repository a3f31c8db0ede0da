//! Where a call ends before App 2: connections that are dropped, what doesn't speak TLS, and addresses of private
//! networks.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::time::Duration;

use easyauth_doctor::case::code::Code;
use easyauth_doctor::case::exchange::Purpose;
use easyauth_doctor::knowledge::Confidence;
use easyauth_doctor::report::Report;
use serde_json::Value;

use crate::helpers::network::NOBODY;
use crate::helpers::observing::{self, candidates, root, runtime};
use crate::helpers::server::{RESOURCE, Run, identity_for};

/// The first request of a report to App 2.
fn anonymous(report: &Value) -> &Value {
    report["exchanges"].as_array().unwrap().iter().find(|exchange| exchange["step"] == "protection").unwrap()
}

/// A firewall that drops packets is no server that accepts them: the kernel drops connections that its queue has no
/// room for.
#[cfg(target_os = "linux")]
#[test]
fn a_dropped_connection_is_not_said_to_be_accepted() {
    let runtime = runtime();
    let listener = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        socket.listen(0).unwrap()
    });
    // Those that the queue has room for are made, however late the kernel gets to it.
    let place = listener.local_addr().unwrap();
    let (mut held, mut dropped) = (Vec::new(), 0);
    while dropped < 2 {
        match TcpStream::connect_timeout(&place, Duration::from_millis(500)) {
            Ok(stream) => held.push(stream),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::TimedOut);
                dropped += 1;
            }
        }
    }
    let identity = identity_for(RESOURCE);
    let port = listener.local_addr().unwrap().port();
    let report = Run::of(&format!("http://localhost:{port}/"), &identity.url, NOBODY, &["--format", "json"]).report();
    drop((listener, held));
    assert_eq!(report["root_cause"]["code"], "target-unreachable", "{report:#}");
    assert_eq!(report["root_cause"]["confidence"], "likely");
    let exchange = anonymous(&report);
    assert_eq!(exchange["failure"]["kind"], "connect-timeout", "{exchange:#}");
    let address: IpAddr = exchange["address"].as_str().unwrap().parse().unwrap();
    assert!(address.is_loopback());
}

/// The port of a server that answers the first bytes of each connection with these, and closes it.
fn answering(says: &[u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let says = says.to_vec();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&says);
        }
    });
    port
}

/// An answer that isn't TLS says nothing of a certificate.
#[test]
fn what_does_not_speak_tls_has_no_untrusted_certificate() {
    let identity = identity_for(RESOURCE);
    // Plain HTTP, the alerts handshake_failure and unrecognized_name, and an end without a word.
    let plain = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
    for says in [plain.as_slice(), &[0x15, 3, 3, 0, 2, 2, 0x28], &[0x15, 3, 3, 0, 2, 2, 0x70], &[]] {
        let url = format!("https://127.0.0.1:{}/", answering(says));
        let report = Run::of(&url, &identity.url, NOBODY, &["--format", "json"]).report();
        assert_eq!(report["root_cause"]["code"], "target-unreachable", "{report:#}");
        assert_eq!(report["root_cause"]["confidence"], "likely");
        let kind = anonymous(&report)["failure"]["kind"].as_str().unwrap();
        assert!(["tls-failed", "connection-reset"].contains(&kind), "{kind}");
    }
}

/// The page of the front end means that the private endpoint was missed, unless the name led to a private address.
#[test]
fn a_private_address_does_not_miss_the_private_endpoint() {
    let observed = observing::of("private-endpoint-bypassed", true);
    let at = |address: &str| {
        let mut case = observed.report.observed().clone();
        let exchanges = case.exchanges.iter_mut();
        for exchange in exchanges.filter(|exchange| exchange.purpose == Purpose::CallAnonymous) {
            exchange.address = Some(address.parse().unwrap());
        }
        Report::of(case)
    };
    let codes = |report: &Report| -> BTreeSet<Code> {
        candidates(report).into_iter().chain(root(report).map(|(code, _)| code)).collect()
    };
    let missed = at("20.50.2.1");
    assert_eq!(root(&missed), Some((Code::PrivateEndpointBypassed, Confidence::Certain)));
    for private in ["10.1.2.4", "172.20.0.9", "192.168.4.4", "100.64.0.5", "fd00::4"] {
        let report = at(private);
        assert!(!codes(&report).contains(&Code::PrivateEndpointBypassed), "{private}: {:?}", codes(&report));
        assert!(root(&report).is_none_or(|(_, confidence)| confidence == Confidence::Possible), "{private}");
    }
}
