//! Servers of a test's own making, for what no lab does, and checks with them in the parts of App 2, identity endpoint
//! and Entra.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::program::{Program, doctor, doctor_after};

pub const IDENTITY_HEADER: &str = "the-identity-header-0123456789abcdef";
pub const RESOURCE: &str = "api://0f8fad5b-d9cb-469f-a165-70867728950e";

/// A server that plays one part with every connection, and keeps what arrived.
pub struct Server {
    pub url: String,
    received: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that does this once the head of a request has arrived.
    pub fn play(part: impl Fn(&mut TcpStream, &str) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (part, kept) = (Arc::new(part), Arc::clone(&received));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (part, kept) = (Arc::clone(&part), Arc::clone(&kept));
                thread::spawn(move || {
                    let Ok(mut stream) = stream else { return };
                    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                    let mut head = Vec::new();
                    let mut byte = [0];
                    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                        head.push(byte[0]);
                    }
                    let head = String::from_utf8_lossy(&head).into_owned();
                    kept.lock().unwrap().push(head.clone());
                    part(&mut stream, &head);
                });
            }
        });
        Self { url, received }
    }

    /// A server that answers and closes.
    pub fn answers(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::play(move |stream, head| {
            let _ = stream.write_all(answer(head).as_bytes());
        })
    }

    /// The heads that arrived.
    pub fn received(&self) -> Vec<String> {
        self.received.lock().unwrap().clone()
    }

    /// The audiences of the tokens that arrived.
    pub fn audiences(&self) -> Vec<String> {
        self.received()
            .iter()
            .filter_map(|head| {
                let line = head.lines().find(|line| line.to_lowercase().starts_with("authorization:"))?;
                let claims = URL_SAFE_NO_PAD.decode(line.split('.').nth(1)?).ok()?;
                let claims: Value = serde_json::from_slice(&claims).ok()?;
                Some(claims["aud"].as_str()?.to_owned())
            })
            .collect()
    }
}

/// An HTTP answer that ends its connection.
pub fn http(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}", body.len())
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A fresh token with this audience; its signature is no secret, but is looked for like one.
pub fn token_for(audience: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    format!(
        "{}.{}.{}",
        encoded(&json!({"typ": "JWT", "alg": "RS256", "kid": "k"})),
        encoded(&json!({
            "aud": audience, "iss": "https://sts.windows.net/11111111-2222-4333-8444-555555555555/",
            "appid": "c0000000-0000-4000-8000-000000000001", "oid": "d0000000-0000-4000-8000-000000000001",
            "tid": "11111111-2222-4333-8444-555555555555", "ver": "1.0",
            "iat": now - 60, "nbf": now - 60, "exp": now + 3600,
        })),
        URL_SAFE_NO_PAD.encode([7_u8; 256])
    )
}

/// An identity endpoint of App Service that gives tokens for one audience, whatever is asked for.
pub fn identity_for(audience: &'static str) -> Server {
    Server::answers(move |_| {
        let body = json!({"access_token": token_for(audience), "expires_on": "1999999999", "resource": audience,
            "token_type": "Bearer"});
        http("200 OK", "content-type: application/json\r\n", &body.to_string())
    })
}

/// What came of a check, and how long it took.
pub struct Run {
    pub output: Output,
    pub took: Duration,
}

impl Run {
    /// A check with these servers in the parts of App 2, identity endpoint and Entra; Azure Resource Manager and Graph
    /// refuse every connection.
    pub fn of(target: &str, identity: &str, authority: &str, more: &[&str]) -> Self {
        Self::within("1", target, identity, authority, more)
    }

    /// The same with another deadline, in seconds.
    pub fn within(timeout: &str, target: &str, identity: &str, authority: &str, more: &[&str]) -> Self {
        let more: Vec<&str> = ["--timeout", timeout, "--resource", RESOURCE].iter().chain(more).copied().collect();
        Self::asking(target, identity, authority, &more)
    }

    /// A check with these options, and no resource unless they give one.
    pub fn asking(target: &str, identity: &str, authority: &str, more: &[&str]) -> Self {
        let mut doctor = doctor(&["check", "--target", target, "--authority", authority]);
        Self::made_by(doctor.args(more), identity)
    }

    /// The same as [`Self::of`], ended by the system once it has had this many seconds of processor time.
    pub fn with_processor_time(seconds: u8, target: &str, identity: &str, authority: &str) -> Self {
        let words = format!("set -e; ulimit -t {seconds}");
        let fixed = ["check", "--timeout", "1", "--resource", RESOURCE];
        let arguments = [&fixed[..], &["--target", target, "--authority", authority]].concat();
        Self::made_by(&mut doctor_after(&words, &arguments), identity)
    }

    fn made_by(doctor: &mut Program, identity: &str) -> Self {
        let begun = Instant::now();
        let output = doctor
            .env("IDENTITY_ENDPOINT", format!("{identity}/msi/token"))
            .env("IDENTITY_HEADER", IDENTITY_HEADER)
            .output()
            .unwrap();
        Self { output, took: begun.elapsed() }
    }

    /// Everything that was printed; no token, no secret and no control character is in it.
    pub fn text(&self) -> String {
        let text = String::from_utf8([self.output.stdout.as_slice(), &self.output.stderr].concat()).unwrap();
        assert!(
            !text.chars().any(|character| character.is_control() && character != '\n'),
            "a control character came through: {text:?}"
        );
        assert!(!text.contains(IDENTITY_HEADER), "the identity header came through");
        for part in [URL_SAFE_NO_PAD.encode([7_u8; 256]), "eyJ0eXAi".to_owned()] {
            assert!(!text.contains(&part), "a token came through: {text}");
        }
        text
    }

    /// The JSON report.
    pub fn report(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}
