//! Types of the tables of a file of the knowledge base, as `src/build.rs` reads their names.

/// Defines a type with a variant for each table of a file, and what the table says of it. A test reads the whole file,
/// and finds each variant in it; what isn't there has a table without anything.
macro_rules! of_tables {
    ($(#[$meta:meta])* $name:ident, $path:literal, $(#[$asked:meta])* $entry:ident -> $table:ident:
        $($variant:ident = $text:literal,)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`")]
                #[serde(rename = $text)]
                $variant,
            )*
        }

        impl $name {
            /// All of them, in the order of the file.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in files.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            $(#[$asked])*
            #[must_use]
            pub fn $entry(self) -> &'static $table {
                use std::sync::LazyLock;
                static NONE: LazyLock<$table> = LazyLock::new($table::default);
                static TABLES: LazyLock<std::collections::BTreeMap<$name, $table>> =
                    LazyLock::new(|| read().unwrap_or_default());
                TABLES.get(&self).unwrap_or(&NONE)
            }
        }

        fn read() -> Result<std::collections::BTreeMap<$name, $table>, crate::packed::Unreadable> {
            crate::packed::read(packed!($path))
        }
    };
}

pub(super) use of_tables;
