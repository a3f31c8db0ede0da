//! A plain HTTP/1.1 client of the tests' own: what it sends and reads is exactly what is written here.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use easyauth_doctor::lab::{Lab, scenario};

use super::{network, observing};

/// An answer, taken apart.
pub struct Answer {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Sends one request and reads to the end of the connection.
pub async fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    network::guard_url(url);
    let url = url::Url::parse(url).unwrap();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut request = format!("{method} {}{query} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n", url.path());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    parse(&String::from_utf8(bytes).unwrap())
}

fn parse(text: &str) -> Answer {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let mut status = lines.next().unwrap().splitn(3, ' ').skip(1);
    Answer {
        status: status.next().unwrap().parse().unwrap(),
        reason: status.next().unwrap_or_default().to_owned(),
        headers: lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

pub async fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    send("GET", url, headers, "").await
}

/// GET with a bearer token.
pub async fn call(url: &str, token: &str) -> Answer {
    get(url, &[("authorization", &format!("Bearer {token}"))]).await
}

/// Starts a scenario's lab.
pub async fn start(name: &str) -> Lab {
    observing::start(&scenario::find(name).unwrap(), true).await
}

/// A variable of App 1.
pub fn variable(lab: &Lab, name: &str) -> String {
    let found = lab.variables().into_iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("{name} is not set")).1
}

/// What App Service's identity endpoint answers for a resource.
pub async fn identity(lab: &Lab, resource: &str) -> Answer {
    let endpoint = variable(lab, "IDENTITY_ENDPOINT");
    let resource: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
    let url = format!("{endpoint}?resource={resource}&api-version=2019-08-01");
    get(&url, &[("x-identity-header", &variable(lab, "IDENTITY_HEADER"))]).await
}

/// App 1's token for a resource.
pub async fn token(lab: &Lab, resource: &str) -> String {
    let answer = identity(lab, resource).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// The claims of a token.
pub fn claims(token: &str) -> Value {
    use base64::Engine;
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
