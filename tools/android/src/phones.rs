//! Which phones there are, and which one is meant.

use std::fmt;
use std::time::Duration;

use crate::AndroidError;
use crate::adb::Adb;
use crate::error::Listed;

/// A phone that adb sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    pub serial: String,
    /// adb's own word: `device`, `unauthorized`, `offline`, ...
    pub state: String,
    /// As the maker calls it; empty if the phone does not say.
    pub model: String,
}

impl Phone {
    pub fn is_ready(&self) -> bool {
        self.state == "device"
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.serial)?;
        if !self.model.is_empty() {
            write!(f, " ({})", self.model)?;
        }
        if self.is_ready() { Ok(()) } else { write!(f, " {}", self.state) }
    }
}

/// Reads what `adb devices -l` prints.
pub(crate) fn parse(listing: &str) -> Vec<Phone> {
    listing.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<Phone> {
    // "List of devices attached", and the server's own news: "* daemon started successfully".
    if line.starts_with("List of devices") || line.starts_with('*') || line.starts_with("adb ") {
        return None;
    }
    let (serial, rest) = line.split_once(char::is_whitespace)?;
    if !is_serial(serial) {
        return None;
    }
    let rest = rest.trim();
    let state = if rest.starts_with("no permissions") { "no permissions" } else { rest.split(' ').next()? };
    let model = rest.split(' ').find_map(|word| word.strip_prefix("model:")).unwrap_or_default();
    Some(Phone { serial: serial.to_owned(), state: state.to_owned(), model: model.replace('_', " ") })
}

/// Whether this can be a serial number, or the address of a phone in the network. It becomes an argument of adb, so
/// nothing that looks like an option is one.
pub(crate) fn is_serial(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '_' | '-' | '[' | ']' | '(' | ')' | '%');
    !text.is_empty() && text.len() <= 200 && !text.starts_with('-') && text.chars().all(plain)
}

/// Whether this is an address that `adb connect` takes: a host and a port.
pub(crate) fn is_address(serial: &str) -> bool {
    serial.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

/// Finds the phone that is meant: the one with this serial number, or the only one that there is.
///
/// # Errors
/// No such phone, several without a serial number, or one that is not ready. The message lists what there is.
pub(crate) async fn choose(adb: &Adb, serial: Option<&str>) -> Result<Phone, AndroidError> {
    let Some(serial) = serial else { return only_one(adb.phones().await?) };
    if !is_serial(serial) {
        return Err(AndroidError::BadSerial { serial: serial.to_owned() });
    }
    let named = |phones: &[Phone]| phones.iter().find(|phone| phone.serial == serial).cloned();
    let mut phones = adb.phones().await?;
    if is_address(serial) && !named(&phones).is_some_and(|phone| phone.is_ready()) {
        adb.connect(serial).await?;
        phones = settled(adb, serial).await?;
    }
    match named(&phones) {
        Some(phone) if phone.is_ready() => Ok(phone),
        Some(phone) => Err(AndroidError::NotReady { state: phone.state }),
        None => Err(AndroidError::NoSuchPhone { serial: serial.to_owned(), phones: Listed(phones) }),
    }
}

/// The phones once the new one is more than a connection: for a moment adb calls it offline.
async fn settled(adb: &Adb, serial: &str) -> Result<Vec<Phone>, AndroidError> {
    const LOOKS: u32 = 20;
    for look in 1.. {
        let phones = adb.phones().await?;
        let is_new = |phone: &Phone| {
            phone.serial == serial && matches!(phone.state.as_str(), "offline" | "connecting" | "authorizing")
        };
        if look == LOOKS || !phones.iter().any(is_new) {
            return Ok(phones);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(Vec::new())
}

fn only_one(phones: Vec<Phone>) -> Result<Phone, AndroidError> {
    let mut ready = phones.iter().filter(|phone| phone.is_ready());
    match (ready.next(), ready.next()) {
        (Some(phone), None) => Ok(phone.clone()),
        (Some(_), Some(_)) => Err(AndroidError::SeveralPhones { phones: Listed(phones) }),
        (None, _) => match phones.as_slice() {
            [phone] => Err(AndroidError::NotReady { state: phone.state.clone() }),
            _ => Err(AndroidError::NoPhone { seen: Listed(phones) }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: &str = "* daemon not running; starting now at tcp:5037\n* daemon started successfully\n\
        List of devices attached\n\
        R58M42ABCDE            device usb:1-2 product:beyond1 model:SM_G973F device:beyond1 transport_id:3\n\
        192.168.1.20:5555      offline transport_id:4\n\
        0123456789ABCDEF       no permissions (user in plugdev group; are your udev rules wrong?); see [http://x]\n\
        ZY22                   unauthorized usb:1-3 transport_id:5\n\n";

    #[test]
    fn a_listing_is_read() {
        let phones = parse(LISTING);
        let shown: Vec<String> = phones.iter().map(Phone::to_string).collect();
        assert_eq!(
            shown,
            [
                "R58M42ABCDE (SM G973F)",
                "192.168.1.20:5555 offline",
                "0123456789ABCDEF no permissions",
                "ZY22 unauthorized"
            ]
        );
        assert_eq!(parse("\n--help device\n\u{1b}[31m device\n"), []);
    }

    fn check(states: &[&str], expected: &str) {
        let phone = |(state, number): (&&str, u32)| Phone {
            serial: format!("P{number}"),
            state: (*state).to_owned(),
            model: String::new(),
        };
        let found = only_one(states.iter().zip(1..).map(phone).collect());
        let text = found.map_or_else(|error| error.to_string(), |phone| phone.serial);
        assert!(text.contains(expected), "{states:?}: {text}");
    }

    #[test]
    fn without_a_serial_exactly_one_phone_must_be_ready() {
        check(&["device"], "P1");
        check(&["unauthorized", "device"], "P2");
        check(&["device", "device"], "several phones are connected\n  P1\n  P2\nhint: say which: --device android:P1");
        check(&[], "no phone is connected\nhint: plug one in");
        check(&["unauthorized"], "the phone is unauthorized\nhint: unlock the phone and answer");
        check(&["unauthorized", "offline"], "no phone is connected\n  P1 unauthorized\n  P2 offline");
    }

    #[test]
    fn serials_are_no_options() {
        for (text, serial, address) in [
            ("emulator-5554", true, false),
            ("192.168.1.20:5555", true, true),
            ("[::1]:5555", true, true),
            ("host:x", true, false),
            (":5555", true, false),
            ("-s", false, false),
            ("", false, false),
            ("a b", false, false),
            ("$(id)", false, false),
        ] {
            assert_eq!((is_serial(text), is_address(text)), (serial, address), "{text}");
        }
    }
}
