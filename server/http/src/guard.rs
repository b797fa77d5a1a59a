//! Who may come in.

use std::net::SocketAddr;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use postigo_api::{Code, Error};

use crate::{Token, reply, router::App};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is needed to judge a request.
pub(crate) struct Doors {
    address: SocketAddr,
    token: Token,
}

impl Doors {
    pub(crate) fn new(address: SocketAddr, token: Token) -> Self {
        Self { address, token }
    }

    pub(crate) fn is_token(&self, candidate: &str) -> bool {
        self.token.is(candidate)
    }

    /// Signs a browser in until it is closed. Cookies are shared by all ports of a host (RFC 6265 §8.5), so the name has
    /// the port: two servers on one machine do not sign each other out.
    pub(crate) fn cookie(&self) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie_name(), self.token.reveal())
    }

    fn cookie_name(&self) -> String {
        format!("postigo-{}", self.address.port())
    }

    /// Whether a Host field names us by an address, or by the one name that no foreign DNS server answers for.
    fn is_own_host(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        if host.contains('@') || authority.port_u16().unwrap_or(80) != self.address.port() {
            return false;
        }
        let name = authority.host();
        if name.eq_ignore_ascii_case("localhost") {
            return true;
        }
        let Ok(ip) = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>() else {
            return false;
        };
        ip == self.address.ip() || ip.is_loopback() || self.address.ip().is_unspecified()
    }

    fn bearer_fits(&self, headers: &HeaderMap) -> bool {
        // RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1).
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        value.and_then(|value| value.split_once(' ')).is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && self.token.is(token.trim())
        })
    }

    fn cookie_fits(&self, headers: &HeaderMap) -> bool {
        let name = self.cookie_name();
        headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(key, value)| key == name && self.token.is(value))
    }
}

/// Refuses requests that were meant for another host. A name of a stranger's domain may resolve to our address, and then
/// the browser takes that page and this server for one origin.
pub(crate) async fn own_host(State(app): State<App>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    if host.is_some_and(|host| app.doors.is_own_host(host)) {
        return next.run(request).await;
    }
    let text = "This server answers only under its address, such as http://127.0.0.1 with its port.\n";
    (StatusCode::MISDIRECTED_REQUEST, text).into_response()
}

/// Refuses requests without the token, and those that a page of another origin sent.
pub(crate) async fn authorized(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if is_foreign(headers) {
        let mut response = reply::error(&Error::new(Code::Unauthorized, "Another site sent this request"));
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    // A browser always names the origin of a POST. One that is signed in by a cookie and does not is no browser of ours.
    let by_cookie = app.doors.cookie_fits(headers)
        && (request.method() != Method::POST || headers.contains_key(header::ORIGIN));
    if by_cookie || app.doors.bearer_fits(headers) {
        return next.run(request).await;
    }
    let mut response = reply::error(&Error::new(Code::Unauthorized, "The token is missing or wrong"));
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// Whether the browser says that a page of another origin is behind the request.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let own_origin = format!("http://{}", text(&header::HOST).unwrap_or_default());
    text(&header::ORIGIN).is_some_and(|origin| !origin.eq_ignore_ascii_case(&own_origin))
        // `none`: the user typed the address.
        || text(&SEC_FETCH_SITE).is_some_and(|site| site != "same-origin" && site != "none")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(address: &str) -> impl Fn(&str) -> bool {
        let doors = Doors::new(address.parse().unwrap(), Token::generate().unwrap());
        move |host| doors.is_own_host(host)
    }

    #[test]
    fn only_our_own_names_are_answered() {
        let own = hosts("127.0.0.1:41500");
        for host in ["127.0.0.1:41500", "localhost:41500", "LOCALHOST:41500", "[::1]:41500"] {
            assert!(own(host), "{host}");
        }
        for host in [
            "evil.test:41500",
            "127.0.0.1.evil.test:41500",
            "localhost.evil.test:41500",
            "127.0.0.1",
            "127.0.0.1:41501",
            "10.0.0.1:41500",
            "localhost@evil.test:41500",
            "evil.test@localhost:41500",
            "",
        ] {
            assert!(!own(host), "{host}");
        }
    }

    #[test]
    fn on_all_addresses_any_address_is_ours_and_no_name_is() {
        let own = hosts("0.0.0.0:80");
        assert!(own("192.0.2.7") && own("192.0.2.7:80") && own("[2001:db8::1]:80"));
        assert!(!own("evil.test") && !own("192.0.2.7:8080"));
    }

    #[test]
    fn a_cookie_counts_only_under_the_name_with_our_port() {
        let token = Token::generate().unwrap();
        let doors = Doors::new("127.0.0.1:41500".parse().unwrap(), token.clone());
        let fits = |cookie: String| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            doors.cookie_fits(&headers)
        };
        assert!(fits(format!("theme=dark; postigo-41500={}", token.reveal())));
        assert!(!fits(format!("postigo-41501={}", token.reveal())));
        assert!(!fits("postigo-41500=".to_owned()));
    }
}
