//! Who is at the other end of a connection: by address, or by what a trusted proxy says of it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use actix_web::http::header::HeaderMap;
use ipnet::IpNet;

/// Where a proxy writes whom it speaks for; each appends to what came.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// A peer, as far as one is told from another: an IPv4 address, or a network of IPv6 addresses. Whoever has one of these
/// has a /64 of them (RFC 6177), and may come from another one each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peer(IpAddr);

impl Peer {
    /// The peer of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => Peer(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into()),
            v4 => Peer(v4),
        }
    }
}

/// Proxies that are trusted to say whom they speak for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<IpNet>);

impl FromStr for Proxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let network = |part: &str| {
            let network = part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("{part} is neither an address nor a network such as 10.0.0.0/8"))
        };
        parts.map(network).collect::<Result<_, _>>().map(Proxies)
    }
}

impl Proxies {
    /// Whether what comes from this address is trusted.
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who sent a request: whoever is connected, or, if that is a trusted proxy, the last one in `X-Forwarded-For` that
    /// is none. What stands before that one anybody can have written.
    pub fn sender(&self, connected: IpAddr, headers: &HeaderMap) -> Peer {
        let mut sender = connected;
        if self.trust(connected) {
            let values: Vec<_> = headers.get_all(FORWARDED_FOR).filter_map(|value| value.to_str().ok()).collect();
            for named in values.iter().flat_map(|value| value.split(',')).rev() {
                let Some(address) = address(named.trim()) else { break };
                sender = address;
                if !self.trust(address) {
                    break;
                }
            }
        }
        Peer::of(sender)
    }
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let bare = bracketed.unwrap_or(text).parse().ok();
    bare.or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn who_sent_a_request_is_who_the_last_trusted_proxy_names() {
        let proxies: Proxies = "10.0.0.0/8, ::1".parse().unwrap();
        for (connected, forwarded, sender) in [
            ("192.0.2.1", vec![], "192.0.2.1"),
            // Nobody else is believed.
            ("192.0.2.1", vec!["198.51.100.9"], "192.0.2.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["198.51.100.9"], "198.51.100.9"),
            ("::1", vec!["198.51.100.9:50000"], "198.51.100.9"),
            ("::ffff:10.0.0.1", vec!["[2001:db8::1]:443"], "2001:db8::"),
            ("10.0.0.1", vec!["2001:db8::1:2:3:4"], "2001:db8::"),
            // What the sender wrote itself stands before what the proxies wrote.
            ("10.0.0.1", vec!["203.0.113.7, 198.51.100.9"], "198.51.100.9"),
            ("10.0.0.1", vec!["203.0.113.7", "198.51.100.9, 10.2.3.4"], "198.51.100.9"),
            ("10.0.0.1", vec!["198.51.100.9, unknown, 10.2.3.4"], "10.2.3.4"),
            ("10.0.0.1", vec!["unknown"], "10.0.0.1"),
            ("10.0.0.1", vec!["10.2.3.4"], "10.2.3.4"),
        ] {
            let mut headers = HeaderMap::new();
            for value in &forwarded {
                headers.append(HeaderName::from_static(FORWARDED_FOR), HeaderValue::from_static(value));
            }
            let found = proxies.sender(connected.parse().unwrap(), &headers);
            assert_eq!(found, Peer(sender.parse().unwrap()), "{connected} {forwarded:?}");
        }
        assert!("10.0.0.0/33".parse::<Proxies>().is_err() && "proxy.example".parse::<Proxies>().is_err());
    }
}
