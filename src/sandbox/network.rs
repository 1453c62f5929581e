//! Addresses and kernel names of the sandbox: pure arithmetic on what `ip route` printed and what is taken already.

use std::net::Ipv4Addr;

use anyhow::{Result, bail};

/// A private /24 network: the controller is its first address, hosts are the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subnet(u8);

/// A host's place in the subnet; also what its kernel objects are numbered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(super) struct Index(u8);

const FIRST_HOST: u8 = 2;
const LAST_HOST: u8 = 254;

impl Subnet {
    /// The first candidate, from `preferred` on, that no route leads to.
    /// `routes` is the output of `ip -4 route show table all`.
    pub(super) fn choose(preferred: u8, routes: &str) -> Result<Self> {
        let taken = parse_routes(routes);
        let mut candidates = (0..=u8::MAX).map(|step| Self(preferred.wrapping_add(step)));
        let Some(free) = candidates.find(|subnet| !subnet.overlaps(&taken)) else {
            bail!("every network of 10.213.0.0/16 has a route on this machine; remove the route that covers them all");
        };
        Ok(free)
    }

    /// Whether a route on this machine leads into it.
    pub(super) fn collides(self, routes: &str) -> bool {
        self.overlaps(&parse_routes(routes))
    }

    fn overlaps(self, routes: &[(Ipv4Addr, u8)]) -> bool {
        routes.iter().any(|(address, length)| {
            let mask = u32::MAX.checked_shl(32 - u32::from((*length).min(24))).unwrap_or(0);
            (address.to_bits() ^ self.address(0).to_bits()) & mask == 0
        })
    }

    fn address(self, last: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.0, last)
    }

    /// The controller's address, which hosts reach it by.
    pub(super) fn controller(self) -> Ipv4Addr {
        self.address(1)
    }

    pub(super) fn host(self, index: Index) -> Ipv4Addr {
        self.address(index.0)
    }

    /// As it is kept in the state directory.
    pub(super) fn to_text(self) -> String {
        format!("{}\n", self.address(0))
    }

    pub(super) fn from_text(text: &str) -> Option<Self> {
        let octets = text.trim().parse::<Ipv4Addr>().ok()?.octets();
        (octets[..2] == [10, 213]).then_some(Self(octets[2]))
    }
}

impl Index {
    /// The lowest index that is not taken.
    pub(super) fn lowest_free(taken: &[Self]) -> Option<Self> {
        (FIRST_HOST..=LAST_HOST).map(Self).find(|index| !taken.contains(index))
    }
}

/// Destinations with their prefix lengths; the default route is left out, since it leads everywhere.
fn parse_routes(routes: &str) -> Vec<(Ipv4Addr, u8)> {
    let parse = |line: &str| {
        // A line may begin with a type, as in `local 127.0.0.1 dev lo` or `blackhole 10.0.0.0/8`.
        let destination = line.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
        let (address, length) = destination.split_once('/').unwrap_or((destination, "32"));
        Some((address.parse().ok()?, length.parse().ok()?))
    };
    routes.lines().filter(|line| !line.starts_with("default")).filter_map(parse).collect()
}

/// What the kernel calls the parts of one host. `key` tells sandboxes with other state directories apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KernelNames {
    pub(super) bridge: String,
    pub(super) netns: String,
    pub(super) veth: String,
    pub(super) group: String,
    pub(super) machine: String,
    pub(super) mac: String,
}

impl KernelNames {
    /// `key` is six hexadecimal digits: an interface name holds fifteen characters.
    pub(super) fn new(key: &str, Index(index): Index) -> Self {
        Self {
            bridge: format!("pvs{key}"),
            netns: format!("provision-sandbox-{key}-{index}"),
            veth: format!("pvs{key}-{index}"),
            group: format!("provision-sandbox-{key}-{index}"),
            machine: format!("provision-{key}-{index}"),
            // A locally administered unicast address.
            mac: format!("02:{}:{}:{}:00:{index:02x}", &key[..2], &key[2..4], &key[4..6]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(preferred: u8, routes: &str, expected: &str) {
        assert_eq!(Subnet::choose(preferred, routes).unwrap().to_text().trim(), expected, "{routes}");
    }

    #[test]
    fn a_subnet_keeps_out_of_the_way_of_routes() {
        check(7, "", "10.213.7.0");
        check(7, "default via 192.0.2.1 dev eth0\n192.0.2.0/24 dev eth0 proto kernel", "10.213.7.0");
        check(7, "10.213.7.0/24 dev br0", "10.213.8.0");
        check(7, "local 10.213.7.9 dev lo table local\nblackhole 10.213.8.0/22", "10.213.12.0");
        check(255, "10.213.255.128/25 dev tun0", "10.213.0.0");
    }

    #[test]
    fn a_route_that_covers_every_candidate_is_an_error() {
        let error = Subnet::choose(0, "10.0.0.0/8 dev vpn0").unwrap_err().to_string();
        assert!(error.contains("10.213.0.0/16"), "{error}");
    }

    #[test]
    fn a_subnet_survives_being_stored() {
        let subnet = Subnet::choose(42, "").unwrap();
        assert_eq!(Subnet::from_text(&subnet.to_text()), Some(subnet));
        assert_eq!(Subnet::from_text("192.168.0.0"), None);
        assert_eq!(Subnet::from_text(""), None);
    }

    #[test]
    fn hosts_fill_gaps_and_never_take_the_controller_or_broadcast_address() {
        let mut taken = Vec::new();
        while let Some(index) = Index::lowest_free(&taken) {
            taken.push(index);
        }
        assert_eq!((taken.first(), taken.last(), taken.len()), (Some(&Index(2)), Some(&Index(254)), 253));
        taken.remove(3);
        assert_eq!(Index::lowest_free(&taken), Some(Index(5)));
    }

    #[test]
    fn interface_names_fit_the_kernel() {
        let names = KernelNames::new("c0ffee", Index(254));
        assert_eq!((names.bridge.as_str(), names.veth.as_str()), ("pvsc0ffee", "pvsc0ffee-254"));
        assert!(names.veth.len() <= 15);
        assert_eq!(names.mac, "02:c0:ff:ee:00:fe");
    }
}
