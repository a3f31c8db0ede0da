//! Reads DER, as far as certificates and PFX files need it.

/// Tags, as they are encoded.
pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const OID: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;
/// `[0]` around another element, and in place of one.
pub const ZERO: u8 = 0xa0;
pub const ZERO_IMPLICIT: u8 = 0x80;

/// What is read isn't the DER that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it isn't valid DER")]
pub struct NotDer;

/// Elements, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'a>(pub &'a [u8]);

impl<'a> Elements<'a> {
    /// The contents of the next element, which has this tag. It stays the next one if it has another.
    pub fn read(&mut self, tag: u8) -> Result<&'a [u8], NotDer> {
        let mut rest = *self;
        let (found, contents) = rest.next().ok_or(NotDer)?;
        if found != tag {
            return Err(NotDer);
        }
        *self = rest;
        Ok(contents)
    }

    /// What is inside the next element, which has this tag.
    pub fn inside(&mut self, tag: u8) -> Result<Self, NotDer> {
        self.read(tag).map(Self)
    }
}

impl<'a> Iterator for Elements<'a> {
    /// A tag and contents.
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[tag, first], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, contents))
    }
}

/// Who issued a certificate, and whose it is: two names.
pub fn issuer_and_subject(certificate: &[u8]) -> Result<(&[u8], &[u8]), NotDer> {
    let mut fields = Elements(certificate).inside(SEQUENCE)?.inside(SEQUENCE)?;
    let _version = fields.read(ZERO);
    let _serial = fields.read(INTEGER)?;
    let _algorithm = fields.read(SEQUENCE)?;
    let issuer = fields.read(SEQUENCE)?;
    let _validity = fields.read(SEQUENCE)?;
    Ok((issuer, fields.read(SEQUENCE)?))
}

/// A name as text: its common name, or all that is known of it without one.
pub fn name_as_text(name: &[u8]) -> String {
    /// The last number of 2.5.4.x.
    const KNOWN: [(u8, &str); 6] = [(3, "CN"), (6, "C"), (7, "L"), (8, "ST"), (10, "O"), (11, "OU")];
    let attributes = Elements(name).flat_map(|(_, set)| Elements(set)).filter_map(|(_, attribute)| {
        let mut attribute = Elements(attribute);
        let [0x55, 4, number] = attribute.read(OID).ok()? else { return None };
        let (_, value) = attribute.next()?;
        let (_, short) = KNOWN.iter().find(|(known, _)| known == number)?;
        Some((*short, std::str::from_utf8(value).ok()?))
    });
    let attributes: Vec<_> = attributes.collect();
    attributes.iter().find(|(short, _)| *short == "CN").map_or_else(
        || attributes.iter().map(|(short, value)| format!("{short}={value}")).collect::<Vec<_>>().join(", "),
        |(_, common)| (*common).to_owned(),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_in_their_short_and_long_forms() {
        let long = [&[OCTETS, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        let mut both = Elements(&long);
        assert_eq!(both.read(INTEGER), Err(NotDer));
        assert_eq!(both.read(OCTETS), Ok(&[7; 256][..]));
        assert_eq!(both.next(), None);
        // Cut off, of no definite length, and longer than anything.
        for broken in
            [&[][..], &[OCTETS], &[OCTETS, 2, 0], &[SEQUENCE, 0x80, 0, 0], &[OCTETS, 0x84, 255, 255, 255, 255]]
        {
            assert_eq!(Elements(broken).next(), None, "{broken:x?}");
        }
    }

    #[test]
    fn a_name_without_a_common_name_is_all_that_is_known_of_it() {
        let attribute = |number: u8, text: &str| {
            let value = [&[0x0c, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            let inside = [&[OID, 3, 0x55, 4, number][..], &value].concat();
            let sequence = [&[SEQUENCE, u8::try_from(inside.len()).unwrap()][..], &inside].concat();
            [&[SET, u8::try_from(sequence.len()).unwrap()][..], &sequence].concat()
        };
        let organization = [attribute(6, "DE"), attribute(10, "Contoso"), attribute(11, "IT")].concat();
        assert_eq!(name_as_text(&organization), "C=DE, O=Contoso, OU=IT");
        assert_eq!(name_as_text(&[organization, attribute(3, "Inspecting Proxy")].concat()), "Inspecting Proxy");
        assert_eq!(name_as_text(b"nonsense"), "");
    }
}
