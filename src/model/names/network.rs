//! Networks in CIDR notation.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::NameError;

/// A network, such as `10.0.0.0/8` or `2001:db8::/32`; one address is a network of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    /// Leading bits that its addresses share.
    prefix: u8,
}

impl FromStr for Network {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let wrong = || {
            NameError::new(format!("`{text}` is not a network"), "write an address and a prefix, such as `10.0.0.0/8`")
        };
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if !digits.starts_with('+') => digits.parse().map_err(|_| wrong())?,
            Some(_) => return Err(wrong()),
            None => longest,
        };
        if prefix > longest {
            return Err(wrong());
        }
        let network = first_of(address, prefix);
        if network != address {
            return Err(NameError::new(
                format!("`{text}` is an address inside a network"),
                format!("write the network, `{network}/{prefix}`, or the address alone, `{address}`"),
            ));
        }
        if prefix == 0 {
            return Err(NameError::new(
                format!("`{text}` is the whole Internet, and everybody could claim any address"),
                "write the networks of the proxies alone",
            ));
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// The address whose bits after the prefix are all zero.
fn first_of(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let shown = text.parse::<Network>().map(|network| network.to_string()).map_err(|error| error.hint);
        assert_eq!(shown.as_deref().map_err(String::as_str), expected, "{text}");
    }

    #[test]
    fn networks() {
        let form = Err("write an address and a prefix, such as `10.0.0.0/8`");
        check("10.0.0.0/8", Ok("10.0.0.0/8"));
        check("192.0.2.7", Ok("192.0.2.7/32"));
        check("2001:db8::/32", Ok("2001:db8::/32"));
        check("::1", Ok("::1/128"));
        check("10.0.0.1/8", Err("write the network, `10.0.0.0/8`, or the address alone, `10.0.0.1`"));
        check("0.0.0.0/0", Err("write the networks of the proxies alone"));
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "lb.example.com", "::/129", "10.0.0.0/8/8"] {
            check(wrong, form);
        }
    }
}
