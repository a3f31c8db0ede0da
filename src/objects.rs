//! Structs are read from objects alone. The readers that serde derives take a list of the fields' values in their order
//! as well: no file of ours is written like that, a wrong file could pass for a right one, and the code for it takes a
//! fortieth of the program.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde_json::Value;

/// Reads a value from what a format reads.
///
/// # Errors
/// As the format says them, with their place in the text.
pub(crate) fn read<'de, T: Deserialize<'de>, D: Deserializer<'de>>(format: D) -> Result<T, D::Error> {
    T::deserialize(Objects(format))
}

/// Reads the whole of a JSON text.
///
/// # Errors
/// As [`serde_json::from_str`], and for a list in place of an object.
pub(crate) fn from_str<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let mut format = serde_json::Deserializer::from_str(text);
    let value = read(&mut format)?;
    format.end()?;
    Ok(value)
}

/// Reads a JSON value.
///
/// # Errors
/// As [`serde_json::from_value`], and for a list in place of an object.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> serde_json::Result<T> {
    read(value)
}

/// Each part of a reader, with objects alone for structs, there and in all that it reads.
struct Objects<T>(T);

/// The reader of a struct, which takes an object alone: formats give it a list as well, whatever it asks for.
struct Members<V>(V);

/// The same for what an enum's variant with fields is read from.
struct ObjectOf<V>(V);

macro_rules! as_the_format_does {
    ($($method:ident($($name:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* Objects(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    as_the_format_does! {
        deserialize_any() deserialize_ignored_any() deserialize_identifier() deserialize_option() deserialize_unit()
        deserialize_bool() deserialize_char() deserialize_str() deserialize_string() deserialize_bytes()
        deserialize_byte_buf() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_f32() deserialize_f64()
        deserialize_seq() deserialize_map()
        deserialize_unit_struct(name: &'static str) deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(length: usize) deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(Members(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, format: D) -> Result<T::Value, D::Error> {
        self.0.deserialize(Objects(format))
    }
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for ObjectOf<V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, format: D) -> Result<V::Value, D::Error> {
        format.deserialize_map(Members(self.0))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Members<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Objects(members))
    }
}

macro_rules! as_the_visitor_does {
    ($($method:ident($type:ty))*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Objects<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(formatter)
    }

    as_the_visitor_does! {
        visit_bool(bool) visit_i64(i64) visit_u64(u64) visit_f64(f64)
        visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
        visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, format: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Objects(format))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, format: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Objects(format))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Objects(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Objects(members))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Objects(variant))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(Objects(seed))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Objects(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Objects<A> {
    type Error = A::Error;
    type Variant = Objects<A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self::Variant), A::Error> {
        let (value, variant) = self.0.variant_seed(Objects(seed))?;
        Ok((value, Objects(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        self.0.newtype_variant_seed(Objects(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(length, Objects(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.newtype_variant_seed(ObjectOf(visitor))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Inner {
        text: String,
        numbers: (u8, f64, Option<i64>),
    }

    #[derive(Debug, Deserialize, PartialEq)]
    enum Variant {
        Unit,
        Of(Inner),
        With { inner: Option<Inner> },
        Pair(u64, bool),
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Outer {
        value: Value,
        inner: Vec<Inner>,
        variants: Vec<Variant>,
    }

    const WHOLE: &str = r#"{
        "value": [1e400, {"a": [null, true]}],
        "inner": [{"text": "ä", "numbers": [255, -0.5, null]}],
        "variants": [
            "Unit",
            {"Of": {"text": "", "numbers": [0, 1, -9]}},
            {"With": {"inner": {"text": "x", "numbers": [1, 2, 3]}}},
            {"Pair": [18446744073709551615, false]}
        ]
    }"#;

    #[test]
    fn objects_are_read_as_serde_json_reads_them() {
        let derived: Outer = serde_json::from_str(WHOLE).unwrap();
        assert_eq!(from_str::<Outer>(WHOLE).unwrap(), derived);
        assert_eq!(from_value::<Outer>(serde_json::from_str(WHOLE).unwrap()).unwrap(), derived);
        for wrong in [
            WHOLE.replace("255", "256"),
            WHOLE.replace("true", "tru"),
            WHOLE.replace("\"Unit\"", "\"Other\""),
            WHOLE.replace("\"inner\": [", "\"inner\": [1, "),
            format!("{WHOLE} x"),
        ] {
            let derived = serde_json::from_str::<Outer>(&wrong).unwrap_err();
            assert_eq!(from_str::<Outer>(&wrong).unwrap_err().to_string(), derived.to_string(), "{wrong}");
        }
    }

    #[test]
    fn a_list_is_no_struct() {
        for list in [
            WHOLE.replace(r#"{"text": "ä", "numbers": [255, -0.5, null]}"#, r#"["ä", [255, -0.5, null]]"#),
            WHOLE.replace(r#"{"text": "", "numbers": [0, 1, -9]}"#, r#"["", [0, 1, -9]]"#),
            WHOLE.replace(r#"{"inner": {"text": "x", "numbers": [1, 2, 3]}}"#, "[null]"),
        ] {
            assert!(serde_json::from_str::<Outer>(&list).is_ok(), "serde reads it as a struct: {list}");
            assert!(from_str::<Outer>(&list).is_err(), "{list}");
            assert!(from_value::<Outer>(serde_json::from_str(&list).unwrap()).is_err(), "{list}");
        }
    }
}
